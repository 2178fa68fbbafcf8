/* index.c - empty rows under (kind u8, id u64, sequence u64), in a LevelDB.
 *
 * The row of kind 0 holds the sequence that is applied, and is written in the same
 * batch as the rows that it speaks of.
 *
 * Reading goes through the keys one after the other with one iterator and keeps
 * the smallest sequences found, at most twice `limit` of them: when that many have
 * gathered they are sorted, made unique and cut to `limit`, and from then on
 * nothing behind the largest of them is of interest. */
#include "broker/index.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/level.h"
#include "actors/log.h"
#include "schema/pack.h"

enum {
    KEY_SIZE = 1 + 8 + 8,
    BATCH = 256 * 1024, /* bytes of rows that gather before a write */
    WRITE_BUFFER = 8 * 1024 * 1024,
    CACHE = 8 * 1024 * 1024,
};

typedef enum key_kind { KEY_APPLIED = 0, KEY_ROOM = 1, KEY_ACCOUNT = 2 } key_kind_t;

struct index {
    char *path;
    level_t *level; /* NULL after a failed reopen */
    uint64_t applied;
    uint64_t written; /* what of it is in the database */
    bool damaged;     /* a read met damage: a reopen makes it again */
    uint64_t *found;  /* of the last read */
    size_t found_size;
};

static slice_t s_key(uint8_t at[KEY_SIZE], key_kind_t kind, uint64_t id, uint64_t seq)
{
    at[0] = (uint8_t)kind;
    wide_put64(at + 1, id);
    wide_put64(at + 9, seq);
    return slice_new(at, KEY_SIZE);
}

/* ---- opening ---- */

/* The applied sequence on disk; 0 when the index is new. */
static err_t s_read_applied(level_t *level, uint64_t *ret_applied)
{
    uint8_t key[KEY_SIZE];
    slice_t value;
    arena_t *arena = arena_new();
    err_t err = level_get(level, s_key(key, KEY_APPLIED, 0, 0), arena, &value);
    if (err == ERR_OK && value.len != 8)
        err = ERR_CORRUPT;
    if (err == ERR_OK)
        *ret_applied = wide_get64(value.ptr);
    if (err == ERR_NOT_FOUND) {
        *ret_applied = 0;
        err = ERR_OK;
    }
    arena_destroy(&arena);
    return err;
}

/* As it lies on disk; ERR_CORRUPT when it cannot be used. */
static err_t s_open(const char *path, uint64_t head, level_t **ret_level, uint64_t *ret_applied)
{
    level_t *level = NULL;
    level_options_t options = {.write_buffer = WRITE_BUFFER, .cache = CACHE, .create = true};
    err_t err = level_open(path, &options, &level);
    if (err == ERR_OK)
        err = s_read_applied(level, ret_applied);
    if (err == ERR_OK && *ret_applied > head)
        err = ERR_CORRUPT;
    if (err == ERR_OK)
        *ret_level = TAKE(level);
    level_close(&level);
    return err;
}

/* As s_open, but what cannot be used is made again. */
static err_t s_load(index_t *index, uint64_t head)
{
    err_t err = s_open(index->path, head, &index->level, &index->applied);
    if (err == ERR_CORRUPT) {
        log_warn("index", "%s: damaged or ahead of the journal; made again", index->path);
        err = level_destroy(index->path);
        if (err == ERR_OK)
            err = s_open(index->path, head, &index->level, &index->applied);
    }
    index->written = index->applied;
    return err;
}

err_t index_open(const char *path, uint64_t head, index_t **ret_index)
{
    assert(path != NULL);
    assert(ret_index != NULL);
    index_t *index = mem_new(index_t);
    index->path = mem_text(path);
    err_t err = s_load(index, head);
    if (err == ERR_OK)
        *ret_index = TAKE(index);
    index_close(&index);
    return err;
}

err_t index_reopen(index_t *index, uint64_t head)
{
    level_close(&index->level);
    err_t err = index->damaged ? level_destroy(index->path) : ERR_OK;
    if (err != ERR_OK)
        return err;
    index->damaged = false;
    return s_load(index, head);
}

void index_close(index_t **index_p)
{
    index_t *index = *index_p;
    if (index == NULL)
        return;
    level_close(&index->level);
    mem_free(index->found);
    mem_free(index->path);
    mem_free(index);
    *index_p = NULL;
}

