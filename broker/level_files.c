/* level_files.c - CURRENT names the MANIFEST, that names the tables, and the logs follow.
 *
 * A server may be writing meanwhile: tables are merged and deleted, logs become tables.  So
 * all files are opened first, and if the MANIFEST has changed by then, all over again: an
 * open file stays readable, and what one MANIFEST names is a whole database. */
#include "broker/level_files.h"

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
#include "broker/level_manifest.h"
#include "broker/level_table.h"
#include "broker/level_bytes.h"
#include "schema/mem.h"

enum {
    NAME_SIZE = 64,
    TRIES = 50,                    /* openings of a database that changes all the while */
    FILE_MAX = 1024 * 1024 * 1024, /* bytes; LevelDB's are a thirtieth of it */
    BATCH_HEADER = 12,             /* a number and a count, before what a log's record puts */
    PUT = 1,
};

typedef struct level_file {
    char name[NAME_SIZE];
    uint64_t number;
    const level_named_t *named; /* as the MANIFEST has it; NULL: it is a log */
    int fd;                     /* -1: it is missing */
} level_file_t;

typedef struct level_reader {
    const char *path;
    const level_eyes_t *eyes;
    char manifest_name[NAME_SIZE];
    buf_t manifest_bytes;
    level_manifest_t manifest;
    level_file_t *files; /* tables, then logs, in the order of reading */
    size_t count;
    size_t size;
    const level_file_t *file; /* that is being read */
    buf_t bytes;              /* of it */
    bool begun;               /* a row of it was seen */
    bool stopped;
} level_reader_t;

static void s_flaw(const level_reader_t *reader, level_flaw_t flaw, const char *file, size_t at,
                   const char *words)
{
    reader->eyes->flaw(reader->eyes->ctx, flaw, file, at, words);
}

/* ---- files ---- */

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

/* All of the file into `out`; one that is not a file, or far too large, reads as empty. */
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

static void s_add(level_reader_t *reader, const char *name, uint64_t number,
                  const level_named_t *named)
{
    if (reader->count == reader->size) {
        reader->size = reader->size > 0 ? reader->size * 2 : 32;
        reader->files = mem_grow(reader->files, reader->size * sizeof *reader->files);
    }
    level_file_t *file = &reader->files[reader->count++];
    *file = (level_file_t){.number = number, .named = named};
    snprintf(file->name, sizeof file->name, "%s", name);
    file->fd = s_open_file(reader->path, name);
}

static void s_add_tables(level_reader_t *reader)
{
    char name[NAME_SIZE];
    for (size_t i = 0; i < reader->manifest.count; i++) {
        const level_named_t *named = &reader->manifest.tables[i];
        snprintf(name, sizeof name, "%06" PRIu64 ".ldb", named->number);
        s_add(reader, name, named->number, named);
    }
}

static int s_compare(const void *a, const void *b)
{
    const level_file_t *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

static err_t s_add_logs(level_reader_t *reader)
{
    DIR *folder = opendir(reader->path);
    size_t first = reader->count;
    if (folder == NULL)
        return s_refuse(reader->path, ".");
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        uint64_t number = s_number(entry->d_name, ".log");
        if (s_log_counts(&reader->manifest, number))
            s_add(reader, entry->d_name, number, NULL);
    }
    closedir(folder);
    if (reader->count > first + 1)
        qsort(reader->files + first, reader->count - first, sizeof *reader->files, s_compare);
    return ERR_OK;
}

static void s_close_files(level_reader_t *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        if (reader->files[i].fd >= 0)
            close(reader->files[i].fd);
    reader->count = 0;
    level_manifest_free(&reader->manifest);
}

