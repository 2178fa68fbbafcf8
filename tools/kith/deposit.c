/* deposit.c - a whole tree is made beside the old one, files that are the same by a second name,
 * and then the two change places. */
#include "tools/kith/deposit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/folder.h"
#include "schema/codec.h"

enum {
    HEADER_MAX = 4096,
    DIGESTS_MAX = 1024 * 1024 * 1024, /* bytes: some ten million files */
};

const char deposit_file[] = "backup.json";
static const char s_incoming[] = "incoming", s_outgoing[] = "outgoing";

struct deposit {
    char folder[PATH_MAX];
    char incoming[PATH_MAX];
    int lock;
    arena_t *arena;
    const backup_t *backup; /* NULL: there is no whole one */
    digests_t files;        /* of it */
    digests_t next;
    bool begun;     /* the next one is being made */
    uint64_t bytes; /* of it */
    uint64_t fresh;
};

static bool s_refuse(const char *folder, const char *words)
{
    fprintf(stderr, "kith: %s: %s\n", folder, words);
    return false;
}

/* ---- a whole backup ---- */

static const backup_t *s_parse(slice_t text, arena_t *arena)
{
    const json_node_t *root = NULL;
    fault_t fault;
    void *object;
    backup_t *backup = NULL;
    err_t err = json_parse(text, &root);
    if (err == ERR_OK)
        err = codec_from_json(root, shape_backup(), UNKNOWN_IGNORED, arena, &fault, &object);
    if (err == ERR_OK) { /* texts point into the tree, which goes */
        backup = object;
        backup->hash = arena_copy(arena, backup->hash);
        backup->digests = arena_copy(arena, backup->digests);
    }
    json_free(&root);
    return backup;
}

static bool s_fits(const backup_t *backup, slice_t digests)
{
    uint8_t hash[HASH_SIZE];
    buf_t hex = {0};
    crypto_blake256(digests, hash);
    crypto_hex(&hex, slice_new(hash, HASH_SIZE));
    bool fits = slice_eq(buf_slice(&hex), backup->digests);
    buf_free(&hex);
    return fits;
}

static bool s_read_digests(deposit_t *deposit, const backup_t *backup)
{
    buf_t text = {0};
    struct stat seen;
    char path[PATH_MAX];
    bool good = tree_join(path, deposit->folder, digests_file) && stat(path, &seen) == 0 &&
                seen.st_size < DIGESTS_MAX;
    if (good)
        good = folder_get(deposit->folder, digests_file, (size_t)seen.st_size, &text) == ERR_OK &&
               s_fits(backup, buf_slice(&text)) &&
               digests_read(buf_slice(&text), &deposit->files) == ERR_OK;
    buf_free(&text);
    return good;
}

/* The backup that is there: NULL and a sentence when there is none that is whole. */
static const char *s_load(deposit_t *deposit)
{
    buf_t text = {0};
    err_t err = folder_get(deposit->folder, deposit_file, HEADER_MAX, &text);
    const backup_t *backup = err == ERR_OK ? s_parse(buf_slice(&text), deposit->arena) : NULL;
    buf_free(&text);
    if (err != ERR_OK)
        return "there is no backup.json, so this is no whole backup";
    if (backup == NULL)
        return "damaged: backup.json cannot be read";
    if (!s_read_digests(deposit, backup))
        return "damaged: `digests` is not the file that backup.json knows";
    deposit->backup = backup;
    return NULL;
}

