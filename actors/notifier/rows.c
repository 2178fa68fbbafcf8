#include "actors/notifier/rows.h"

row_key_t notifier_counter(char counter)
{
    row_key_t key = row_key0('C');
    row_key_add(&key, slice_new(&counter, 1));
    return key;
}

err_t notifier_has(turn_t *turn, row_key_t key, bool *ret_there)
{
    slice_t value;
    err_t err = row_get_bytes(turn, key, &value);
    *ret_there = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t notifier_blocked(turn_t *turn, uint64_t one, uint64_t other, bool *ret_blocked)
{
    err_t err = notifier_has(turn, row_key2('B', one, other), ret_blocked);
    if (err == ERR_OK && !*ret_blocked)
        err = notifier_has(turn, row_key2('B', other, one), ret_blocked);
    return err;
}