/* The MANIFEST that CURRENT names: "MANIFEST-000005" and a newline. */
static err_t s_read_manifest(level_reader_t *reader)
{
    static const char begin[] = "MANIFEST-";
    buf_t *bytes = &reader->manifest_bytes;
    err_t err = s_read_named(reader->path, "CURRENT", bytes);
    if (err != ERR_OK)
        return err;
    bool named = bytes->len > sizeof begin && bytes->len < NAME_SIZE &&
                 memcmp(bytes->data, begin, sizeof begin - 1) == 0 &&
                 memchr(bytes->data, '/', bytes->len) == NULL &&
                 memchr(bytes->data, '\n', bytes->len) == bytes->data + bytes->len - 1;
    if (!named)
        return ERR_CORRUPT;
    snprintf(reader->manifest_name, NAME_SIZE, "%.*s", (int)bytes->len - 1, (char *)bytes->data);
    err = s_read_named(reader->path, reader->manifest_name, bytes);
    return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

/* Whether CURRENT and its MANIFEST are as they were. */
static bool s_unchanged(level_reader_t *reader)
{
    char name[NAME_SIZE];
    memcpy(name, reader->manifest_name, NAME_SIZE);
    buf_t before = reader->manifest_bytes;
    reader->manifest_bytes = (buf_t){0};
    bool same = s_read_manifest(reader) == ERR_OK && strcmp(name, reader->manifest_name) == 0 &&
                slice_eq(buf_slice(&before), buf_slice(&reader->manifest_bytes));
    buf_free(&before);
    return same;
}

/* Open every file that counts, as one MANIFEST names them. */
static err_t s_open(level_reader_t *reader)
{
    err_t err = ERR_OK;
    for (int i = 0; i < TRIES && err == ERR_OK; i++) {
        s_close_files(reader);
        err = s_read_manifest(reader);
        if (err != ERR_OK)
            return err;
        level_manifest_read(buf_slice(&reader->manifest_bytes), &reader->manifest);
        s_add_tables(reader);
        err = s_add_logs(reader);
        if (err == ERR_OK && s_unchanged(reader))
            break;
    }
    return err;
}

/* ---- reading ---- */

/* Whether a table begins as the MANIFEST says; its keys have eight bytes of LevelDB's own. */
static bool s_begins(const level_named_t *named, slice_t key)
{
    size_t len = key.len < LEVEL_KEY_MAX ? key.len : LEVEL_KEY_MAX;
    return named->least_len >= len && memcmp(named->least, key.ptr, len) == 0;
}

static bool s_table_row(void *ctx, slice_t key, slice_t value)
{
    level_reader_t *reader = ctx;
    if (!reader->begun && !s_begins(reader->file->named, key))
        s_flaw(reader, LEVEL_FLAW_DAMAGE, reader->file->name, 0,
               "it does not begin as the list of files says");
    reader->begun = true;
    reader->stopped = !reader->eyes->row(reader->eyes->ctx, reader->file->name, key, value);
    return !reader->stopped;
}

static void s_table_flaw(void *ctx, size_t at, const char *words)
{
    level_reader_t *reader = ctx;
    s_flaw(reader, LEVEL_FLAW_DAMAGE, reader->file->name, at, words);
}

/* What one write put: rows behind a header.  False when it is laid out otherwise. */
static bool s_batch(level_reader_t *reader, slice_t in)
{
    if (in.len < BATCH_HEADER)
        return false;
    uint32_t count = level_get32(in.ptr + 8);
    in = slice_from(in, BATCH_HEADER);
    for (; count > 0 && in.len > 0 && !reader->stopped; count--) {
        uint8_t kind = in.ptr[0];
        slice_t key, value = {0};
        in = slice_from(in, 1);
        if (!level_take_run(&in, &key) || (kind == PUT && !level_take_run(&in, &value)))
            return false;
        reader->stopped = !reader->eyes->row(reader->eyes->ctx, reader->file->name, key, value);
    }
    return reader->stopped || (count == 0 && in.len == 0);
}

static void s_read_log(level_reader_t *reader)
{
    level_log_t log = {.file = buf_slice(&reader->bytes)};
    slice_t record;
    level_found_t found = LEVEL_FOUND;
    while (found != LEVEL_END && found != LEVEL_TORN && !reader->stopped) {
        size_t at = log.at;
        found = level_log_next(&log, &record);
        if (found == LEVEL_TORN)
            s_flaw(reader, LEVEL_FLAW_TORN, reader->file->name, log.fault,
                   "the log ends inside of a write");
        else if (found == LEVEL_DAMAGED)
            s_flaw(reader, LEVEL_FLAW_DAMAGE, reader->file->name, log.fault,
                   "a write does not have the CRC that it says");
        else if (found == LEVEL_FOUND && !s_batch(reader, record))
            s_flaw(reader, LEVEL_FLAW_DAMAGE, reader->file->name, at,
                   "a write is not laid out as one");
    }
    buf_free(&log.parts);
}

static err_t s_read_file(level_reader_t *reader, const level_file_t *file)
{
    const level_table_eyes_t eyes = {reader, s_table_row, s_table_flaw};
    reader->file = file;
    reader->begun = false;
    if (file->fd < 0) {
        s_flaw(reader, LEVEL_FLAW_MISSING, file->name, 0, "the file is missing");
        return ERR_OK;
    }
    if (s_read_all(file->fd, &reader->bytes) != ERR_OK)
        return s_refuse(reader->path, file->name);
    if (file->named == NULL) {
        s_read_log(reader);
        return ERR_OK;
    }
    if (file->named->bytes != reader->bytes.len)
        s_flaw(reader, LEVEL_FLAW_DAMAGE, file->name, 0,
               "it is not as long as the list of files says");
    level_table_read(buf_slice(&reader->bytes), &eyes);
    return ERR_OK;
}

/* The log that LevelDB was writing: it makes one before it says so. */
static void s_judge_logs(const level_reader_t *reader)
{
    char name[NAME_SIZE];
    for (size_t i = 0; i < reader->count; i++)
        if (reader->files[i].named == NULL && reader->files[i].number == reader->manifest.log)
            return;
    snprintf(name, sizeof name, "%06" PRIu64 ".log", reader->manifest.log);
    s_flaw(reader, LEVEL_FLAW_MISSING, name, 0, "the file is missing");
}

static void s_judge_manifest(const level_reader_t *reader)
{
    if (reader->manifest.end == LEVEL_TORN)
        s_flaw(reader, LEVEL_FLAW_TORN, reader->manifest_name, reader->manifest.fault,
               "the list of files ends inside of a change");
    else if (reader->manifest.end == LEVEL_DAMAGED)
        s_flaw(reader, LEVEL_FLAW_DAMAGE, reader->manifest_name, reader->manifest.fault,
               "the list of files cannot be read");
}

/* ---- files that nothing names ---- */

static bool s_is_named(const level_reader_t *reader, const char *name)
{
    static const char *const always[] = {".", "..", "CURRENT", "LOCK", "LOG", "LOG.old"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(name, always[i]) == 0)
            return true;
    for (size_t i = 0; i < reader->count; i++)
        if (strcmp(name, reader->files[i].name) == 0)
            return true;
    return strcmp(name, reader->manifest_name) == 0;
}

static void s_tell_strays(const level_reader_t *reader)
{
    DIR *folder = opendir(reader->path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (!s_is_named(reader, entry->d_name))
            s_flaw(reader, LEVEL_FLAW_STRAY, entry->d_name, 0, "nothing names this file");
    closedir(folder);
}

err_t level_files_read(const char *path, const level_eyes_t *eyes)
{
    level_reader_t reader = {.path = path, .eyes = eyes};
    err_t err = s_open(&reader);
    if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) {
        s_flaw(&reader, LEVEL_FLAW_MISSING, "CURRENT", 0, "it does not name a list of files");
        err = ERR_OK;
    } else if (err == ERR_OK) {
        s_judge_manifest(&reader);
        s_judge_logs(&reader);
        s_tell_strays(&reader);
    }
    for (size_t i = 0; err == ERR_OK && i < reader.count && !reader.stopped; i++)
        err = s_read_file(&reader, &reader.files[i]);
    s_close_files(&reader);
    mem_free(reader.files);
    buf_free(&reader.manifest_bytes);
    buf_free(&reader.bytes);
    return err;
}