static bool s_lock(deposit_t *deposit, int how)
{
    deposit->lock = open(deposit->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (deposit->lock < 0)
        return tree_complain(deposit->folder);
    if (flock(deposit->lock, how | LOCK_NB) == 0)
        return true;
    return errno == EWOULDBLOCK ? s_refuse(deposit->folder, "another backup or restore is at work")
                                : tree_complain(deposit->folder);
}

static deposit_t *s_new(const char *folder)
{
    deposit_t *deposit = mem_new(deposit_t);
    snprintf(deposit->folder, sizeof deposit->folder, "%s", folder);
    deposit->lock = -1;
    deposit->arena = arena_new();
    return deposit;
}

bool deposit_open(const char *folder, deposit_t **ret_deposit)
{
    deposit_t *deposit = s_new(folder);
    bool good = s_lock(deposit, LOCK_SH);
    if (good) {
        const char *fault = s_load(deposit);
        good = fault == NULL || s_refuse(folder, fault);
    }
    if (good)
        *ret_deposit = TAKE(deposit);

    deposit_close(&deposit); /* NULL after TAKE: closes on failure only */
    return good;
}

void deposit_close(deposit_t **deposit_p)
{
    deposit_t *deposit = *deposit_p;
    if (deposit == NULL)
        return;
    if (deposit->begun)
        (void)tree_remove(deposit->incoming); /* it did not come about */
    if (deposit->lock >= 0)
        close(deposit->lock);
    digests_free(&deposit->files);
    digests_free(&deposit->next);
    arena_destroy(&deposit->arena);
    mem_free(deposit);
    *deposit_p = NULL;
}

const backup_t *deposit_backup(const deposit_t *deposit)
{
    return deposit->backup;
}

const digests_t *deposit_files(const deposit_t *deposit)
{
    return &deposit->files;
}

/* ---- the next one ---- */

/* What is neither a backup nor on its way to be one is somebody else's. */
static bool s_is_ours(const deposit_t *deposit)
{
    char path[PATH_MAX];
    if (deposit->backup != NULL || tree_is_empty(deposit->folder, s_incoming))
        return true;
    if (tree_join(path, deposit->folder, s_outgoing) && access(path, F_OK) == 0)
        return true;
    return s_refuse(deposit->folder, "it is neither empty nor a backup");
}

static bool s_make_incoming(deposit_t *deposit)
{
    char outgoing[PATH_MAX];
    return tree_join(deposit->incoming, deposit->folder, s_incoming) &&
           tree_join(outgoing, deposit->folder, s_outgoing) &&
           (access(deposit->incoming, F_OK) != 0 || tree_remove(deposit->incoming)) &&
           (deposit->backup == NULL || access(outgoing, F_OK) != 0 || tree_remove(outgoing)) &&
           tree_make(deposit->incoming);
}

bool deposit_begin(const char *folder, deposit_t **ret_deposit)
{
    deposit_t *deposit = s_new(folder);
    bool good = tree_make(folder) && s_lock(deposit, LOCK_EX);
    if (good)
        s_load(deposit);
    good = good && s_is_ours(deposit) && s_make_incoming(deposit);
    deposit->begun = good;
    if (good)
        *ret_deposit = TAKE(deposit);

    deposit_close(&deposit); /* NULL after TAKE: closes on failure only */
    return good;
}

const char *deposit_incoming(const deposit_t *deposit)
{
    return deposit->incoming;
}

bool deposit_has(const deposit_t *deposit, const char *path)
{
    char there[PATH_MAX];
    return tree_join(there, deposit->incoming, path) && access(there, F_OK) == 0;
}

static bool s_add(deposit_t *deposit, const char *path, const tree_copied_t *copied)
{
    deposit->bytes += copied->bytes;
    return digests_add(&deposit->next, path, copied->hash) ||
           s_refuse(path, "a file of this name cannot be kept");
}

bool deposit_keep(deposit_t *deposit, const char *path, uint64_t bytes)
{
    char old[PATH_MAX], made[PATH_MAX];
    struct stat seen;
    tree_copied_t copied = {.bytes = bytes};
    const digest_t *known = digests_find(&deposit->files, path);
    if (known == NULL || !tree_join(old, deposit->folder, path) ||
        !tree_join(made, deposit->incoming, path) || lstat(old, &seen) != 0 ||
        !S_ISREG(seen.st_mode) || (uint64_t)seen.st_size != bytes || !tree_same(old, made))
        return false;
    memcpy(copied.hash, known->hash, HASH_SIZE);
    return s_add(deposit, path, &copied);
}

bool deposit_take(deposit_t *deposit, int fd, const char *from, const char *path, bool lasting)
{
    char made[PATH_MAX];
    tree_copied_t copied;
    if (!tree_join(made, deposit->incoming, path))
        return false;
    bool good =
        lasting ? tree_link(fd, from, made, &copied) : tree_copy(fd, UINT64_MAX, made, &copied);
    deposit->fresh += good ? copied.bytes : 0;
    return good && s_add(deposit, path, &copied);
}

bool deposit_put(deposit_t *deposit, const char *path, slice_t bytes)
{
    char made[PATH_MAX];
    tree_copied_t copied;
    if (!tree_join(made, deposit->incoming, path) || !tree_write(bytes, made, &copied))
        return false;
    deposit->fresh += copied.bytes;
    return s_add(deposit, path, &copied);
}

uint64_t deposit_fresh(const deposit_t *deposit)
{
    return deposit->fresh;
}

/* ---- changing places ---- */

/* Rename all that lies in `from`, but for the folders of the deposit itself. */
static bool s_move_all(const char *from, const char *to)
{
    bool good = true;
    DIR *list = opendir(from);
    if (list == NULL)
        return tree_complain(from);
    for (struct dirent *entry = readdir(list); entry != NULL && good; entry = readdir(list)) {
        char old[PATH_MAX], made[PATH_MAX];
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, s_incoming) == 0 ||
            strcmp(name, s_outgoing) == 0)
            continue;
        good = tree_join(old, from, name) && tree_join(made, to, name) &&
               (rename(old, made) == 0 || tree_complain(old));
    }
    closedir(list);
    return good;
}

