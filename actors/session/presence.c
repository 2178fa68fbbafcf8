/* presence.c - a hash table from an account to the set of edges that have it.
 *
 * The set is one bit an edge, so an account costs the same whatever it does.  What
 * an edge announces is merged with what it had before, both in order:
 *
 *   had before   1  4  7          1 leaves this edge, 5 comes, 4 and 7 stay
 *   has now         4  5  7
 *
 * Invariants: a slot in use has account and edges other than 0; a person is at most
 * as far behind their home slot as the slots between are in use. */
#include "actors/session/presence.h"

#include <assert.h>
#include <stdlib.h>

enum { SIZE_FIRST = 64 };

struct presence_person {
    uint64_t account; /* 0: the slot is free */
    uint64_t edges;   /* one bit for each that has them */
};

/* ---- the table ---- */

/* Multiplicative hashing; account ids are dense, given by us, never chosen. */
static size_t s_home(const presence_t *presence, uint64_t account)
{
    return (size_t)(account * 0x9e3779b97f4a7c15u >> 32) & (presence->size - 1);
}

static size_t s_next(const presence_t *presence, size_t slot)
{
    return (slot + 1) & (presence->size - 1);
}

/* The person's slot, or the free one where they would be. */
static presence_person_t *s_slot(const presence_t *presence, uint64_t account)
{
    size_t slot = s_home(presence, account);
    while (presence->people[slot].account != 0 && presence->people[slot].account != account)
        slot = s_next(presence, slot);
    return &presence->people[slot];
}

static uint64_t s_edges(const presence_t *presence, uint64_t account)
{
    return presence->size > 0 ? s_slot(presence, account)->edges : 0;
}

static void s_grow(presence_t *presence)
{
    presence_t old = *presence;
    presence->size = old.size > 0 ? old.size * 2 : SIZE_FIRST;
    presence->people = mem_zeroed(presence->size * sizeof *presence->people);
    for (size_t i = 0; i < old.size; i++)
        if (old.people[i].account != 0)
            *s_slot(presence, old.people[i].account) = old.people[i];
    mem_free(old.people);
}

static void s_add(presence_t *presence, uint64_t account, uint64_t bit)
{
    if (presence->count * 2 >= presence->size)
        s_grow(presence);
    presence_person_t *person = s_slot(presence, account);
    if (person->account == 0)
        presence->count++;
    person->account = account;
    person->edges |= bit;
}

/* Free a slot; who would no longer be found behind the gap moves into it. */
static void s_free(presence_t *presence, presence_person_t *person)
{
    size_t gap = (size_t)(person - presence->people);
    size_t mask = presence->size - 1;
    for (size_t i = s_next(presence, gap); presence->people[i].account != 0;
         i = s_next(presence, i)) {
        size_t home = s_home(presence, presence->people[i].account);
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            presence->people[gap] = presence->people[i];
            gap = i;
        }
    }
    presence->people[gap] = (presence_person_t){0};
    presence->count--;
}

static void s_remove(presence_t *presence, uint64_t account, uint64_t bit)
{
    presence_person_t *person = s_slot(presence, account);
    assert(person->edges & bit);
    person->edges &= ~bit;
    if (person->edges == 0)
        s_free(presence, person);
}

/* ---- edges ---- */

/* The place of an edge, or with 0 the first free one; PRESENCE_EDGES if there is none. */
static size_t s_place(const presence_t *presence, uint64_t edge)
{
    size_t place = 0;
    while (place < PRESENCE_EDGES && presence->edges[place] != edge)
        place++;
    return place;
}

/* The edge's bit, a new one if need be; 0 if all are taken. */
static uint64_t s_bit(presence_t *presence, uint64_t edge)
{
    size_t place = s_place(presence, edge);
    if (place == PRESENCE_EDGES)
        place = s_place(presence, 0);
    if (place == PRESENCE_EDGES)
        return 0;
    presence->edges[place] = edge;
    return UINT64_C(1) << place;
}

