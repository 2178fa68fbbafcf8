/* level_set.c - CURRENT names the MANIFEST, that names the tables, and the logs follow. */
#include "actors/level_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/log.h"
#include "schema/mem.h"

enum {
    TRIES = 50,                    /* openings of a database that changes all the while */
    FILE_MAX = 1024 * 1024 * 1024, /* bytes; LevelDB's are a thirtieth of it */
};

static int s_open_file(const char *path, const char *name)
{
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%s/%s", path, name);
    return open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

static err_t s_refuse(const char *path, const char *name)
{
    log_error("journal", "%s/%s: %s", path, name, strerror(errno));
    return ERR_STORAGE;
}

/* ---- bytes ---- */

static err_t s_read_all(int fd, buf_t *out)
{
    struct stat seen;
    out->len = 0;
    if (fstat(fd, &seen) != 0)
        return ERR_STORAGE;
    if (!S_ISREG(seen.st_mode) || seen.st_size > FILE_MAX)
        return ERR_OK;
    buf_reserve(out, (size_t)seen.st_size + 1);
    while (out->len < (size_t)seen.st_size) {
        ssize_t got =
            pread(fd, out->data + out->len, (size_t)seen.st_size - out->len, (off_t)out->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_STORAGE;
        if (got == 0)
            break;
        out->len += (size_t)got;
    }
    return ERR_OK;
}

err_t level_set_read(const level_set_t *set, const level_file_t *file, buf_t *out)
{
    err_t err = s_read_all(file->fd, out);
    return err == ERR_OK ? ERR_OK : s_refuse(set->path, file->name);
}

/* A file by its name; ERR_NOT_FOUND where there is none. */
static err_t s_read_named(const char *path, const char *name, buf_t *out)
{
    int fd = s_open_file(path, name);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : s_refuse(path, name);
    err_t err = s_read_all(fd, out);
    if (err != ERR_OK)
        err = s_refuse(path, name);
    close(fd);
    return err;
}

/* ---- what there is ---- */

/* The number of a file "000123.end"; 0: it has no such name. */
static uint64_t s_number(const char *name, const char *end)
{
    char *rest = NULL;
    if (name[0] < '0' || name[0] > '9')
        return 0;
    uint64_t number = strtoull(name, &rest, 10);
    return strcmp(rest, end) == 0 ? number : 0;
}

static bool s_log_counts(const level_manifest_t *manifest, uint64_t number)
{
    return number > 0 && (number >= manifest->log || number == manifest->log_more);
}

/* A file that is not there, or is none, is for the caller to judge; one that cannot be opened is not
 * missing. */
static err_t s_add(level_set_t *set, const char *name, uint64_t number, const level_named_t *named)
{
    if (set->count == set->size) {
        set->size = set->size > 0 ? set->size * 2 : 32;
        set->files = mem_grow(set->files, set->size * sizeof *set->files);
    }
    level_file_t *file = &set->files[set->count++];
    *file = (level_file_t){.number = number, .named = named};
    snprintf(file->name, sizeof file->name, "%s", name);
    file->fd = s_open_file(set->path, name);
    bool none = file->fd < 0 && (errno == ENOENT || errno == ELOOP);
    return file->fd >= 0 || none ? ERR_OK : s_refuse(set->path, name);
}

static err_t s_add_tables(level_set_t *set)
{
    char name[LEVEL_NAME_SIZE];
    err_t err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < set->manifest.count; i++) {
        const level_named_t *named = &set->manifest.tables[i];
        snprintf(name, sizeof name, "%06" PRIu64 ".ldb", named->number);
        err = s_add(set, name, named->number, named);
    }
    return err;
}

static int s_compare(const void *a, const void *b)
{
    const level_file_t *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

static err_t s_add_logs(level_set_t *set)
{
    DIR *folder = opendir(set->path);
    size_t first = set->count;
    err_t err = ERR_OK;
    if (folder == NULL)
        return s_refuse(set->path, ".");
    for (struct dirent *entry = readdir(folder); entry != NULL && err == ERR_OK;
         entry = readdir(folder)) {
        uint64_t number = s_number(entry->d_name, ".log");
        if (s_log_counts(&set->manifest, number))
            err = s_add(set, entry->d_name, number, NULL);
    }
    closedir(folder);
    if (set->count > first + 1)
        qsort(set->files + first, set->count - first, sizeof *set->files, s_compare);
    return err;
}

static void s_close_files(level_set_t *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->files[i].fd >= 0)
            close(set->files[i].fd);
    set->count = 0;
    level_manifest_free(&set->manifest);
}

/* ---- opening ---- */

/* The MANIFEST that CURRENT names: "MANIFEST-000005" and a newline. */
static err_t s_read_manifest(level_set_t *set)
{
    static const char begin[] = "MANIFEST-";
    buf_t *bytes = &set->manifest_bytes;
    err_t err = s_read_named(set->path, "CURRENT", bytes);
    if (err != ERR_OK)
        return err;
    bool named = bytes->len > sizeof begin && bytes->len < LEVEL_NAME_SIZE &&
                 memcmp(bytes->data, begin, sizeof begin - 1) == 0 &&
                 memchr(bytes->data, '/', bytes->len) == NULL &&
                 memchr(bytes->data, '\n', bytes->len) == bytes->data + bytes->len - 1;
    if (!named)
        return ERR_CORRUPT;
    snprintf(set->manifest_name, LEVEL_NAME_SIZE, "%.*s", (int)bytes->len - 1, (char *)bytes->data);
    err = s_read_named(set->path, set->manifest_name, bytes);
    return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

/* Whether CURRENT and its MANIFEST are as they were. */
static bool s_unchanged(level_set_t *set)
{
    char name[LEVEL_NAME_SIZE];
    memcpy(name, set->manifest_name, LEVEL_NAME_SIZE);
    buf_t before = set->manifest_bytes;
    set->manifest_bytes = (buf_t){0};
    bool same = s_read_manifest(set) == ERR_OK && strcmp(name, set->manifest_name) == 0 &&
                slice_eq(buf_slice(&before), buf_slice(&set->manifest_bytes));
    buf_free(&before);
    return same;
}

err_t level_set_open(const char *path, level_set_t *ret_set)
{
    level_set_t *set = ret_set;
    err_t err = ERR_OK;
    *set = (level_set_t){.path = path};
    for (int i = 0; i < TRIES && err == ERR_OK; i++) {
        s_close_files(set);
        err = s_read_manifest(set);
        if (err != ERR_OK)
            return err;
        level_manifest_read(buf_slice(&set->manifest_bytes), &set->manifest);
        err = s_add_tables(set);
        if (err == ERR_OK)
            err = s_add_logs(set);
        if (err == ERR_OK && s_unchanged(set))
            break;
    }
    return err;
}

void level_set_close(level_set_t *set)
{
    s_close_files(set);
    mem_free(set->files);
    buf_free(&set->manifest_bytes);
    *set = (level_set_t){0};
}
