/* tail.c - two rings of fixed size: one of entries, one of their bytes.
 *
 * The entry of sequence s lies at s modulo the ring's size, so a chain is a list
 * of sequences and a link below the oldest entry is simply the end.  A record
 * never wraps: where it would, the rest of the byte ring is left unused.
 *
 * The newest sequence of each key is kept in a map; keys whose newest record has
 * left the ring are swept out once in a turn of the ring. */
#include "broker/tail.h"

#include <assert.h>
#include <stdlib.h>

#include "schema/map.h"
#include "schema/mem.h"

enum { RECORD_TYPICAL = 256 }; /* bytes; sizes the ring of entries */

typedef struct entry {
    uint64_t seq;
    size_t at; /* in the byte ring */
    size_t len;
    uint64_t room_before; /* the sequence before this one with the same room; 0: none */
    uint64_t account_before;
    uint64_t room;
    uint64_t account;
} entry_t;

struct tail {
    uint8_t *bytes;
    size_t size;
    size_t end; /* where the next record goes */
    entry_t *entries;
    size_t entry_size; /* a power of two */
    uint64_t first;    /* oldest sequence at hand */
    uint64_t last;
    map_t *rooms; /* key → its newest sequence, as a pointer-sized number */
    map_t *accounts;
};

tail_t *tail_new(size_t bytes)
{
    tail_t *tail = mem_new(tail_t);
    tail->size = bytes;
    tail->bytes = mem_zeroed(bytes);
    tail->entry_size = 1024;
    while (tail->entry_size * RECORD_TYPICAL < bytes)
        tail->entry_size *= 2;
    tail->entries = mem_zeroed(tail->entry_size * sizeof(entry_t));
    tail->rooms = map_new();
    tail->accounts = map_new();
    return tail;
}

void tail_destroy(tail_t **tail_p)
{
    tail_t *tail = *tail_p;
    if (tail == NULL)
        return;
    *tail_p = NULL;
    map_destroy(&tail->rooms);
    map_destroy(&tail->accounts);
    mem_free(tail->entries);
    mem_free(tail->bytes);
    mem_free(tail);
}

uint64_t tail_first(const tail_t *tail)
{
    return tail->first;
}

static entry_t *s_entry(const tail_t *tail, uint64_t seq)
{
    return &tail->entries[seq & (tail->entry_size - 1)];
}

static uint64_t s_newest(const map_t *keys, uint64_t key)
{
    return key == 0 ? 0 : (uint64_t)(uintptr_t)map_get(keys, key);
}

/* A key whose newest record is the one that leaves has none at hand any more. */
static void s_forget_key(map_t *keys, uint64_t key, uint64_t seq)
{
    if (key != 0 && s_newest(keys, key) == seq)
        map_remove(keys, key);
}

static void s_drop_oldest(tail_t *tail)
{
    const entry_t *entry = s_entry(tail, tail->first);
    s_forget_key(tail->rooms, entry->room, entry->seq);
    s_forget_key(tail->accounts, entry->account, entry->seq);
    tail->first = tail->first == tail->last ? 0 : tail->first + 1;
}

void tail_forget(tail_t *tail)
{
    while (tail->first != 0)
        s_drop_oldest(tail);
    explicit_bzero(tail->bytes, tail->size);
}

/* Whether bytes [at, at + len) hold the oldest record. */
static bool s_overlaps_oldest(const tail_t *tail, size_t at, size_t len)
{
    const entry_t *entry = s_entry(tail, tail->first);
    return entry->at < at + len && at < entry->at + entry->len;
}

static size_t s_make_room(tail_t *tail, size_t len)
{
    assert(len <= tail->size);
    size_t at = tail->end + len <= tail->size ? tail->end : 0;
    /* When the ring wraps, everything behind the end goes first: those are the oldest. */
    while (tail->first != 0 && at < tail->end && s_entry(tail, tail->first)->at >= tail->end)
        s_drop_oldest(tail);
    while (tail->first != 0 && s_overlaps_oldest(tail, at, len))
        s_drop_oldest(tail);
    while (tail->first != 0 && tail->last - tail->first + 1 >= tail->entry_size)
        s_drop_oldest(tail);
    return at;
}