/* ---- lists of accounts, ascending ---- */

static int s_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Sort, and leave out repeats and the 0 that no account has. */
static ids_t s_ordered(uint64_t *items, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(items, count, sizeof *items, s_compare);
    for (size_t i = 0; i < count; i++)
        if (items[i] != 0 && (kept == 0 || items[i] != items[kept - 1]))
            items[kept++] = items[i];
    return (ids_t){items, kept};
}

static ids_t s_announced(ids_t accounts, arena_t *arena)
{
    uint64_t *items = arena_alloc(arena, accounts.count * sizeof *items);
    if (accounts.count > 0)
        memcpy(items, accounts.items, accounts.count * sizeof *items);
    return s_ordered(items, accounts.count);
}

static ids_t s_people_of(const presence_t *presence, uint64_t bit, arena_t *arena)
{
    uint64_t *items = arena_alloc(arena, presence->count * sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < presence->size; i++)
        if (presence->people[i].edges & bit)
            items[count++] = presence->people[i].account;
    return s_ordered(items, count);
}

/* ---- changes ---- */

static void s_come(presence_t *presence, uint64_t account, uint64_t bit, presence_change_t *changes,
                   size_t *count)
{
    if (s_edges(presence, account) == 0)
        changes[(*count)++] = (presence_change_t){account, true};
    s_add(presence, account, bit);
}

static void s_go(presence_t *presence, uint64_t account, uint64_t bit, presence_change_t *changes,
                 size_t *count)
{
    s_remove(presence, account, bit);
    if (s_edges(presence, account) == 0)
        changes[(*count)++] = (presence_change_t){account, false};
}

/* From the people that the edge had to those that it has; see the picture above. */
static void s_merge(presence_t *presence, uint64_t bit, ids_t had, ids_t has, arena_t *arena,
                    presence_changes_t *ret_changes)
{
    presence_change_t *changes = arena_alloc(arena, (had.count + has.count) * sizeof *changes);
    size_t count = 0, i = 0, j = 0;
    while (i < had.count || j < has.count) {
        if (j == has.count || (i < had.count && had.items[i] < has.items[j]))
            s_go(presence, had.items[i++], bit, changes, &count);
        else if (i == had.count || has.items[j] < had.items[i])
            s_come(presence, has.items[j++], bit, changes, &count);
        else
            i++, j++; /* stays */
    }
    *ret_changes = (presence_changes_t){changes, count};
}

err_t presence_announce(presence_t *presence, uint64_t edge, ids_t accounts, arena_t *arena,
                        presence_changes_t *ret_changes)
{
    uint64_t bit = s_bit(presence, edge);
    if (bit == 0)
        return ERR_UNAVAILABLE;
    s_merge(presence, bit, s_people_of(presence, bit, arena), s_announced(accounts, arena), arena,
            ret_changes);
    return ERR_OK;
}

err_t presence_set(presence_t *presence, uint64_t edge, uint64_t account, bool online,
                   arena_t *arena, presence_changes_t *ret_changes)
{
    uint64_t bit = s_bit(presence, edge);
    if (bit == 0)
        return ERR_UNAVAILABLE;
    ids_t person = s_announced((ids_t){&account, 1}, arena);
    ids_t nobody = {0};
    bool had = s_edges(presence, account) & bit;
    s_merge(presence, bit, had ? person : nobody, online ? person : nobody, arena, ret_changes);
    return ERR_OK;
}

void presence_gone(presence_t *presence, uint64_t edge, arena_t *arena,
                   presence_changes_t *ret_changes)
{
    size_t place = s_place(presence, edge);
    *ret_changes = (presence_changes_t){0};
    if (edge == 0 || place == PRESENCE_EDGES)
        return;
    uint64_t bit = UINT64_C(1) << place;
    s_merge(presence, bit, s_people_of(presence, bit, arena), (ids_t){0}, arena, ret_changes);
    presence->edges[place] = 0;
}

