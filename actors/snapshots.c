/* snapshots.c - manifests are read, and one is held against a need. */
#include "actors/snapshots.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/log.h"
#include "actors/store.h"

enum { NAME_DIGITS = 20, MANIFEST_MAX = 64 * 1024 };

const char snapshots_folder[] = "snapshots";
const char snapshots_new[] = "new";
const char snapshots_old[] = "old";
const char snapshots_manifest[] = "manifest.json";

/* ---- names ---- */

uint64_t snapshots_named(const char *name)
{
    if (strlen(name) != NAME_DIGITS || strspn(name, "0123456789") != NAME_DIGITS)
        return 0;
    return strtoull(name, NULL, 10);
}

static void s_join(char ret_path[PATH_MAX], const char *data, const char *snapshot,
                   const char *name)
{
    if (snprintf(ret_path, PATH_MAX, "%s/%s/%s/%s", data, snapshots_folder, snapshot, name) >=
        PATH_MAX)
        ret_path[0] = '\0'; /* no such folder, then */
}

void snapshots_path(char ret_path[PATH_MAX], const char *data, uint64_t number, const char *actor)
{
    char name[NAME_DIGITS + 1];
    snprintf(name, sizeof name, "%020llu", (unsigned long long)number);
    s_join(ret_path, data, name, actor);
}

void snapshots_path_new(char ret_path[PATH_MAX], const char *data, const char *actor)
{
    s_join(ret_path, data, snapshots_new, actor);
}

/* ---- reading ---- */

static err_t s_get_file(const char *path, buf_t *out)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return ERR_NOT_FOUND;
    out->len = fread(buf_reserve(out, MANIFEST_MAX), 1, MANIFEST_MAX, file);
    fclose(file);
    return ERR_OK;
}

/* Texts point into the tree, which lies in the arena's copy of the text. */
static err_t s_parse(slice_t text, arena_t *arena, snapshot_t *ret_snapshot)
{
    const json_node_t *root = NULL;
    const void *copy = NULL;
    void *object = NULL;
    buf_t packed = {0};
    fault_t fault;
    err_t err = json_parse(text, &root);
    if (err == ERR_OK)
        err = codec_from_json(root, shape_snapshot(), UNKNOWN_IGNORED, arena, &fault, &object);
    if (err == ERR_OK) {
        codec_pack(&packed, shape_snapshot(), object);
        err = codec_unpack(arena_copy(arena, buf_slice(&packed)), shape_snapshot(), arena, &fault,
                           &copy);
    }
    if (err == ERR_OK)
        *ret_snapshot = *(const snapshot_t *)copy;
    buf_free(&packed);
    json_free(&root);
    return err;
}

static bool s_read_one(const char *data, uint64_t number, arena_t *arena, snapshot_t *ret_snapshot)
{
    char path[PATH_MAX];
    buf_t text = {0};
    snapshots_path(path, data, number, snapshots_manifest);
    err_t err = s_get_file(path, &text);
    if (err == ERR_OK)
        err = s_parse(buf_slice(&text), arena, ret_snapshot);
    if (err == ERR_OK && ret_snapshot->number != number)
        err = ERR_CORRUPT;
    if (err != ERR_OK)
        log_error("snapshots", "%s: %s", path,
                  err == ERR_NOT_FOUND ? "missing" : "cannot be read as a manifest");
    buf_free(&text);
    return err == ERR_OK;
}

static int s_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* The numbers of all folders; in memory that is the caller's. */
static size_t s_numbers(DIR *folder, uint64_t **ret_numbers)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        uint64_t number = snapshots_named(entry->d_name);
        if (number == 0)
            continue;
        numbers = mem_grow(numbers, (count + 1) * sizeof *numbers);
        numbers[count++] = number;
    }
    if (count > 1)
        qsort(numbers, count, sizeof *numbers, s_compare);
    *ret_numbers = numbers;
    return count;
}

err_t snapshots_read(const char *data, arena_t *arena, snapshots_t *ret_snapshots)
{
    char path[PATH_MAX];
    uint64_t *numbers;
    *ret_snapshots = (snapshots_t){0};
    snprintf(path, sizeof path, "%s/%s", data, snapshots_folder);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return ERR_NOT_FOUND;
    size_t found = s_numbers(folder, &numbers), count = 0;
    closedir(folder);
    snapshot_t *items = arena_alloc(arena, (found + 1) * sizeof *items);
    for (size_t i = 0; i < found; i++)
        count += s_read_one(data, numbers[i], arena, &items[count]);
    mem_free(numbers);
    *ret_snapshots = (snapshots_t){items, count};
    return ERR_OK;
}

const snapshot_part_t *snapshots_part(const snapshot_t *snapshot, const char *actor)
{
    const snapshot_part_t *parts = snapshot->parts.items;
    for (size_t i = 0; i < snapshot->parts.count; i++)
        if (slice_is(parts[i].actor, actor))
            return &parts[i];
    return NULL;
}

/* ---- finding ---- */

static bool s_readable(const actor_row_t *row, uint64_t format)
{
    return format == row->format ||
           (row->convert != NULL && format >= row->converts && format < row->format);
}

/* Why it will not do, as far as the manifest tells; NULL if it may. */
static const char *s_fault(const snapshot_need_t *need, const snapshot_part_t *part)
{
    if (part == NULL)
        return "does not have this actor";
    if (!s_readable(need->row, part->format))
        return "has rows of another version's format";
    if (part->seq > need->until || (need->before > 0 && part->time > need->before))
        return "is of a later time";
    return part->base + 1 < need->first ? "is older than the journal's first record" : NULL;
}

static const char *s_fault_on_disk(const snapshot_part_t *part, const char *path)
{
    uint64_t applied = 0;
    uint8_t digest[CRYPTO_BLAKE256_SIZE];
    buf_t hex = {0};
    err_t err = store_inspect(path, &applied, digest);
    crypto_hex(&hex, slice_new(digest, sizeof digest));
    bool same = err == ERR_OK && applied == part->seq && slice_eq(part->digest, buf_slice(&hex));
    buf_free(&hex);
    return same ? NULL : err == ERR_NOT_FOUND ? "is missing" : "is damaged";
}

err_t snapshots_find(const char *data, const snapshot_need_t *need, arena_t *arena,
                     const snapshot_part_t **ret_part, char ret_path[PATH_MAX])
{
    snapshots_t all;
    err_t err = snapshots_read(data, arena, &all);
    for (size_t i = 0; err == ERR_OK && i < all.count; i++) {
        const snapshot_part_t *part = snapshots_part(&all.items[i], need->row->name);
        const char *fault = s_fault(need, part);
        snapshots_path(ret_path, data, all.items[i].number, need->row->name);
        if (fault == NULL)
            fault = s_fault_on_disk(part, ret_path);
        *ret_part = part;
        if (fault == NULL)
            return ERR_OK;
        log_warn("snapshots", "%s: %s", ret_path, fault);
    }
    return ERR_NOT_FOUND;
}

err_t snapshots_restore(const char *data, const snapshot_need_t *need, store_t *store,
                        arena_t *arena, const snapshot_part_t **ret_part)
{
    char path[PATH_MAX];
    err_t err = snapshots_find(data, need, arena, ret_part, path);
    if (err != ERR_OK)
        return err;
    bool older = (*ret_part)->format != need->row->format;
    log_info(need->row->name, "made from %s, which is at %llu", path,
             (unsigned long long)(*ret_part)->seq);
    return store_take(store, path, older ? need->row->convert : NULL);
}
