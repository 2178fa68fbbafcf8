/* overlay.c - a hash table of rows, a queue of pending writes, two lines of rows.
 *
 *   put ──> pending ──settle──> settled, dirty ──cleaned──> clean ──> evicted
 *              └────forget──> gone      ^ put while settling
 *
 * Settling moves a pointer from the queue to the row, so a value is copied once on its way to
 * the disk.  A row that nobody has read is let go once it is clean: most rows are written and never
 * asked for again, and would push out those that every command reads.
 *
 * What costs here is memory that is in no cache, so rows are touched seldom: the table has the
 * hashes, and a row its first value, which mostly is its only one, in the same allocation.
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
#include "actors/key_hash.h"

enum { SLOTS_FIRST = 1024 };

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
    uint64_t hash;
    value_t *latest;
    value_t *settled;
    size_t pending; /* writes in the queue */
    line_t *line;   /* that it is in, or NULL */
    entry_t *older;
    entry_t *newer;
    size_t size; /* of this allocation */
    bool new;    /* no disk has it */
    bool read;   /* lately: kept when it becomes clean, spared by the next eviction */
    uint32_t key_len;
    uint8_t key[]; /* and behind it, aligned, the row's first value */
};

/* Empty: no entry. */
typedef struct slot {
    uint64_t hash;
    entry_t *entry;
} slot_t;

struct overlay {
    slot_t *slots;     /* open addressing, each row at its hash's place or soon behind it */
    size_t slot_count; /* a power of two, at least twice the rows */
    size_t entry_count;
    hash_secret_t secret;
    value_t *oldest; /* of the queue */
    value_t *newest;
    size_t pending;
    line_t dirty;
    line_t clean;
    size_t clean_max;
};

/* ---- the table ---- */

static slice_t s_key(const entry_t *entry)
{
    return slice_new(entry->key, entry->key_len);
}

/* The slot of the key, or the empty one where it belongs. */
static slot_t *s_slot(const overlay_t *overlay, slice_t key, uint64_t hash)
{
    size_t mask = overlay->slot_count - 1, at = hash & mask;
    for (;; at = (at + 1) & mask) {
        slot_t *slot = &overlay->slots[at];
        if (slot->entry == NULL || (slot->hash == hash && slice_eq(s_key(slot->entry), key)))
            return slot;
    }
}

static entry_t *s_find(const overlay_t *overlay, slice_t key)
{
    return s_slot(overlay, key, key_hash(&overlay->secret, key))->entry;
}

static void s_grow(overlay_t *overlay)
{
    slot_t *old = overlay->slots;
    size_t old_count = overlay->slot_count, mask = 2 * old_count - 1;
    overlay->slot_count = 2 * old_count;
    overlay->slots = mem_zeroed(overlay->slot_count * sizeof *old);
    for (size_t i = 0; i < old_count; i++)
        if (old[i].entry != NULL) {
            size_t at = old[i].hash & mask;
            while (overlay->slots[at].entry != NULL)
                at = (at + 1) & mask;
            overlay->slots[at] = old[i];
        }
    mem_free(old);
}

/* Empty a slot, and fill the gap with what had to go past it. */
static void s_vacate(overlay_t *overlay, slot_t *slot)
{
    size_t mask = overlay->slot_count - 1, gap = (size_t)(slot - overlay->slots);
    for (size_t at = (gap + 1) & mask; overlay->slots[at].entry != NULL; at = (at + 1) & mask) {
        size_t detour = (at - overlay->slots[at].hash) & mask;
        if (detour < ((at - gap) & mask))
            continue;
        overlay->slots[gap] = overlay->slots[at];
        gap = at;
    }
    overlay->slots[gap] = (slot_t){0};
}

/* ---- rows and values ---- */

/* Where a row of that key has its first value. */
static size_t s_first_at(size_t key_len)
{
    size_t end = offsetof(entry_t, key) + key_len;
    return (end + _Alignof(value_t) - 1) & ~(_Alignof(value_t) - 1);
}