static bool s_change_places(deposit_t *deposit)
{
    char outgoing[PATH_MAX], header[PATH_MAX];
    if (!tree_join(outgoing, deposit->folder, s_outgoing) ||
        !tree_join(header, deposit->folder, deposit_file))
        return false;
    if (unlink(header) != 0 && errno != ENOENT)
        return tree_complain(header);
    return (access(outgoing, F_OK) != 0 || tree_remove(outgoing)) &&
           folder_sync(deposit->folder) == ERR_OK && tree_make(outgoing) &&
           s_move_all(deposit->folder, outgoing) &&
           s_move_all(deposit->incoming, deposit->folder) && folder_sync(deposit->folder) == ERR_OK;
}

static bool s_put_header(deposit_t *deposit, backup_t *backup, slice_t digests)
{
    uint8_t hash[HASH_SIZE];
    buf_t hex = {0}, text = {0};
    crypto_blake256(digests, hash);
    crypto_hex(&hex, slice_new(hash, HASH_SIZE));
    backup->digests = buf_slice(&hex);
    codec_put_json(&text, shape_backup(), backup);
    buf_append_byte(&text, '\n');
    err_t err = folder_put(deposit->folder, deposit_file, buf_slice(&text));
    backup->digests = (slice_t){0};
    buf_free(&hex);
    buf_free(&text);
    return err == ERR_OK;
}

static bool s_clean(deposit_t *deposit)
{
    char outgoing[PATH_MAX];
    deposit->begun = false;
    return tree_join(outgoing, deposit->folder, s_outgoing) && tree_remove(outgoing) &&
           tree_remove(deposit->incoming);
}

bool deposit_commit(deposit_t *deposit, backup_t *backup)
{
    buf_t digests = {0};
    digests_sort(&deposit->next);
    digests_put(&digests, &deposit->next);
    backup->kith_backup = 1;
    backup->files = deposit->next.count;
    backup->bytes = deposit->bytes;
    bool good = folder_put(deposit->incoming, digests_file, buf_slice(&digests)) == ERR_OK &&
                tree_sync(deposit->incoming) && s_change_places(deposit) &&
                s_put_header(deposit, backup, buf_slice(&digests)) && s_clean(deposit);
    buf_free(&digests);
    return good;
}
