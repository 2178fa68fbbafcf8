/* overlay.c - a hash table of rows, a queue of pending writes, two lines of rows.
 *
 *   put ──> pending ──settle──> settled, dirty ──cleaned──> clean ──> evicted
 *              └────forget──> gone      ^ put while settling
 *
 * A write is one allocation with the value inside; settling moves a pointer from
 * the queue to the row, so a value is copied once on its way to the disk.  A row that
 * nobody has read is let go once it is clean: most rows are written and never asked
 * for again, and would push out those that every command reads.
 *
 * Invariants:
 *   - `latest` is the row's newest pending write, or `settled` if it has none.
 *   - a row is in the dirty line when `settled` is newer than the disk; in the clean
 *     line when it equals the disk and nothing is pending; in neither when only
 *     pending writes hold it here.  `settled` is NULL when the disk was never asked.
 *   - a line is oldest first, and knows how many rows and bytes it has.
 *
 * The hash is keyed with random bytes: strangers choose logins and client ids.  Its
 * order is never seen, as all walks follow the lines or the queue. */
#include "actors/overlay.h"

#include <assert.h>
#include <stdlib.h>

#include "actors/crypto.h"

enum { BUCKETS_FIRST = 1024 };

typedef struct entry entry_t;

/* A value on its way: pending in the queue, then its row's settled value. */
typedef struct value {
    struct value *newer; /* in the queue */
    entry_t *entry;
    uint32_t len;
    bool absent; /* a deletion */
    uint8_t bytes[];
} value_t;

typedef struct line {
    entry_t *oldest;
    entry_t *newest;
    size_t count;
    size_t bytes;
} line_t;

struct entry {
    entry_t *chain; /* next in its bucket */
    uint64_t hash;
    value_t *latest;
    value_t *settled;
    size_t pending; /* writes in the queue */
    line_t *line;   /* that it is in, or NULL */
    entry_t *older;
    entry_t *newer;
    bool read; /* lately: kept when it becomes clean, spared by the next eviction */
    uint32_t key_len;
    uint8_t key[];
};

struct overlay {
    entry_t **buckets;
    size_t bucket_count; /* a power of two */
    size_t entry_count;
    uint64_t secret[2]; /* of the hash */
    value_t *oldest;    /* of the queue */
    value_t *newest;
    size_t pending;
    line_t dirty;
    line_t clean;
    size_t clean_max;
};

/* ---- the table ---- */

/* Both halves of the product: every bit of the input reaches every bit. */
static uint64_t s_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t s_hash(const overlay_t *overlay, slice_t key)
{
    uint64_t hash = overlay->secret[0] ^ key.len, word = 0;
    while (key.len > sizeof word) {
        memcpy(&word, key.ptr, sizeof word);
        hash = s_mix(hash ^ word, overlay->secret[1]);
        key = slice_from(key, sizeof word);
    }
    word = 0;
    memcpy(&word, key.ptr, key.len);
    return s_mix(s_mix(hash ^ word, overlay->secret[1]), overlay->secret[0]);
}

static entry_t **s_bucket(const overlay_t *overlay, uint64_t hash)
{
    return &overlay->buckets[hash & (overlay->bucket_count - 1)];
}

static entry_t *s_find(const overlay_t *overlay, slice_t key, uint64_t hash)
{
    entry_t *entry = *s_bucket(overlay, hash);
    while (entry != NULL &&
           (entry->hash != hash || !slice_eq(slice_new(entry->key, entry->key_len), key)))
        entry = entry->chain;
    return entry;
}

static void s_grow(overlay_t *overlay)
{
    entry_t **old = overlay->buckets;
    size_t old_count = overlay->bucket_count;
    overlay->bucket_count = old_count * 2;
    overlay->buckets = mem_zeroed(overlay->bucket_count * sizeof *old);
    for (size_t i = 0; i < old_count; i++)
        while (old[i] != NULL) {
            entry_t *entry = old[i];
            entry_t **bucket = s_bucket(overlay, entry->hash);
            old[i] = entry->chain;
            entry->chain = *bucket;
            *bucket = entry;
        }
    mem_free(old);
}

