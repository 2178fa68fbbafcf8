/* outgoing.c - rows of a queue, and when what is tried again.
 *
 *   put ── due? ── to a postman ──taken───────────────────> removed
 *    ^                    ├──refused for good, or expired─> removed
 *    └──── later ─────────┘
 *
 * What is with a postman when the process ends is sent again. */
#include "actors/notifier/outgoing.h"

#include "actors/log.h"

enum { WALK_MAX = 1000, BACK_OFF_SHIFT = 2, BACK_OFFS = 10 };

static const int64_t LAST_BACK_OFF = (int64_t)6 * 3600 * 1000000; /* µs */

err_t outgoing_next(turn_t *turn, const outgoing_t *queue, uint64_t *ret_number)
{
    uint64_t first, last = 0;
    err_t err = places_bounds(turn, &queue->places, &first, &last);
    *ret_number = last + 1;
    return err;
}

err_t outgoing_get(turn_t *turn, const outgoing_t *queue, uint64_t number, const void **ret_item)
{
    return row_get(turn, places_key(&queue->places, number), queue->shape(), ret_item);
}

int64_t outgoing_due(const outgoing_t *queue, uint64_t tries, int64_t expires, int64_t now)
{
    uint64_t steps = tries < BACK_OFFS ? tries : BACK_OFFS;
    int64_t wait = queue->back_off << (BACK_OFF_SHIFT * steps);
    int64_t due = now + (wait < LAST_BACK_OFF ? wait : LAST_BACK_OFF);
    return due < expires ? due : 0;
}

void outgoing_warn(const outgoing_t *queue, uint64_t number, slice_t reason, int64_t due)
{
    log_warn("notifier", "%s %llu was not sent: %.*s; %s", queue->called,
             (unsigned long long)number, SLICE_ARG(reason),
             due != 0 ? "it is tried again" : "given up");
}

/* ---- rows ---- */

void outgoing_put(turn_t *turn, const outgoing_t *queue, uint64_t number, const void *item)
{
    row_put(turn, places_key(&queue->places, number), queue->shape(), item);
    places_take(turn, &queue->places, number);
}

void outgoing_remove(turn_t *turn, const outgoing_t *queue, uint64_t number)
{
    places_leave(turn, &queue->places, number);
}

/* ---- the postmen's round ---- */

static void s_look_at(turn_t *turn, const outgoing_t *queue, uint64_t number,
                      outgoing_look_fn *look, postmen_t *postmen)
{
    const void *item;
    buf_t order = {0};
    if (postmen_have(postmen, number) || !row_found(outgoing_get(turn, queue, number, &item)) ||
        !look(turn, item))
        return;
    codec_pack(&order, queue->shape(), item);
    postmen_give(postmen, number, buf_slice(&order));
    buf_free(&order);
}

void outgoing_walk(turn_t *turn, const outgoing_t *queue, outgoing_look_fn *look,
                   postmen_t *postmen, uint64_t *cursor)
{
    uint64_t first, last;
    if (!row_found(places_bounds(turn, &queue->places, &first, &last)))
        return;
    if (*cursor < first || *cursor > last)
        *cursor = first;
    for (int i = 0; i < WALK_MAX && *cursor <= last && postmen_free(postmen); i++)
        s_look_at(turn, queue, (*cursor)++, look, postmen);
}