static bool s_is_first(const value_t *value)
{
    return (const uint8_t *)value - (const uint8_t *)value->entry ==
           (ptrdiff_t)s_first_at(value->entry->key_len);
}

static value_t *s_value_fill(value_t *value, entry_t *entry, slice_t bytes)
{
    value->newer = NULL;
    value->entry = entry;
    value->len = (uint32_t)bytes.len;
    value->absent = bytes.ptr == NULL;
    if (!value->absent)
        memcpy(value->bytes, bytes.ptr, bytes.len);
    return value;
}

/* A row that holds nothing but room for the value that it is made for. */
static value_t *s_entry_new(overlay_t *overlay, slot_t *slot, slice_t key, uint64_t hash,
                            slice_t bytes)
{
    size_t first = s_first_at(key.len), size = first + sizeof(value_t) + bytes.len;
    entry_t *entry = mem_grow(NULL, size);
    *entry = (entry_t){.hash = hash, .size = size, .key_len = (uint32_t)key.len};
    memcpy(entry->key, key.ptr, key.len);
    *slot = (slot_t){hash, entry};
    if (++overlay->entry_count * 2 > overlay->slot_count)
        s_grow(overlay);
    return s_value_fill((value_t *)((uint8_t *)entry + first), entry, bytes);
}

/* A value for the row of the key, which is made if need be. */
static value_t *s_value_new(overlay_t *overlay, slice_t key, slice_t bytes)
{
    assert(bytes.len <= UINT32_MAX);
    uint64_t hash = key_hash(&overlay->secret, key);
    slot_t *slot = s_slot(overlay, key, hash);
    if (slot->entry == NULL)
        return s_entry_new(overlay, slot, key, hash, bytes);
    value_t *value = mem_grow(NULL, sizeof *value + bytes.len);
    return s_value_fill(value, slot->entry, bytes);
}

static void s_value_free(value_t *value)
{
    if (value != NULL && !s_is_first(value))
        mem_free(value);
}

static void s_entry_free(overlay_t *overlay, entry_t *entry)
{
    assert(entry->pending == 0);
    s_vacate(overlay, s_slot(overlay, s_key(entry), entry->hash));
    overlay->entry_count--;
    s_value_free(entry->settled);
    mem_free(entry);
}

/* ---- the lines ---- */

static size_t s_bytes(const entry_t *entry)
{
    const value_t *settled = entry->settled;
    return entry->size + (s_is_first(settled) ? 0 : sizeof *settled + settled->len);
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
    overlay->slot_count = SLOTS_FIRST;
    overlay->slots = mem_zeroed(SLOTS_FIRST * sizeof *overlay->slots);
    overlay->clean_max = clean_max;
    crypto_random((uint8_t *)&overlay->secret, sizeof overlay->secret);
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
    mem_free(overlay->slots);
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
    entry_t *entry = s_find(overlay, key);
    if (entry == NULL)
        return OVERLAY_UNKNOWN;
    entry->read = true;
    *ret_value = s_bytes_of(entry->latest);
    return entry->pending > 0 ? OVERLAY_PENDING : OVERLAY_SETTLED;
}

overlay_found_t overlay_get_settled(overlay_t *overlay, slice_t key, slice_t *ret_value)
{
    entry_t *entry = s_find(overlay, key);
    if (entry == NULL || entry->settled == NULL)
        return OVERLAY_UNKNOWN;
    entry->read = true;
    *ret_value = s_bytes_of(entry->settled);
    return OVERLAY_SETTLED;
}

void overlay_write_pending(overlay_t *overlay, slice_t key, slice_t bytes)
{
    value_t *value = s_value_new(overlay, key, bytes);
    entry_t *entry = value->entry;
    if (entry->line == &overlay->clean)
        s_line_leave(entry);
    entry->latest = value;
    entry->pending++;
    *(overlay->newest != NULL ? &overlay->newest->newer : &overlay->oldest) = value;
    overlay->newest = value;
    overlay->pending++;
}