/* The row of the key, made if need be; a new one holds nothing yet. */
static entry_t *s_entry(overlay_t *overlay, slice_t key)
{
    uint64_t hash = s_hash(overlay, key);
    entry_t *entry = s_find(overlay, key, hash);
    if (entry != NULL)
        return entry;
    if (overlay->entry_count == overlay->bucket_count)
        s_grow(overlay);

    entry_t **bucket = s_bucket(overlay, hash);
    entry = mem_grow(NULL, sizeof *entry + key.len);
    *entry = (entry_t){.chain = *bucket, .hash = hash, .key_len = (uint32_t)key.len};
    memcpy(entry->key, key.ptr, key.len);
    *bucket = entry;
    overlay->entry_count++;
    return entry;
}

static void s_entry_free(overlay_t *overlay, entry_t *entry)
{
    assert(entry->pending == 0);
    entry_t **link = s_bucket(overlay, entry->hash);
    while (*link != entry)
        link = &(*link)->chain;
    *link = entry->chain;
    overlay->entry_count--;
    mem_free(entry->settled);
    mem_free(entry);
}

/* ---- the lines ---- */

static size_t s_bytes(const entry_t *entry)
{
    return sizeof *entry + entry->key_len + sizeof(value_t) + entry->settled->len;
}

static void s_line_join(line_t *line, entry_t *entry)
{
    assert(entry->line == NULL);
    entry->line = line;
    entry->older = line->newest;
    entry->newer = NULL;
    *(line->newest != NULL ? &line->newest->newer : &line->oldest) = entry;
    line->newest = entry;
    line->count++;
    line->bytes += s_bytes(entry);
}

static void s_line_leave(entry_t *entry)
{
    line_t *line = entry->line;
    if (line == NULL)
        return;
    *(entry->older != NULL ? &entry->older->newer : &line->oldest) = entry->newer;
    *(entry->newer != NULL ? &entry->newer->older : &line->newest) = entry->older;
    line->count--;
    line->bytes -= s_bytes(entry);
    entry->line = NULL;
}

/* Rows that were read since they became clean get a second round. */
static void s_evict(overlay_t *overlay)
{
    while (overlay->clean.bytes > overlay->clean_max) {
        entry_t *entry = overlay->clean.oldest;
        assert(entry != NULL);
        bool spared = entry->read;
        s_line_leave(entry);
        entry->read = false;
        if (spared)
            s_line_join(&overlay->clean, entry);
        else
            s_entry_free(overlay, entry);
    }
}

/* ---- public ---- */

overlay_t *overlay_new(size_t clean_max)
{
    overlay_t *overlay = mem_new(overlay_t);
    overlay->bucket_count = BUCKETS_FIRST;
    overlay->buckets = mem_zeroed(BUCKETS_FIRST * sizeof *overlay->buckets);
    overlay->clean_max = clean_max;
    crypto_random((uint8_t *)overlay->secret, sizeof overlay->secret);
    return overlay;
}

void overlay_destroy(overlay_t **overlay_p)
{
    overlay_t *overlay = *overlay_p;
    if (overlay == NULL)
        return;
    overlay_forget(overlay);
    overlay_cleaned(overlay);
    overlay->clean_max = 0;
    s_evict(overlay);
    assert(overlay->entry_count == 0);
    mem_free(overlay->buckets);
    mem_free(overlay);
    *overlay_p = NULL;
}

/* The zero slice stands for a deletion. */
static slice_t s_bytes_of(const value_t *value)
{
    return value->absent ? (slice_t){0} : slice_new(value->bytes, value->len);
}

overlay_found_t overlay_get(overlay_t *overlay, slice_t key, slice_t *ret_value)
{
    entry_t *entry = s_find(overlay, key, s_hash(overlay, key));
    if (entry == NULL)
        return OVERLAY_UNKNOWN;
    entry->read = true;
    *ret_value = s_bytes_of(entry->latest);
    return entry->pending > 0 ? OVERLAY_PENDING : OVERLAY_SETTLED;
}

overlay_found_t overlay_get_settled(overlay_t *overlay, slice_t key, slice_t *ret_value)
{
    entry_t *entry = s_find(overlay, key, s_hash(overlay, key));
    if (entry == NULL || entry->settled == NULL)
        return OVERLAY_UNKNOWN;
    entry->read = true;
    *ret_value = s_bytes_of(entry->settled);
    return OVERLAY_SETTLED;
}

static value_t *s_value_new(entry_t *entry, slice_t bytes)
{
    assert(bytes.len <= UINT32_MAX);
    value_t *value = mem_grow(NULL, sizeof *value + bytes.len);
    value->newer = NULL;
    value->entry = entry;
    value->len = (uint32_t)bytes.len;
    value->absent = bytes.ptr == NULL;
    if (bytes.ptr != NULL)
        memcpy(value->bytes, bytes.ptr, bytes.len);
    return value;
}

