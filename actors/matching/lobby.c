/* lobby.c - two maps, a line a queue, and a binary heap by due time and ticket.
 *
 * A lane lives as long as it has tickets, be they in its line or aside. */
#include "actors/matching/lobby.h"

#include <assert.h>
#include <stdlib.h>

#include "schema/map.h"
#include "schema/mem.h"

typedef struct lane {
    waiter_t *oldest; /* of the line */
    waiter_t *newest;
    size_t length; /* of the line */
    size_t count;  /* of its tickets */
    char *name;
} lane_t;

struct lobby {
    map_t *waiters; /* by ticket */
    map_t *lanes;   /* by the queue's word */
    waiter_t **heap;
    size_t count;
    size_t size; /* of the heap */
};

lobby_t *lobby_new(void)
{
    lobby_t *lobby = mem_new(lobby_t);
    lobby->waiters = map_new();
    lobby->lanes = map_new();
    return lobby;
}

static void s_lane_free(lane_t *lane)
{
    mem_free(lane->name);
    mem_free(lane);
}

void lobby_destroy(lobby_t **lobby_p)
{
    lobby_t *lobby = *lobby_p;
    uint64_t id;
    void *lane;
    if (lobby == NULL)
        return;
    *lobby_p = NULL;
    for (size_t i = 0; i < lobby->count; i++)
        waiter_destroy(&lobby->heap[i]);
    for (size_t at = 0; map_next(lobby->lanes, &at, &id, &lane);)
        s_lane_free(lane);
    map_destroy(&lobby->waiters);
    map_destroy(&lobby->lanes);
    mem_free(lobby->heap);
    mem_free(lobby);
}

size_t lobby_count(const lobby_t *lobby)
{
    return lobby->count;
}

/* ---- the heap ---- */

static bool s_before(const waiter_t *a, const waiter_t *b)
{
    return a->due != b->due ? a->due < b->due : a->ticket < b->ticket;
}

static void s_set(lobby_t *lobby, size_t place, waiter_t *waiter)
{
    lobby->heap[place] = waiter;
    waiter->place = place;
}

static void s_rise(lobby_t *lobby, waiter_t *waiter)
{
    size_t place = waiter->place;
    for (; place > 0 && s_before(waiter, lobby->heap[(place - 1) / 2]); place = (place - 1) / 2)
        s_set(lobby, place, lobby->heap[(place - 1) / 2]);
    s_set(lobby, place, waiter);
}

static void s_sink(lobby_t *lobby, waiter_t *waiter)
{
    size_t place = waiter->place;
    for (size_t child; (child = 2 * place + 1) < lobby->count; place = child) {
        if (child + 1 < lobby->count && s_before(lobby->heap[child + 1], lobby->heap[child]))
            child++;
        if (!s_before(lobby->heap[child], waiter))
            break;
        s_set(lobby, place, lobby->heap[child]);
    }
    s_set(lobby, place, waiter);
}

static void s_push(lobby_t *lobby, waiter_t *waiter)
{
    if (lobby->count == lobby->size) {
        lobby->size = lobby->size > 0 ? 2 * lobby->size : 64;
        lobby->heap = mem_grow(lobby->heap, lobby->size * sizeof(waiter_t *));
    }
    s_set(lobby, lobby->count++, waiter);
    s_rise(lobby, waiter);
}

static void s_pull(lobby_t *lobby, const waiter_t *waiter)
{
    waiter_t *last = lobby->heap[--lobby->count];
    if (last == waiter)
        return;
    s_set(lobby, waiter->place, last);
    s_rise(lobby, last);
    s_sink(lobby, last);
}

void lobby_postpone(lobby_t *lobby, waiter_t *waiter, int64_t due)
{
    waiter->due = due;
    s_rise(lobby, waiter);
    s_sink(lobby, waiter);
}

/* ---- queues ---- */

static lane_t *s_lane(lobby_t *lobby, uint64_t queue, slice_t name)
{
    lane_t *lane = map_get(lobby->lanes, queue);
    if (lane != NULL)
        return lane;
    lane = mem_new(lane_t);
    lane->name = mem_zeroed(name.len + 1);
    memcpy(lane->name, name.ptr, name.len);
    map_put(lobby->lanes, queue, lane);
    return lane;
}

/* In the order of tickets: nearly always the last. */
static void s_join(lane_t *lane, waiter_t *waiter)
{
    waiter_t *older = lane->newest;
    while (older != NULL && older->ticket > waiter->ticket)
        older = older->older;
    waiter->older = older;
    waiter->newer = older != NULL ? older->newer : lane->oldest;
    *(waiter->older != NULL ? &waiter->older->newer : &lane->oldest) = waiter;
    *(waiter->newer != NULL ? &waiter->newer->older : &lane->newest) = waiter;
    lane->length++;
    waiter->aside = false;
}