bool presence_online(const presence_t *presence, uint64_t account)
{
    return s_edges(presence, account) != 0;
}

void presence_close(presence_t *presence)
{
    mem_free(presence->people);
    map_destroy(&presence->untold);
    *presence = (presence_t){0};
}

/* ---- what is to be told ---- */

void presence_note(presence_t *presence, const presence_changes_t *changes)
{
    static char untold;
    if (presence->untold == NULL)
        presence->untold = map_new();
    for (size_t i = 0; i < changes->count; i++) /* each change undoes the one before */
        if (map_remove(presence->untold, changes->items[i].account) == NULL)
            map_put(presence->untold, changes->items[i].account, &untold);
}

static int s_by_account(const void *a, const void *b)
{
    uint64_t left = ((const presence_change_t *)a)->account;
    uint64_t right = ((const presence_change_t *)b)->account;
    return (left > right) - (left < right);
}

presence_changes_t presence_take(presence_t *presence, size_t max, arena_t *arena)
{
    size_t count = presence->untold != NULL ? map_count(presence->untold) : 0, found = 0;
    presence_change_t *items = arena_alloc(arena, count * sizeof *items);
    uint64_t account;
    void *untold;
    if (count == 0)
        return (presence_changes_t){0};
    for (size_t at = 0; map_next(presence->untold, &at, &account, &untold);)
        items[found++] = (presence_change_t){account, presence_online(presence, account)};
    qsort(items, count, sizeof *items, s_by_account);
    for (size_t i = 0; i < count && i < max; i++)
        map_remove(presence->untold, items[i].account);
    return (presence_changes_t){items, count < max ? count : max};
}

/* ---- for recordings ---- */

enum { PAIR = 2 };

static ids_t s_keep_people(const presence_t *presence, arena_t *arena)
{
    uint64_t *items = arena_alloc(arena, presence->count * PAIR * sizeof *items + 1);
    size_t count = 0;
    for (size_t i = 0; i < presence->size; i++) {
        const presence_person_t *person = &presence->people[i];
        if (person->account == 0)
            continue;
        items[count++] = person->account;
        items[count++] = person->edges;
    }
    qsort(items, count / PAIR, PAIR * sizeof *items, s_compare);
    return (ids_t){items, count};
}

static ids_t s_keep_untold(const presence_t *presence, arena_t *arena)
{
    size_t all = presence->untold != NULL ? map_count(presence->untold) : 0, count = 0;
    uint64_t *items = arena_alloc(arena, all * sizeof *items + 1);
    void *untold;
    for (size_t at = 0; count < all && map_next(presence->untold, &at, &items[count], &untold);)
        count++;
    return s_ordered(items, count);
}

void presence_keep(const presence_t *presence, arena_t *arena, session_tape_t *kept)
{
    kept->edges = (ids_t){presence->edges, PRESENCE_EDGES};
    kept->people = s_keep_people(presence, arena);
    kept->untold = s_keep_untold(presence, arena);
}

err_t presence_restore(presence_t *presence, const session_tape_t *kept)
{
    static char untold;
    if (kept->edges.count != PRESENCE_EDGES || kept->people.count % PAIR != 0)
        return ERR_CORRUPT;
    memcpy(presence->edges, kept->edges.items, sizeof presence->edges);
    for (size_t i = 0; i < kept->people.count; i += PAIR) {
        if (kept->people.items[i] == 0 || kept->people.items[i + 1] == 0)
            return ERR_CORRUPT;
        s_add(presence, kept->people.items[i], kept->people.items[i + 1]);
    }
    presence->untold = map_new();
    for (size_t i = 0; i < kept->untold.count; i++)
        map_put(presence->untold, kept->untold.items[i], &untold);
    return ERR_OK;
}
