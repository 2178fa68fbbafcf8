#include "actors/notifier/places.h"

row_key_t places_key(const places_t *places, uint64_t number)
{
    return row_key1(places->row, number);
}

err_t places_bounds(turn_t *turn, const places_t *places, uint64_t *ret_first, uint64_t *ret_last)
{
    err_t err = row_get_number(turn, notifier_counter(places->first), ret_first);
    if (err == ERR_OK)
        err = row_get_number(turn, notifier_counter(places->last), ret_last);
    if (err == ERR_OK && *ret_first == 0)
        *ret_first = 1;
    return err;
}

void places_take(turn_t *turn, const places_t *places, uint64_t number)
{
    uint64_t first, last;
    if (!row_found(places_bounds(turn, places, &first, &last)))
        return;
    if (number > last)
        row_put_number(turn, notifier_counter(places->last), number);
    if (number < first) /* one that had gone */
        row_put_number(turn, notifier_counter(places->first), number);
}

void places_leave(turn_t *turn, const places_t *places, uint64_t number)
{
    uint64_t first, last;
    slice_t row;
    row_delete(turn, places_key(places, number));
    if (!row_found(places_bounds(turn, places, &first, &last)) || number != first)
        return;
    while (first <= last && !row_found(row_get_bytes(turn, places_key(places, first), &row)))
        first++;
    row_put_number(turn, notifier_counter(places->first), first);
}