static uint64_t s_link(map_t *keys, uint64_t key, uint64_t seq)
{
    if (key == 0)
        return 0;
    uint64_t before = s_newest(keys, key);
    map_put(keys, key, (void *)(uintptr_t)seq);
    return before;
}

void tail_add(tail_t *tail, const record_t *record)
{
    assert(tail->first == 0 || record->seq == tail->last + 1);
    size_t at = s_make_room(tail, record->bytes.len);
    memcpy(tail->bytes + at, record->bytes.ptr, record->bytes.len);
    tail->end = at + record->bytes.len;
    *s_entry(tail, record->seq) = (entry_t){
        .seq = record->seq,
        .at = at,
        .len = record->bytes.len,
        .room = record->room,
        .account = record->account,
        .room_before = s_link(tail->rooms, record->room, record->seq),
        .account_before = s_link(tail->accounts, record->account, record->seq),
    };
    tail->last = record->seq;
    if (tail->first == 0)
        tail->first = record->seq;
}

/* ---- reading ---- */

/* Sequences found along the chains. */
typedef struct found {
    uint64_t *seqs;
    size_t count;
    size_t size;
} found_t;

static void s_found_add(found_t *found, uint64_t seq)
{
    if (found->count == found->size) {
        found->size = found->size > 0 ? found->size * 2 : 64;
        found->seqs = mem_grow(found->seqs, found->size * sizeof(uint64_t));
    }
    found->seqs[found->count++] = seq;
}

static int s_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void s_follow_rooms(const tail_t *tail, uint64_t from, ids_t rooms, found_t *found)
{
    for (size_t i = 0; i < rooms.count; i++)
        for (uint64_t seq = s_newest(tail->rooms, rooms.items[i]); seq >= from && seq != 0;
             seq = s_entry(tail, seq)->room_before)
            s_found_add(found, seq);
}

static void s_follow_accounts(const tail_t *tail, uint64_t from, ids_t accounts, found_t *found)
{
    for (size_t i = 0; i < accounts.count; i++)
        for (uint64_t seq = s_newest(tail->accounts, accounts.items[i]); seq >= from && seq != 0;
             seq = s_entry(tail, seq)->account_before)
            s_found_add(found, seq);
}

static void s_put(const tail_t *tail, uint64_t seq, buf_t *out)
{
    const entry_t *entry = s_entry(tail, seq);
    assert(entry->seq == seq);
    buf_append(out, slice_new(tail->bytes + entry->at, entry->len));
}

tail_record_t tail_at(const tail_t *tail, uint64_t seq)
{
    const entry_t *entry = s_entry(tail, seq);
    assert(entry->seq == seq);
    return (tail_record_t){slice_new(tail->bytes + entry->at, entry->len), entry->room,
                           entry->account};
}

static uint64_t s_read_all(const tail_t *tail, uint64_t from, size_t budget, buf_t *out)
{
    size_t start = out->len;
    while (from <= tail->last && out->len - start < budget)
        s_put(tail, from++, out);
    return from;
}

uint64_t tail_read(const tail_t *tail, uint64_t from, ids_t rooms, ids_t accounts, size_t budget,
                   buf_t *out)
{
    assert(tail->first == 0 || from >= tail->first);
    if (tail->first == 0)
        return from;
    if (rooms.count == 0 && accounts.count == 0)
        return s_read_all(tail, from, budget, out);

    found_t found = {0};
    s_follow_rooms(tail, from, rooms, &found);
    s_follow_accounts(tail, from, accounts, &found);
    if (found.count > 0)
        qsort(found.seqs, found.count, sizeof(uint64_t), s_compare);

    size_t start = out->len;
    uint64_t next = from > tail->last ? from : tail->last + 1;
    for (size_t i = 0; i < found.count; i++) {
        if (i > 0 && found.seqs[i] == found.seqs[i - 1])
            continue;
        if (out->len - start >= budget) {
            next = found.seqs[i];
            break;
        }
        s_put(tail, found.seqs[i], out);
    }
    mem_free(found.seqs);
    return next;
}
