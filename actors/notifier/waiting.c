/* waiting.c - a row for each place: the account, and when it joined.
 *
 * Places count up.  Whoever leaves at the front takes those with them who have left behind it,
 * so that the front is a row, and each place is passed over once. */
#include "actors/notifier/waiting.h"

#include "schema/pack.h"

static uint64_t s_first(turn_t *turn, const waiting_t *queue)
{
    uint64_t first = 0;
    (void)row_found(row_get_number(turn, notifier_counter(queue->first), &first));
    return first > 0 ? first : 1;
}

err_t waiting_front(turn_t *turn, const waiting_t *queue, uint64_t *ret_account, int64_t *ret_since)
{
    slice_t value;
    err_t err = row_get_bytes(turn, row_key1(queue->row, s_first(turn, queue)), &value);
    if (err != ERR_OK)
        return err;
    *ret_account = row_number(value, 0);
    *ret_since = (int64_t)row_number(value, 8);
    return ERR_OK;
}

uint64_t waiting_join(turn_t *turn, const waiting_t *queue, uint64_t account, int64_t time)
{
    uint8_t value[16];
    uint64_t last = 0;
    (void)row_found(row_get_number(turn, notifier_counter(queue->last), &last));
    wide_put64(value, account);
    wide_put64(value + 8, (uint64_t)time);
    row_put_bytes(turn, row_key1(queue->row, last + 1), slice_new(value, sizeof value));
    row_put_number(turn, notifier_counter(queue->last), last + 1);
    return last + 1;
}

void waiting_leave(turn_t *turn, const waiting_t *queue, uint64_t place)
{
    uint64_t last = 0, first = s_first(turn, queue);
    slice_t row;
    row_delete(turn, row_key1(queue->row, place));
    if (place != first)
        return;
    (void)row_found(row_get_number(turn, notifier_counter(queue->last), &last));
    while (first <= last && !row_found(row_get_bytes(turn, row_key1(queue->row, first), &row)))
        first++;
    row_put_number(turn, notifier_counter(queue->first), first);
}
