/* level_look.c - what the list of files names is held against the folder; logs are read through.
 *
 * The end of the last log is LevelDB's affair: a crash tears it, and what is lost there is lost
 * from the end, so that a projection is behind and a journal is held against its anchor.
 *
 * The end of one before it is not.  LevelDB begins another log when its memory is full, and does
 * not sync the one that it leaves; until that memory is a table, both count.  A power cut may then
 * take the end of the older log, or all of it, and leave the newer one, with the sequence that a
 * projection has applied: rows in the midst would be missing, and nothing would make them again. */
#include "actors/level_look.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "actors/level_bytes.h"
#include "actors/level_set.h"
#include "actors/log.h"

enum {
    BLOCK = 32768,     /* of a log */
    BATCH_HEADER = 12, /* of a write: the number of its first row, and how many it has */
};

static err_t s_fault(const char *path, const char *file, const char *words)
{
    log_error("level", "%s/%s: %s", path, file, words);
    return ERR_CORRUPT;
}

static err_t s_look_at_table(const level_set_t *set, const level_file_t *file)
{
    struct stat seen;
    if (file->fd < 0)
        return s_fault(set->path, file->name, "is missing");
    if (fstat(file->fd, &seen) != 0)
        return ERR_STORAGE;
    if ((uint64_t)seen.st_size != file->named->bytes)
        return s_fault(set->path, file->name, "is not as long as the list of files says");
    return ERR_OK;
}

/* Writes are numbered by their rows, from 1, and go on where the last one ended.  One that comes
 * again has LevelDB abort; of those that are missing it says nothing. */
static bool s_follows(slice_t record, uint64_t *next)
{
    if (record.len < BATCH_HEADER || (*next > 0 && level_get64(record.ptr) != *next))
        return false;
    *next = level_get64(record.ptr) + level_get32(record.ptr + 8);
    return true;
}

/* Where the log ends, or cannot be read. */
static level_found_t s_read_through(slice_t bytes, uint64_t *next, size_t *ret_fault)
{
    level_log_t log = {.file = bytes};
    level_found_t found = LEVEL_FOUND;
    slice_t record;
    bool follows = true;
    while (found == LEVEL_FOUND && follows) {
        found = level_log_next(&log, &record);
        follows = found != LEVEL_FOUND || s_follows(record, next);
    }
    *ret_fault = follows ? log.fault : 0;
    buf_free(&log.parts);
    return follows ? found : LEVEL_DAMAGED;
}

static err_t s_look_at_log(const level_set_t *set, const level_file_t *file, bool last,
                           uint64_t *next)
{
    size_t fault;
    buf_t bytes = {0};
    err_t err = level_set_read(set, file, &bytes);
    level_found_t found = s_read_through(buf_slice(&bytes), next, &fault);
    bool at_end = last && fault > 0 && fault / BLOCK >= (bytes.len - 1) / BLOCK;
    bool lost = !last && bytes.len == 0;
    buf_free(&bytes);
    if (err == ERR_OK && lost)
        return s_fault(set->path, file->name, "is empty, and another log follows");
    if (err != ERR_OK || found == LEVEL_END || (last && found == LEVEL_TORN) || at_end)
        return err;
    return s_fault(set->path, file->name, "cannot be read to its end");
}

/* LevelDB makes a log before it lists it, and removes it only once another is listed. */
static err_t s_look_for_log(const level_set_t *set)
{
    char name[LEVEL_NAME_SIZE];
    for (size_t i = 0; i < set->count; i++)
        if (set->files[i].named == NULL && set->files[i].number == set->manifest.log)
            return ERR_OK;
    snprintf(name, sizeof name, "%06" PRIu64 ".log", set->manifest.log);
    return set->manifest.log == 0 ? ERR_OK : s_fault(set->path, name, "is missing");
}

/* Nothing was written to those behind it: an opening that failed has made them. */
static bool s_is_last(const level_set_t *set, size_t place)
{
    struct stat seen;
    for (size_t i = place + 1; i < set->count; i++)
        if (fstat(set->files[i].fd, &seen) != 0 || seen.st_size > 0)
            return false;
    return true;
}

static err_t s_look(const level_set_t *set)
{
    uint64_t next = 0; /* number of the next row of a log */
    err_t err = s_look_for_log(set);
    if (set->manifest.end == LEVEL_DAMAGED)
        return s_fault(set->path, set->manifest_name, "is a damaged list of files");
    for (size_t i = 0; i < set->count && err == ERR_OK; i++)
        err = set->files[i].named != NULL
                  ? s_look_at_table(set, &set->files[i])
                  : s_look_at_log(set, &set->files[i], s_is_last(set, i), &next);
    return err;
}

err_t level_look(const char *path)
{
    level_set_t set;
    err_t err = level_set_open(path, &set);
    if (err == ERR_CORRUPT || err == ERR_NOT_FOUND)
        err = s_fault(path, "CURRENT", "does not name a list of files");
    else if (err == ERR_OK)
        err = s_look(&set);
    level_set_close(&set);
    return err;
}