static void s_leave(lane_t *lane, waiter_t *waiter)
{
    if (waiter->aside)
        return;
    *(waiter->older != NULL ? &waiter->older->newer : &lane->oldest) = waiter->newer;
    *(waiter->newer != NULL ? &waiter->newer->older : &lane->newest) = waiter->older;
    lane->length--;
    waiter->aside = true;
}

static void s_quit(lobby_t *lobby, waiter_t *waiter)
{
    lane_t *lane = map_get(lobby->lanes, waiter->queue);
    s_leave(lane, waiter);
    if (--lane->count > 0)
        return;
    map_remove(lobby->lanes, waiter->queue);
    s_lane_free(lane);
}

waiter_t *lobby_due(lobby_t *lobby, int64_t now)
{
    waiter_t *waiter = lobby->count > 0 ? lobby->heap[0] : NULL;
    if (waiter == NULL || waiter->due > now)
        return NULL;
    if (waiter->aside)
        s_join(map_get(lobby->lanes, waiter->queue), waiter);
    return waiter;
}

void lobby_set_aside(lobby_t *lobby, waiter_t *waiter, int64_t due)
{
    s_leave(map_get(lobby->lanes, waiter->queue), waiter);
    lobby_postpone(lobby, waiter, due);
}

waiter_t *lobby_oldest(const lobby_t *lobby, uint64_t queue)
{
    const lane_t *lane = map_get(lobby->lanes, queue);
    return lane != NULL ? lane->oldest : NULL;
}

static int s_by_name(const void *a, const void *b)
{
    return strcmp((*(const lane_t *const *)a)->name, (*(const lane_t *const *)b)->name);
}

list_t lobby_queues(const lobby_t *lobby, size_t limit, arena_t *arena)
{
    size_t all = map_count(lobby->lanes), count = 0;
    const lane_t **lanes = arena_alloc(arena, all * sizeof *lanes + 1);
    uint64_t id;
    void *lane;
    for (size_t at = 0; map_next(lobby->lanes, &at, &id, &lane);)
        if (((const lane_t *)lane)->length > 0)
            lanes[count++] = lane;
    qsort(lanes, count, sizeof *lanes, s_by_name);
    count = count < limit ? count : limit;
    match_queue_t *queues = arena_alloc(arena, count * sizeof *queues + 1);
    for (size_t i = 0; i < count; i++)
        queues[i] = (match_queue_t){
            .name = arena_copy(arena, slice_of(lanes[i]->name)),
            .tickets = lanes[i]->length,
            .oldest = lanes[i]->oldest->opened,
        };
    return (list_t){queues, count};
}

/* ---- coming and going ---- */

void lobby_add(lobby_t *lobby, const match_ticket_t *ticket)
{
    waiter_t *waiter = waiter_new(ticket);
    assert(map_get(lobby->waiters, ticket->id) == NULL);
    map_put(lobby->waiters, ticket->id, waiter);
    lane_t *lane = s_lane(lobby, waiter->queue, ticket->queue);
    lane->count++;
    s_join(lane, waiter);
    waiter->due = waiter->opened;
    s_push(lobby, waiter);
}

void lobby_remove(lobby_t *lobby, uint64_t ticket)
{
    waiter_t *waiter = map_remove(lobby->waiters, ticket);
    if (waiter == NULL)
        return;
    s_quit(lobby, waiter);
    s_pull(lobby, waiter);
    waiter_destroy(&waiter);
}

/* ---- for recordings ---- */

enum { KEPT = 3 }; /* numbers of a ticket */

static int s_by_ticket(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

ids_t lobby_keep(const lobby_t *lobby, arena_t *arena)
{
    uint64_t *items = arena_alloc(arena, lobby->count * KEPT * sizeof *items + 1);
    for (size_t i = 0; i < lobby->count; i++) {
        const waiter_t *waiter = lobby->heap[i];
        items[KEPT * i] = waiter->ticket;
        items[KEPT * i + 1] = (uint64_t)waiter->due;
        items[KEPT * i + 2] = waiter->aside;
    }
    qsort(items, lobby->count, KEPT * sizeof *items, s_by_ticket);
    return (ids_t){items, lobby->count * KEPT};
}

err_t lobby_restore(lobby_t *lobby, ids_t kept)
{
    if (kept.count != lobby->count * KEPT)
        return ERR_CORRUPT;
    for (size_t i = 0; i < kept.count; i += KEPT) {
        waiter_t *waiter = map_get(lobby->waiters, kept.items[i]);
        if (waiter == NULL)
            return ERR_CORRUPT;
        if (kept.items[i + 2] != 0)
            s_leave(map_get(lobby->lanes, waiter->queue), waiter);
        lobby_postpone(lobby, waiter, (int64_t)kept.items[i + 1]);
    }
    return ERR_OK;
}
