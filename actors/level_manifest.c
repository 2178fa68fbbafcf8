/* level_manifest.c - each record is a change: fields, each behind the number of its kind. */
#include "actors/level_manifest.h"

#include <stdlib.h>

#include "actors/level_bytes.h"
#include "schema/mem.h"

typedef enum change {
    CHANGE_COMPARATOR = 1,
    CHANGE_LOG = 2,
    CHANGE_NEXT_FILE = 3,
    CHANGE_LAST_NUMBER = 4,
    CHANGE_COMPACTED = 5, /* level, key */
    CHANGE_GONE = 6,      /* level, file */
    CHANGE_NEW = 7,       /* level, file, bytes, first key, last key */
    CHANGE_LOG_MORE = 9,
} change_t;

static bool s_add(level_manifest_t *manifest, slice_t *in)
{
    slice_t least, last;
    level_named_t table = {0};
    if (!level_take_number(in, &table.number) || !level_take_number(in, &table.bytes) ||
        !level_take_run(in, &least) || !level_take_run(in, &last))
        return false;
    table.least_len = least.len < LEVEL_KEY_MAX ? least.len : LEVEL_KEY_MAX;
    if (table.least_len > 0)
        memcpy(table.least, least.ptr, table.least_len);
    if (manifest->count == manifest->size) {
        manifest->size = manifest->size > 0 ? manifest->size * 2 : 16;
        manifest->tables = mem_grow(manifest->tables, manifest->size * sizeof *manifest->tables);
    }
    manifest->tables[manifest->count++] = table;
    return true;
}

static bool s_remove(level_manifest_t *manifest, slice_t *in)
{
    uint64_t number;
    if (!level_take_number(in, &number))
        return false;
    for (size_t i = 0; i < manifest->count; i++)
        if (manifest->tables[i].number == number) {
            manifest->tables[i] = manifest->tables[--manifest->count];
            return true;
        }
    return true; /* one that came and went before */
}

static bool s_field(level_manifest_t *manifest, change_t change, slice_t *in)
{
    uint64_t number;
    slice_t bytes;
    switch (change) {
    case CHANGE_COMPARATOR:
        return level_take_run(in, &bytes);
    case CHANGE_LOG:
        return level_take_number(in, &manifest->log);
    case CHANGE_LOG_MORE:
        return level_take_number(in, &manifest->log_more);
    case CHANGE_NEXT_FILE:
    case CHANGE_LAST_NUMBER:
        return level_take_number(in, &number);
    case CHANGE_COMPACTED:
        return level_take_number(in, &number) && level_take_run(in, &bytes);
    case CHANGE_GONE:
        return level_take_number(in, &number) && s_remove(manifest, in);
    case CHANGE_NEW:
        return level_take_number(in, &number) && s_add(manifest, in);
    }
    return false;
}

/* False when the record is not a run of changes. */
static bool s_record(level_manifest_t *manifest, slice_t in)
{
    uint64_t change;
    while (in.len > 0)
        if (!level_take_number(&in, &change) || change > CHANGE_LOG_MORE ||
            !s_field(manifest, (change_t)change, &in))
            return false;
    return true;
}

static int s_compare(const void *a, const void *b)
{
    const level_named_t *left = a, *right = b;
    int order = slice_compare(slice_new(left->least, left->least_len),
                              slice_new(right->least, right->least_len));
    return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

void level_manifest_read(slice_t file, level_manifest_t *ret_manifest)
{
    level_log_t log = {.file = file};
    slice_t record;
    *ret_manifest = (level_manifest_t){0};
    do {
        size_t at = log.at;
        ret_manifest->end = level_log_next(&log, &record);
        ret_manifest->fault = log.fault;
        if (ret_manifest->end == LEVEL_FOUND && !s_record(ret_manifest, record)) {
            ret_manifest->end = LEVEL_DAMAGED;
            ret_manifest->fault = at;
        }
    } while (ret_manifest->end == LEVEL_FOUND);
    buf_free(&log.parts);
    if (ret_manifest->count > 1)
        qsort(ret_manifest->tables, ret_manifest->count, sizeof *ret_manifest->tables, s_compare);
}

void level_manifest_free(level_manifest_t *manifest)
{
    mem_free(manifest->tables);
    *manifest = (level_manifest_t){0};
}
