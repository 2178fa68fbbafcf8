/* cut.c - files as two lists: what is safe of each, and what waits.
 *
 * Bytes lie on the disk in sectors of 512: one that is overwritten is there whole or as it was,
 * and what makes a file longer may end anywhere. */
#include "tests/crash/cuts/cut.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/buf.h"
#include "schema/mem.h"

enum { SECTOR = 512 };

/* A file by its number. */
typedef struct file {
    buf_t safe;
    size_t *waiting; /* deeds: writes, and cuts to nothing, that no sync covers */
    size_t waiting_count, waiting_size;
} file_t;

/* A name and what it stands for. */
typedef struct name {
    char path[256];
    uint32_t file; /* 0: a folder */
} name_t;

typedef struct names {
    name_t *items;
    size_t count, size;
} names_t;

struct cut {
    const deed_t *deeds;
    size_t count;
    size_t at;   /* so many are done */
    size_t safe; /* the names of so many are sure to be there */
    file_t *files;
    uint32_t file_count;
    names_t names; /* as of `safe` */
};

/* ---- chance: splitmix64 ---- */

static uint64_t s_draw(uint64_t *seed)
{
    uint64_t mixed = *seed += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

static size_t s_below(uint64_t *seed, size_t limit)
{
    return limit > 0 ? s_draw(seed) % limit : 0;
}

/* ---- names ---- */

static void s_name_add(names_t *names, const char *path, uint32_t file)
{
    if (names->count == names->size) {
        names->size = names->size > 0 ? names->size * 2 : 64;
        names->items = mem_grow(names->items, names->size * sizeof *names->items);
    }
    name_t *name = &names->items[names->count++];
    assert(strlen(path) < sizeof name->path);
    snprintf(name->path, sizeof name->path, "%s", path);
    name->file = file;
}

/* The path itself, or something in it. */
static bool s_name_in(const name_t *name, const char *path)
{
    size_t len = strlen(path);
    return strncmp(name->path, path, len) == 0 &&
           (name->path[len] == '\0' || name->path[len] == '/');
}

static void s_name_remove(names_t *names, const char *path)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++)
        if (!s_name_in(&names->items[i], path))
            names->items[kept++] = names->items[i];
    names->count = kept;
}

static void s_name_move(names_t *names, const char *path, const char *to)
{
    s_name_remove(names, to);
    for (size_t i = 0; i < names->count; i++) {
        name_t *name = &names->items[i];
        char moved[sizeof name->path + PATH_MAX];
        if (!s_name_in(name, path))
            continue;
        snprintf(moved, sizeof moved, "%s%s", to, name->path + strlen(path));
        assert(strlen(moved) < sizeof name->path);
        memcpy(name->path, moved, strlen(moved) + 1);
    }
}

static void s_name_deed(names_t *names, const deed_t *deed)
{
    switch (deed->act) {
    case ACT_MAKE:
    case ACT_FOLDER:
        s_name_remove(names, deed->path);
        s_name_add(names, deed->path, deed->file);
        return;
    case ACT_RENAME:
        s_name_move(names, deed->path, deed->to);
        return;
    case ACT_REMOVE:
        s_name_remove(names, deed->path);
        return;
    case ACT_EMPTY:
    case ACT_WRITE:
    case ACT_SYNC:
    case ACT_SETTLE:
        return;
    }
}

/* All names up to the deed `at` are safe. */
static void s_settle_names(cut_t *cut, size_t at)
{
    for (; cut->safe < at; cut->safe++)
        s_name_deed(&cut->names, &cut->deeds[cut->safe]);
}

/* ---- bytes ---- */

/* A write, or the first `len` bytes of it. */
static void s_put(buf_t *bytes, const deed_t *deed, size_t from, size_t len)
{
    size_t end = deed->at + from + len;
    if (end > bytes->len) {
        size_t more = end - bytes->len;
        memset(buf_reserve(bytes, more), 0, more);
        bytes->len = end;
    }
    memcpy(bytes->data + deed->at + from, deed->bytes + from, len);
}

static void s_do(buf_t *bytes, const deed_t *deed)
{
    if (deed->act == ACT_EMPTY)
        bytes->len = 0;
    else
        s_put(bytes, deed, 0, deed->len);
}

static void s_wait(file_t *file, size_t deed)
{
    if (file->waiting_count == file->waiting_size) {
        file->waiting_size = file->waiting_size > 0 ? file->waiting_size * 2 : 8;
        file->waiting = mem_grow(file->waiting, file->waiting_size * sizeof *file->waiting);
    }
    file->waiting[file->waiting_count++] = deed;
}

/* Whether a sync has to write names too: the file is longer than it was, or new. */
static bool s_sync_file(cut_t *cut, uint32_t number)
{
    file_t *file = &cut->files[number];
    size_t before = file->safe.len;
    bool emptied = false;
    for (size_t i = 0; i < file->waiting_count; i++) {
        const deed_t *deed = &cut->deeds[file->waiting[i]];
        emptied = emptied || deed->act == ACT_EMPTY;
        s_do(&file->safe, deed);
    }
    file->waiting_count = 0;
    return emptied || before == 0 || file->safe.len != before;
}

