/* said.c - a queue in the order of time, and a map with the last word of each.
 *
 * All say it for equally long, so who says it later stands further back.  Who says it
 * again stands twice; the map tells which of the two counts. */
#include "actors/session/said.h"

#include <stdlib.h>

#include "schema/mem.h"

enum { SIZE_FIRST = 64, PAIR = 2 };

static const int64_t SAID_STEP_US = INT64_C(10) * 1000 * 1000;

void said_close(said_t *said)
{
    map_destroy(&said->until);
    mem_free(said->queue);
    *said = (said_t){0};
}

static said_entry_t *s_entry(const said_t *said, size_t place)
{
    return &said->queue[(said->first + place) & (said->size - 1)];
}

static void s_grow(said_t *said)
{
    said_t old = *said;
    said->size = old.size > 0 ? old.size * 2 : SIZE_FIRST;
    said->queue = mem_zeroed(said->size * sizeof *said->queue);
    for (size_t i = 0; i < old.count; i++)
        said->queue[i] = *s_entry(&old, i);
    said->first = 0;
    mem_free(old.queue);
}

static int64_t s_until(const said_t *said, uint64_t account)
{
    return said->until != NULL ? (int64_t)(uintptr_t)map_get(said->until, account) : 0;
}

static void s_note(said_t *said, uint64_t account, int64_t until)
{
    if (said->until == NULL)
        said->until = map_new();
    map_put(said->until, account, (void *)(uintptr_t)until);
}

static void s_queue(said_t *said, uint64_t account, int64_t until)
{
    if (said->count == said->size)
        s_grow(said);
    *s_entry(said, said->count++) = (said_entry_t){account, until};
}

bool said_set(said_t *said, uint64_t account, int64_t until)
{
    int64_t before = s_until(said, account);
    if (until == 0)
        return before != 0 && map_remove(said->until, account) != NULL;
    if (before != 0 && until - before < SAID_STEP_US)
        return false;
    s_note(said, account, until);
    s_queue(said, account, until);
    return true;
}

uint64_t said_over(said_t *said, int64_t now)
{
    while (said->count > 0 && s_entry(said, 0)->until <= now) {
        said_entry_t over = *s_entry(said, 0);
        said->first = (said->first + 1) & (said->size - 1);
        said->count--;
        if (s_until(said, over.account) == over.until) {
            map_remove(said->until, over.account);
            return over.account;
        }
    }
    return 0;
}

/* ---- for recordings ---- */

static int s_by_account(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

void said_keep(const said_t *said, arena_t *arena, ids_t *ret_queue, ids_t *ret_last)
{
    size_t all = said->until != NULL ? map_count(said->until) : 0, count = 0;
    uint64_t *queue = arena_alloc(arena, said->count * PAIR * sizeof *queue + 1);
    uint64_t *last = arena_alloc(arena, all * PAIR * sizeof *last + 1);
    void *until;
    for (size_t i = 0; i < said->count; i++) {
        queue[PAIR * i] = s_entry(said, i)->account;
        queue[PAIR * i + 1] = (uint64_t)s_entry(said, i)->until;
    }
    for (size_t at = 0; all > count && map_next(said->until, &at, &last[PAIR * count], &until);
         count++)
        last[PAIR * count + 1] = (uintptr_t)until;
    qsort(last, count, PAIR * sizeof *last, s_by_account);
    *ret_queue = (ids_t){queue, said->count * PAIR};
    *ret_last = (ids_t){last, count * PAIR};
}

err_t said_restore(said_t *said, ids_t queue, ids_t last)
{
    if (queue.count % PAIR != 0 || last.count % PAIR != 0)
        return ERR_CORRUPT;
    for (size_t i = 0; i < queue.count; i += PAIR)
        s_queue(said, queue.items[i], (int64_t)queue.items[i + 1]);
    for (size_t i = 0; i < last.count; i += PAIR) {
        if (last.items[i + 1] == 0)
            return ERR_CORRUPT;
        s_note(said, last.items[i], (int64_t)last.items[i + 1]);
    }
    return ERR_OK;
}