/* The value is committed: the row is dirty with it, unless it is gone before a disk had it. */
static void s_settle(overlay_t *overlay, value_t *value)
{
    entry_t *entry = value->entry;
    s_line_leave(entry);
    s_value_free(entry->settled);
    entry->settled = value;
    if (entry->pending == 0)
        entry->latest = value;
    if (entry->new && value->absent && entry->pending == 0)
        s_entry_free(overlay, entry);
    else
        s_line_join(&overlay->dirty, entry);
}

void overlay_write_settled(overlay_t *overlay, slice_t key, slice_t bytes)
{
    s_settle(overlay, s_value_new(overlay, key, bytes));
}

void overlay_mark_new(overlay_t *overlay, slice_t key)
{
    s_find(overlay, key)->new = true;
}

void overlay_keep(overlay_t *overlay, slice_t key, slice_t bytes)
{
    value_t *value = s_value_new(overlay, key, bytes);
    entry_t *entry = value->entry;
    assert(entry->latest == NULL);
    entry->latest = entry->settled = value;
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
    for (size_t i = 0; i < writes; i++)
        s_settle(overlay, s_pop(overlay));
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
        entry_t *entry = value->entry;
        s_value_free(value);
        if (entry->pending == 0)
            s_revert(overlay, entry);
    }
    s_evict(overlay);
}

size_t overlay_dirty(const overlay_t *overlay)
{
    return overlay->dirty.bytes;
}

/* A row and the beginning of its key: a letter and two numbers, which tell most rows apart. */
typedef struct place {
    uint64_t heads[3];
    const entry_t *entry;
} place_t;

static place_t s_place(const entry_t *entry)
{
    place_t place = {.entry = entry};
    slice_t key = s_key(entry);
    for (size_t i = 0; i < COUNT_OF(place.heads); i++) {
        place.heads[i] = slice_head(key);
        key = slice_from(key, key.len < sizeof(uint64_t) ? key.len : sizeof(uint64_t));
    }
    return place;
}

static int s_compare(const void *a, const void *b)
{
    const place_t *one = a, *other = b;
    for (size_t i = 0; i < COUNT_OF(one->heads); i++)
        if (one->heads[i] != other->heads[i])
            return one->heads[i] < other->heads[i] ? -1 : 1;
    return slice_compare(s_key(one->entry), s_key(other->entry));
}

/* The rows of a line in key order; mem_free it. */
static place_t *s_sorted(const line_t *line)
{
    place_t *places = mem_grow(NULL, (line->count + 1) * sizeof *places);
    size_t place = 0;
    for (const entry_t *entry = line->oldest; entry != NULL; entry = entry->newer)
        places[place++] = s_place(entry);
    assert(place == line->count);
    qsort(places, place, sizeof *places, s_compare);
    return places;
}

void overlay_each_dirty(const overlay_t *overlay, overlay_each_fn *each, void *ctx)
{
    place_t *places = s_sorted(&overlay->dirty);
    for (size_t i = 0; i < overlay->dirty.count; i++)
        each(ctx, s_key(places[i].entry), s_bytes_of(places[i].entry->settled));
    mem_free(places);
}

void overlay_doubt(overlay_t *overlay)
{
    for (entry_t *entry = overlay->dirty.oldest; entry != NULL; entry = entry->newer)
        entry->new = false;
}

void overlay_cleaned(overlay_t *overlay)
{
    while (overlay->dirty.oldest != NULL) {
        entry_t *entry = overlay->dirty.oldest;
        bool wanted = entry->read;
        s_line_leave(entry);
        entry->new = entry->read = false;
        if (entry->pending > 0)
            continue;
        if (wanted)
            s_line_join(&overlay->clean, entry);
        else
            s_entry_free(overlay, entry);
    }
    s_evict(overlay);
}