static void s_advance(cut_t *cut, size_t at)
{
    for (; cut->at < at; cut->at++) {
        const deed_t *deed = &cut->deeds[cut->at];
        if (deed->act == ACT_WRITE || deed->act == ACT_EMPTY)
            s_wait(&cut->files[deed->file], cut->at);
        bool names =
            deed->act == ACT_SETTLE || (deed->act == ACT_SYNC && s_sync_file(cut, deed->file));
        if (names)
            s_settle_names(cut, cut->at + 1);
    }
}

/* ---- what is left ---- */

/* The sector that a byte of the file is in ends there. */
static size_t s_sector_end(size_t at)
{
    return (at / SECTOR + 1) * SECTOR;
}

/* A write of which a part came to the disk: whole sectors from the front, and where the file grows
 * maybe a part of one more. */
static void s_tear(buf_t *bytes, const deed_t *deed, uint64_t *seed)
{
    size_t len = s_below(seed, deed->len + 1), end = deed->at + len;
    if (end < bytes->len)
        len = end / SECTOR * SECTOR > deed->at ? end / SECTOR * SECTOR - deed->at : 0;
    s_put(bytes, deed, 0, len);
}

/* Each sector of a write is there or not; the size is as if all were. */
static void s_riddle(buf_t *bytes, const deed_t *deed, uint64_t *seed)
{
    if (deed->len > 0 && deed->at + deed->len > bytes->len) {
        size_t more = deed->at + deed->len - bytes->len;
        memset(buf_reserve(bytes, more), 0, more);
        bytes->len += more;
    }
    for (size_t from = 0; from < deed->len;) {
        size_t len = s_sector_end(deed->at + from) - (deed->at + from);
        len = len < deed->len - from ? len : deed->len - from;
        if (s_draw(seed) & 1)
            s_put(bytes, deed, from, len);
        from += len;
    }
}

static void s_leave_bytes(const cut_t *cut, const file_t *file, uint64_t *seed, buf_t *out)
{
    leaving_t leaving = (leaving_t)s_below(seed, LEAVINGS);
    size_t whole = leaving == LEAVING_TORN ? s_below(seed, file->waiting_count) : 0;
    buf_append(out, buf_slice(&file->safe));
    for (size_t i = 0; i < file->waiting_count && leaving != LEAVING_NONE; i++) {
        const deed_t *deed = &cut->deeds[file->waiting[i]];
        if (deed->act == ACT_EMPTY || leaving == LEAVING_ALL || i < whole)
            s_do(out, deed);
        else if (leaving == LEAVING_HOLES)
            s_riddle(out, deed, seed);
        else if (i == whole)
            s_tear(out, deed, seed);
    }
}

static void s_put_file(const char *path, slice_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert(fd >= 0);
    ssize_t wrote = bytes.len > 0 ? write(fd, bytes.ptr, bytes.len) : 0;
    assert(wrote == (ssize_t)bytes.len);
    close(fd);
}

static void s_leave_name(const cut_t *cut, const name_t *name, uint64_t *seed, const char *out)
{
    char path[PATH_MAX];
    buf_t bytes = {0};
    snprintf(path, sizeof path, "%s/%s", out, name->path);
    if (name->file == 0) {
        int made = mkdir(path, 0700);
        assert(made == 0);
        return;
    }
    s_leave_bytes(cut, &cut->files[name->file], seed, &bytes);
    s_put_file(path, buf_slice(&bytes));
    buf_free(&bytes);
}

void cut_leave(cut_t *cut, size_t at, uint64_t seed, const char *out)
{
    assert(at >= cut->at && at <= cut->count);
    s_advance(cut, at);
    names_t names = {.size = cut->names.count + 1};
    names.items = mem_grow(NULL, names.size * sizeof *names.items);
    names.count = cut->names.count;
    memcpy(names.items, cut->names.items, names.count * sizeof *names.items);
    size_t until = cut->safe + s_below(&seed, at - cut->safe + 1);
    for (size_t i = cut->safe; i < until; i++)
        s_name_deed(&names, &cut->deeds[i]);
    for (size_t i = 0; i < names.count; i++)
        s_leave_name(cut, &names.items[i], &seed, out);
    mem_free(names.items);
}

/* ---- coming and going ---- */

cut_t *cut_new(const deed_t *deeds, size_t count)
{
    cut_t *cut = mem_new(cut_t);
    cut->deeds = deeds;
    cut->count = count;
    for (size_t i = 0; i < count; i++)
        if (deeds[i].act == ACT_MAKE && deeds[i].file > cut->file_count)
            cut->file_count = deeds[i].file;
    cut->files = mem_zeroed((cut->file_count + 1) * sizeof *cut->files);
    return cut;
}

void cut_destroy(cut_t **cut_p)
{
    cut_t *cut = *cut_p;
    if (cut == NULL)
        return;
    *cut_p = NULL;
    for (uint32_t i = 0; i <= cut->file_count; i++) {
        buf_free(&cut->files[i].safe);
        mem_free(cut->files[i].waiting);
    }
    mem_free(cut->files);
    mem_free(cut->names.items);
    mem_free(cut);
}
