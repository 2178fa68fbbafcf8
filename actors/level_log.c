/* level_log.c - parts of records, joined.
 *
 *   CLOSED ── whole ──> a record           CLOSED ── first ──> OPEN
 *   OPEN ── middle ──> OPEN                OPEN ── last ──> a record, CLOSED
 *
 * Any other step is damage, and so is a part whose CRC does not hold: then its length
 * means nothing, and reading goes on at the next block, as LevelDB itself does. */
#include "actors/level_log.h"

#include "actors/level_bytes.h"

enum { BLOCK = 32768, HEADER = 7 };

typedef enum part { PART_WHOLE = 1, PART_FIRST = 2, PART_MIDDLE = 3, PART_LAST = 4 } part_t;

static bool s_zero(slice_t bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] != 0)
            return false;
    return true;
}

static size_t s_left(const level_log_t *log)
{
    return log->file.len - log->at;
}

/* Bytes to the end of the block. */
static size_t s_room(const level_log_t *log)
{
    return BLOCK - log->at % BLOCK;
}

static level_found_t s_torn(level_log_t *log)
{
    log->fault = log->at;
    log->at = log->file.len;
    log->open = false;
    return LEVEL_TORN;
}

/* Whether a record begins at this byte, wherever in its block that is. */
static bool s_begins(slice_t file, size_t at)
{
    const uint8_t *part = file.ptr + at;
    size_t room = BLOCK - at % BLOCK, left = file.len - at;
    if (room < HEADER || left < HEADER || (part[6] != PART_WHOLE && part[6] != PART_FIRST))
        return false;
    size_t len = (size_t)part[4] | (size_t)part[5] << 8;
    return HEADER + len <= room && HEADER + len <= left &&
           level_crc_holds(slice_new(part + 6, len + 1), part);
}

static bool s_any_begins(slice_t file, size_t from)
{
    while (from < file.len && !s_begins(file, from))
        from++;
    return from < file.len;
}

/* What a power cut leaves of pages that were never written: zeros to the end, or holes in the last
 * record. */
static level_found_t s_damaged(level_log_t *log)
{
    size_t room = s_room(log);
    if (s_zero(slice_from(log->file, log->at)))
        return s_torn(log);
    if (!s_any_begins(log->file, log->at)) {
        log->holed = true;
        return s_torn(log);
    }
    log->fault = log->at;
    log->at += room < s_left(log) ? room : s_left(log);
    log->open = false;
    return LEVEL_DAMAGED;
}

/* Past the end of a block that no header fits in. */
static level_found_t s_skip_padding(level_log_t *log)
{
    size_t room = s_room(log);
    if (room >= HEADER)
        return LEVEL_FOUND;
    size_t len = room < s_left(log) ? room : s_left(log);
    if (!s_zero(slice_new(log->file.ptr + log->at, len)))
        return s_damaged(log);
    log->at += len;
    return LEVEL_FOUND;
}

static level_found_t s_part(level_log_t *log, part_t *ret_part, slice_t *ret_bytes)
{
    level_found_t found = s_skip_padding(log);
    if (found != LEVEL_FOUND)
        return found;
    if (s_left(log) == 0)
        return log->open ? s_torn(log) : LEVEL_END;
    if (s_left(log) < HEADER)
        return s_torn(log);

    const uint8_t *at = log->file.ptr + log->at;
    size_t len = (size_t)at[4] | (size_t)at[5] << 8;
    if (HEADER + len > s_room(log))
        return s_damaged(log);
    if (HEADER + len > s_left(log))
        return s_torn(log);
    if (!level_crc_holds(slice_new(at + 6, len + 1), at))
        return s_damaged(log);
    *ret_part = (part_t)at[6];
    *ret_bytes = slice_new(at + HEADER, len);
    return LEVEL_FOUND;
}

/* Whether this part may come now. */
static bool s_fits(const level_log_t *log, part_t part)
{
    switch (part) {
    case PART_WHOLE:
    case PART_FIRST:
        return !log->open;
    case PART_MIDDLE:
    case PART_LAST:
        return log->open;
    }
    return false;
}

level_found_t level_log_next(level_log_t *log, slice_t *ret_record)
{
    for (;;) {
        part_t part = PART_WHOLE;
        slice_t bytes;
        level_found_t found = s_part(log, &part, &bytes);
        if (found != LEVEL_FOUND)
            return found;
        if (!s_fits(log, part))
            return s_damaged(log);
        log->at += HEADER + bytes.len;
        log->open = part == PART_FIRST || part == PART_MIDDLE;
        if (part == PART_WHOLE) {
            *ret_record = bytes;
            return LEVEL_FOUND;
        }
        if (part == PART_FIRST)
            log->parts.len = 0;
        buf_append(&log->parts, bytes);
        if (part == PART_LAST) {
            *ret_record = buf_slice(&log->parts);
            return LEVEL_FOUND;
        }
    }
}

/* Read all of it; where its last whole record ends, and how it ends itself. */
static level_found_t s_read_all(level_log_t *log, size_t *ret_whole)
{
    slice_t record;
    level_found_t found = LEVEL_FOUND;
    *ret_whole = 0;
    while (found == LEVEL_FOUND || found == LEVEL_DAMAGED) {
        found = level_log_next(log, &record);
        if (found == LEVEL_FOUND)
            *ret_whole = log->at;
    }
    buf_free(&log->parts);
    return found;
}

size_t level_log_whole(slice_t file)
{
    level_log_t log = {.file = file};
    size_t whole;
    return s_read_all(&log, &whole) == LEVEL_TORN ? whole : file.len;
}

bool level_log_holed(slice_t file, size_t *ret_whole)
{
    level_log_t log = {.file = file};
    return s_read_all(&log, ret_whole) == LEVEL_TORN && log.holed;
}
