/* segment.c - records in a LevelDB, checked whenever they come back from the disk.
 *
 * LevelDB has checksums of its own blocks; the record's CRC also covers the way
 * from the writer to them, and its sequence and key must agree.  A hole in the
 * sequence is damage: it is how a lost log file would show. */
#include "broker/segment.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/level.h"
#include "actors/log.h"
#include "broker/folder.h"
#include "schema/pack.h"

enum {
    NAME_DIGITS = 20,
    KEY_SIZE = 8,
    GROWING_BUFFER = 32 * 1024 * 1024, /* few, large tables: each byte is rewritten once */
    CLOSED_BUFFER = 4 * 1024 * 1024,   /* only the first opening fills it */
    CACHE = 1024 * 1024,               /* readers go through once, in order */
};

static const char s_unfinished[] = "new";

struct segment {
    level_t *level;
    char *path;
    uint64_t size;
    fault_t *fault; /* the journal's */
};

err_t fault_note(fault_t *fault, const char *path, uint64_t seq, const char *words)
{
    fault->seq = seq;
    snprintf(fault->words, sizeof fault->words, "record %" PRIu64 " %.60s, in %.160s", seq, words,
             path);
    log_error("journal",
              "record %" PRIu64
              " %s, in %s: `kith journal verify` tells all that is damaged, `kith "
              "restore` brings back a backup",
              seq, words, path);
    return ERR_CORRUPT;
}

uint64_t segment_named(const char *name)
{
    if (strlen(name) != NAME_DIGITS || strspn(name, "0123456789") != NAME_DIGITS)
        return 0;
    return strtoull(name, NULL, 10);
}

static void s_path(char ret_path[PATH_MAX], const char *journal, const char *name)
{
    snprintf(ret_path, PATH_MAX, "%s/%s", journal, name);
}

static void s_name(char ret_name[NAME_DIGITS + 1], uint64_t first)
{
    snprintf(ret_name, NAME_DIGITS + 1, "%020" PRIu64, first);
}

uint64_t segment_disk_bytes(const char *journal, uint64_t first)
{
    char path[PATH_MAX], name[NAME_DIGITS + 1];
    s_name(name, first);
    s_path(path, journal, name);
    return folder_bytes(path);
}

bool segment_has_room(const char *journal, uint64_t first)
{
    char path[PATH_MAX], name[NAME_DIGITS + 1];
    s_name(name, first);
    s_path(path, journal, name);
    return level_has_room(path);
}

err_t segment_rename(const char *journal, uint64_t first, const char *to)
{
    char name[NAME_DIGITS + 1];
    s_name(name, first);
    return folder_rename(journal, name, to);
}

err_t segment_create(const char *journal, uint64_t first)
{
    char path[PATH_MAX], name[NAME_DIGITS + 1];
    s_path(path, journal, s_unfinished);
    s_name(name, first);

    err_t err = level_destroy(path); /* what a crash left half made */
    if (err != ERR_OK)
        return err;
    level_t *level = NULL;
    err = level_open(path, &(level_options_t){.create = true}, &level);
    level_close(&level);
    if (err == ERR_OK)
        err = folder_sync(path);
    return err == ERR_OK ? folder_rename(journal, s_unfinished, name) : err;
}

err_t segment_open(const char *journal, uint64_t first, bool growing, fault_t *fault,
                   segment_t **ret_segment)
{
    char path[PATH_MAX], name[NAME_DIGITS + 1];
    s_name(name, first);
    s_path(path, journal, name);

    level_t *level = NULL;
    level_options_t options = {
        .write_buffer = growing ? GROWING_BUFFER : CLOSED_BUFFER,
        .cache = CACHE,
    };
    err_t err = level_open(path, &options, &level);
    if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
        return fault_note(fault, path, first, "and those behind it cannot be opened");
    if (err == ERR_OK && growing)
        err = folder_sync(path); /* the log that was just begun */
    if (err != ERR_OK) {
        level_close(&level);
        return err;
    }

    segment_t *segment = mem_new(segment_t);
    segment->size = level_size(level);
    segment->level = level;
    segment->path = mem_text(path);
    segment->fault = fault;
    *ret_segment = segment;
    return ERR_OK;
}

