/* waiting.c - a row for each place: the account, and when it joined. */
#include "actors/notifier/waiting.h"

err_t waiting_front(turn_t *turn, const places_t *queue, uint64_t *ret_account, int64_t *ret_since)
{
    uint64_t first, last;
    slice_t value;
    err_t err = places_bounds(turn, queue, &first, &last);
    if (err == ERR_OK)
        err = row_get_bytes(turn, places_key(queue, first), &value);
    if (err != ERR_OK)
        return err;
    *ret_account = row_number(value, 0);
    *ret_since = (int64_t)row_number(value, 8);
    return ERR_OK;
}

uint64_t waiting_join(turn_t *turn, const places_t *queue, uint64_t account, int64_t time)
{
    uint64_t first, last;
    if (!row_found(places_bounds(turn, queue, &first, &last)))
        return 0;
    row_put_numbers(turn, places_key(queue, last + 1), ROW_NUMBERS(account, (uint64_t)time));
    places_take(turn, queue, last + 1);
    return last + 1;
}