uint64_t index_applied(const index_t *index)
{
    return index->applied;
}

/* ---- writing ---- */

static void s_put(index_t *index, key_kind_t kind, uint64_t id, uint64_t seq)
{
    uint8_t key[KEY_SIZE];
    if (id > 0)
        level_put(index->level, s_key(key, kind, id, seq), slice_new("", 0));
}

err_t index_add(index_t *index, const record_t *record)
{
    assert(record->seq > index->applied);
    if (index->level == NULL)
        return ERR_STORAGE;
    s_put(index, KEY_ROOM, record->room, record->seq);
    s_put(index, KEY_ACCOUNT, record->account, record->seq);
    index->applied = record->seq;
    return level_batched(index->level) >= BATCH ? index_flush(index) : ERR_OK;
}

void index_skip(index_t *index, uint64_t seq)
{
    if (seq > index->applied)
        index->applied = seq;
}

err_t index_flush(index_t *index)
{
    uint8_t key[KEY_SIZE], value[8];
    if (index->level == NULL)
        return ERR_STORAGE;
    if (index->applied == index->written)
        return ERR_OK;
    wide_put64(value, index->applied);
    level_put(index->level, s_key(key, KEY_APPLIED, 0, 0), slice_new(value, sizeof value));
    err_t err = level_commit(index->level, false);
    if (err == ERR_OK)
        index->written = index->applied;
    return err;
}

/* ---- reading ---- */

/* A search: the smallest sequences so far, and the bound above which none matters. */
typedef struct search {
    uint64_t *found;
    size_t count;
    size_t limit;
    uint64_t from;
    uint64_t end; /* one past the largest that may still be part of the answer */
} search_t;

static int s_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Sort, drop what is there twice, cut to the limit. */
static void s_settle(search_t *search)
{
    if (search->count == 0)
        return;
    qsort(search->found, search->count, sizeof(uint64_t), s_compare);
    size_t kept = 1;
    for (size_t i = 1; i < search->count; i++)
        if (search->found[i] != search->found[kept - 1])
            search->found[kept++] = search->found[i];
    search->count = kept;
    if (kept >= search->limit) {
        search->count = search->limit;
        search->end = search->found[search->limit - 1];
    }
}

static void s_take(search_t *search, uint64_t seq)
{
    search->found[search->count++] = seq;
    if (search->count == 2 * search->limit)
        s_settle(search);
}

/* The sequences of one key; at most `limit` of them can matter. */
static void s_search_key(search_t *search, level_range_t *range, key_kind_t kind, uint64_t id)
{
    uint8_t from[KEY_SIZE], to[KEY_SIZE];
    slice_t key, value;
    if (search->from >= search->end)
        return;
    level_range_move(range, s_key(from, kind, id, search->from), s_key(to, kind, id, search->end));
    for (size_t taken = 0; taken < search->limit; taken++) {
        if (!level_range_next(range, &key, &value) || key.len != KEY_SIZE)
            return;
        uint64_t seq = wide_get64(key.ptr + 9);
        if (seq >= search->end)
            return;
        s_take(search, seq);
    }
}

static void s_found_reserve(index_t *index, size_t count)
{
    if (count <= index->found_size)
        return;
    index->found = mem_grow(index->found, count * sizeof(uint64_t));
    index->found_size = count;
}

err_t index_read(index_t *index, ids_t rooms, ids_t accounts, uint64_t from, size_t limit,
                 ids_t *ret_seqs)
{
    assert(limit > 0);
    err_t err = index_flush(index);
    if (err != ERR_OK)
        return err;

    level_range_t range;
    s_found_reserve(index, 2 * limit);
    search_t search = {.found = index->found, .limit = limit, .from = from, .end = UINT64_MAX};
    level_range_open(index->level, (slice_t){0}, (slice_t){0}, false, &range);
    for (size_t i = 0; i < rooms.count; i++)
        s_search_key(&search, &range, KEY_ROOM, rooms.items[i]);
    for (size_t i = 0; i < accounts.count; i++)
        s_search_key(&search, &range, KEY_ACCOUNT, accounts.items[i]);
    err = level_range_close(&range);
    s_settle(&search);
    index->damaged |= err == ERR_CORRUPT;
    if (err == ERR_OK)
        *ret_seqs = (ids_t){search.found, search.count};
    return err;
}
