/* outgoing.c - rows of a queue, its two counters, and when what is tried again.
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

/* The first open number, and the last. */
static err_t s_bounds(turn_t *turn, const outgoing_t *queue, uint64_t *ret_first,
                      uint64_t *ret_last)
{
    err_t err = row_get_number(turn, notifier_counter(queue->first), ret_first);
    if (err == ERR_OK)
        err = row_get_number(turn, notifier_counter(queue->last), ret_last);
    if (*ret_first == 0)
        *ret_first = 1;
    return err;
}

err_t outgoing_next(turn_t *turn, const outgoing_t *queue, uint64_t *ret_number)
{
    uint64_t last;
    err_t err = row_get_number(turn, notifier_counter(queue->last), &last);
    if (err == ERR_OK)
        *ret_number = last + 1;
    return err;
}

err_t outgoing_get(turn_t *turn, const outgoing_t *queue, uint64_t number, const void **ret_item)
{
    return row_get(turn, row_key1(queue->row, number), queue->shape(), ret_item);
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
    uint64_t first, last;
    row_put(turn, row_key1(queue->row, number), queue->shape(), item);
    if (!row_found(s_bounds(turn, queue, &first, &last)))
        return;
    if (number > last)
        row_put_number(turn, notifier_counter(queue->last), number);
    if (number < first) /* one that had been given up */
        row_put_number(turn, notifier_counter(queue->first), number);
}

void outgoing_remove(turn_t *turn, const outgoing_t *queue, uint64_t number)
{
    uint64_t first, last;
    slice_t row;
    row_delete(turn, row_key1(queue->row, number));
    if (!row_found(s_bounds(turn, queue, &first, &last)))
        return;
    while (first <= last && !row_found(row_get_bytes(turn, row_key1(queue->row, first), &row)))
        first++;
    row_put_number(turn, notifier_counter(queue->first), first);
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
    if (!row_found(s_bounds(turn, queue, &first, &last)))
        return;
    if (*cursor < first || *cursor > last)
        *cursor = first;
    for (int i = 0; i < WALK_MAX && *cursor <= last && postmen_free(postmen); i++)
        s_look_at(turn, queue, (*cursor)++, look, postmen);
}