void segment_close(segment_t **segment_p)
{
    segment_t *segment = *segment_p;
    if (segment == NULL)
        return;
    level_close(&segment->level);
    mem_free(segment->path);
    mem_free(segment);
    *segment_p = NULL;
}

uint64_t segment_size(const segment_t *segment)
{
    return segment->size;
}

/* ---- writing ---- */

void segment_put(segment_t *segment, uint64_t seq, slice_t record)
{
    uint8_t key[KEY_SIZE];
    wide_put64(key, seq);
    level_put(segment->level, slice_new(key, KEY_SIZE), record);
}

err_t segment_commit(segment_t *segment, bool sync)
{
    segment->size += level_batched(segment->level);
    return level_commit(segment->level, sync);
}

void segment_abandon(segment_t *segment)
{
    level_abandon(segment->level);
}

/* ---- reading ---- */

static err_t s_damaged(const segment_t *segment, uint64_t seq, const char *words)
{
    return fault_note(segment->fault, segment->path, seq, words);
}

/* Whether what lies under a key is the record of that sequence, whole. */
static err_t s_check(const segment_t *segment, uint64_t seq, slice_t value, record_t *ret_record)
{
    slice_t rest = value;
    if (!record_intact(value))
        return s_damaged(segment, seq, "does not have the CRC that it says");
    if (record_read(&rest, ret_record) != ERR_OK || rest.len > 0)
        return s_damaged(segment, seq, "is not laid out as a record");
    if (ret_record->seq != seq)
        return s_damaged(segment, seq, "says that it is another");
    return ERR_OK;
}

static bool s_is_key(slice_t key, uint64_t seq)
{
    return key.len == KEY_SIZE && wide_get64(key.ptr) == seq;
}

static err_t s_take_last(segment_t *segment, slice_t key, slice_t value, buf_t *out,
                         record_t *ret_record)
{
    if (key.len != KEY_SIZE)
        return s_damaged(segment, 0, "has a key that is no sequence");
    out->len = 0;
    buf_append(out, value);
    return s_check(segment, wide_get64(key.ptr), buf_slice(out), ret_record);
}

err_t segment_last(segment_t *segment, buf_t *out, record_t *ret_record)
{
    level_range_t range;
    slice_t key, value;
    err_t err = ERR_NOT_FOUND;

    level_range_open(segment->level, (slice_t){0}, (slice_t){0}, true, &range);
    if (level_range_next(&range, &key, &value))
        err = s_take_last(segment, key, value, out, ret_record);
    err_t ended = level_range_close(&range);
    return ended == ERR_OK ? err : ended;
}

static err_t s_take(segment_t *segment, vault_t *vault, uint64_t seq, slice_t key, slice_t value,
                    buf_t *out)
{
    record_t record;
    if (!s_is_key(key, seq))
        return s_damaged(segment, seq, "is missing");
    err_t err = s_check(segment, seq, value, &record);
    if (err == ERR_OK && vault == NULL)
        buf_append(out, value);
    if (err != ERR_OK || vault == NULL)
        return err;
    err = seal_open(vault, &record, out);
    return err == ERR_CORRUPT ? s_damaged(segment, seq, "does not open with its key") : err;
}

err_t segment_read(segment_t *segment, vault_t *vault, uint64_t from, uint64_t until, size_t budget,
                   buf_t *out, uint64_t *ret_next)
{
    assert(from < until);
    assert(budget > 0);

    uint8_t first[KEY_SIZE], end[KEY_SIZE];
    size_t before = out->len;
    uint64_t next = from;
    err_t err = ERR_OK;
    level_range_t range;
    slice_t key, value;

    wide_put64(first, from);
    wide_put64(end, until);
    level_range_open(segment->level, slice_new(first, KEY_SIZE), slice_new(end, KEY_SIZE), false,
                     &range);
    while (next < until && out->len - before < budget && level_range_next(&range, &key, &value)) {
        err = s_take(segment, vault, next, key, value, out);
        if (err != ERR_OK)
            break;
        next++;
    }
    err_t ended = level_range_close(&range);
    *ret_next = next;
    if (err != ERR_OK)
        return err;
    if (ended == ERR_CORRUPT)
        return s_damaged(segment, next, "lies in a damaged file");
    if (ended == ERR_OK && next < until && out->len - before < budget)
        return s_damaged(segment, next, "is missing");
    return ended;
}