void overlay_write_pending(overlay_t *overlay, slice_t key, slice_t bytes)
{
    entry_t *entry = s_entry(overlay, key);
    value_t *value = s_value_new(entry, bytes);
    if (entry->line == &overlay->clean)
        s_line_leave(entry);
    entry->latest = value;
    entry->pending++;
    *(overlay->newest != NULL ? &overlay->newest->newer : &overlay->oldest) = value;
    overlay->newest = value;
    overlay->pending++;
}

/* The value is committed: the row is dirty with it. */
static void s_settle(overlay_t *overlay, entry_t *entry, value_t *value)
{
    s_line_leave(entry);
    mem_free(entry->settled);
    entry->settled = value;
    if (entry->pending == 0)
        entry->latest = value;
    s_line_join(&overlay->dirty, entry);
}

void overlay_write_settled(overlay_t *overlay, slice_t key, slice_t bytes)
{
    entry_t *entry = s_entry(overlay, key);
    s_settle(overlay, entry, s_value_new(entry, bytes));
}

void overlay_keep(overlay_t *overlay, slice_t key, slice_t bytes)
{
    entry_t *entry = s_entry(overlay, key);
    assert(entry->latest == NULL);
    entry->latest = entry->settled = s_value_new(entry, bytes);
    s_line_join(&overlay->clean, entry);
    s_evict(overlay);
}

/* Take the oldest write off the queue. */
static value_t *s_pop(overlay_t *overlay)
{
    value_t *value = overlay->oldest;
    assert(value != NULL);
    overlay->oldest = value->newer;
    if (overlay->oldest == NULL)
        overlay->newest = NULL;
    overlay->pending--;
    value->entry->pending--;
    return value;
}

void overlay_settle(overlay_t *overlay, size_t writes)
{
    assert(writes <= overlay->pending);
    for (size_t i = 0; i < writes; i++) {
        value_t *value = s_pop(overlay);
        s_settle(overlay, value->entry, value);
    }
}

/* The last pending write of a row is gone: back to what was settled, if anything. */
static void s_revert(overlay_t *overlay, entry_t *entry)
{
    entry->latest = entry->settled;
    if (entry->settled == NULL)
        s_entry_free(overlay, entry);
    else if (entry->line == NULL)
        s_line_join(&overlay->clean, entry);
}

void overlay_forget(overlay_t *overlay)
{
    while (overlay->pending > 0) {
        value_t *value = s_pop(overlay);
        if (value->entry->pending == 0)
            s_revert(overlay, value->entry);
        mem_free(value);
    }
    s_evict(overlay);
}

size_t overlay_dirty(const overlay_t *overlay)
{
    return overlay->dirty.bytes;
}

static int s_compare(const void *a, const void *b)
{
    const entry_t *one = *(const entry_t *const *)a, *other = *(const entry_t *const *)b;
    size_t shorter = one->key_len < other->key_len ? one->key_len : other->key_len;
    int order = memcmp(one->key, other->key, shorter);
    return order != 0 ? order : (one->key_len > other->key_len) - (one->key_len < other->key_len);
}

/* The rows of a line in key order; mem_free it. */
static const entry_t **s_sorted(const line_t *line)
{
    const entry_t **rows = mem_grow(NULL, (line->count + 1) * sizeof *rows);
    size_t row = 0;
    for (const entry_t *entry = line->oldest; entry != NULL; entry = entry->newer)
        rows[row++] = entry;
    assert(row == line->count);
    qsort(rows, row, sizeof *rows, s_compare);
    return rows;
}

void overlay_each_dirty(const overlay_t *overlay, overlay_each_fn *each, void *ctx)
{
    const entry_t **rows = s_sorted(&overlay->dirty);
    for (size_t i = 0; i < overlay->dirty.count; i++) {
        each(ctx, slice_new(rows[i]->key, rows[i]->key_len), s_bytes_of(rows[i]->settled));
    }
    mem_free(rows);
}

void overlay_cleaned(overlay_t *overlay)
{
    while (overlay->dirty.oldest != NULL) {
        entry_t *entry = overlay->dirty.oldest;
        bool wanted = entry->read;
        s_line_leave(entry);
        entry->read = false;
        if (entry->pending > 0)
            continue;
        if (wanted)
            s_line_join(&overlay->clean, entry);
        else
            s_entry_free(overlay, entry);
    }
    s_evict(overlay);
}
