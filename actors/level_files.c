/* level_files.c - the files of a set, one after the other, and what each holds. */
#include "actors/level_files.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

#include "actors/level_bytes.h"
#include "actors/level_set.h"
#include "actors/level_table.h"

enum {
    BATCH_HEADER = 12, /* a number and a count, before what a log's record puts */
    PUT = 1,
};

typedef struct level_reader {
    const char *path;
    const level_eyes_t *eyes;
    level_set_t set;
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
    err_t err = level_set_read(&reader->set, file, &reader->bytes);
    if (err != ERR_OK)
        return err;
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
    char name[LEVEL_NAME_SIZE];
    for (size_t i = 0; i < reader->set.count; i++)
        if (reader->set.files[i].named == NULL &&
            reader->set.files[i].number == reader->set.manifest.log)
            return;
    snprintf(name, sizeof name, "%06" PRIu64 ".log", reader->set.manifest.log);
    s_flaw(reader, LEVEL_FLAW_MISSING, name, 0, "the file is missing");
}

static void s_judge_manifest(const level_reader_t *reader)
{
    if (reader->set.manifest.end == LEVEL_TORN)
        s_flaw(reader, LEVEL_FLAW_TORN, reader->set.manifest_name, reader->set.manifest.fault,
               "the list of files ends inside of a change");
    else if (reader->set.manifest.end == LEVEL_DAMAGED)
        s_flaw(reader, LEVEL_FLAW_DAMAGE, reader->set.manifest_name, reader->set.manifest.fault,
               "the list of files cannot be read");
}

/* ---- files that nothing names ---- */

static bool s_is_named(const level_reader_t *reader, const char *name)
{
    static const char *const always[] = {".", "..", "CURRENT", "LOCK", "LOG", "LOG.old"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(name, always[i]) == 0)
            return true;
    for (size_t i = 0; i < reader->set.count; i++)
        if (strcmp(name, reader->set.files[i].name) == 0)
            return true;
    return strcmp(name, reader->set.manifest_name) == 0;
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
    err_t err = level_set_open(path, &reader.set);
    if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) {
        s_flaw(&reader, LEVEL_FLAW_MISSING, "CURRENT", 0, "it does not name a list of files");
        err = ERR_OK;
    } else if (err == ERR_OK) {
        s_judge_manifest(&reader);
        s_judge_logs(&reader);
        s_tell_strays(&reader);
    }
    for (size_t i = 0; err == ERR_OK && i < reader.set.count && !reader.stopped; i++)
        err = s_read_file(&reader, &reader.set.files[i]);
    level_set_close(&reader.set);
    buf_free(&reader.bytes);
    return err;
}
