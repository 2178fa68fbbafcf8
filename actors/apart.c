/* apart.c - a row is the others side by side, 8 bytes each; a 0, which is nobody's account,
 * stands for too many, for good. */
#include "actors/apart.h"

#include "schema/pack.h"

enum { NUMBER_SIZE = 8, MANY = 0 };

static row_key_t s_key(uint64_t account)
{
    return row_key1('z', account);
}

static bool s_is_many(slice_t row)
{
    return row.len >= NUMBER_SIZE && row_number(row, 0) == MANY;
}

err_t apart_of(turn_t *turn, uint64_t account, apart_t *ret_apart)
{
    slice_t row = {0};
    err_t err = row_get_bytes(turn, s_key(account), &row);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    bool many = s_is_many(row);
    size_t count = many ? 0 : row.len / NUMBER_SIZE;
    uint64_t *accounts = arena_alloc(turn_arena(turn), count * sizeof *accounts + 1);
    for (size_t i = 0; i < count; i++)
        accounts[i] = row_number(row, i * NUMBER_SIZE);
    *ret_apart = (apart_t){{accounts, count}, many};
    return ERR_OK;
}

/* ---- for apply ---- */

static void s_append(buf_t *row, uint64_t account)
{
    uint8_t number[NUMBER_SIZE];
    wide_put64(number, account);
    buf_append(row, slice_new(number, sizeof number));
}

static void s_put(turn_t *turn, uint64_t account, buf_t *row)
{
    if (row->len > (size_t)LIMIT_APART * NUMBER_SIZE) {
        buf_reset(row);
        s_append(row, MANY);
    }
    if (row->len == 0)
        row_delete(turn, s_key(account));
    else
        row_put_bytes(turn, s_key(account), buf_slice(row));
}

static void s_set(turn_t *turn, uint64_t account, uint64_t other, bool apart)
{
    slice_t before = {0};
    buf_t row = {0};
    if (row_found(row_get_bytes(turn, s_key(account), &before)) && s_is_many(before))
        return;
    for (size_t at = 0; at + NUMBER_SIZE <= before.len; at += NUMBER_SIZE)
        if (row_number(before, at) != other)
            buf_append(&row, slice_new(before.ptr + at, NUMBER_SIZE));
    if (apart)
        s_append(&row, other);
    s_put(turn, account, &row);
    buf_free(&row);
}

void apart_set(turn_t *turn, uint64_t one, uint64_t other, bool apart)
{
    s_set(turn, one, other, apart);
    s_set(turn, other, one, apart);
}
