/* apart.c - a row is the others side by side, 8 bytes each; a 0, which is nobody's account,
 * stands for too many, for good. */
#include "actors/apart.h"

enum { MANY = 0 };

static row_key_t s_key(uint64_t account)
{
    return row_key1('z', account);
}

err_t apart_of(turn_t *turn, uint64_t account, apart_t *ret_apart)
{
    ids_t others = {0};
    err_t err = row_get_numbers(turn, s_key(account), &others);
    bool many = others.count > 0 && others.items[0] == MANY;
    *ret_apart = many ? (apart_t){.many = true} : (apart_t){.accounts = others};
    return err;
}

/* ---- for apply ---- */

static void s_set(turn_t *turn, uint64_t account, uint64_t other, bool apart)
{
    apart_t before;
    if (!row_found(apart_of(turn, account, &before)) || before.many)
        return;
    if (apart && before.accounts.count >= LIMIT_APART && !ids_have(before.accounts, other))
        row_put_numbers(turn, s_key(account), ROW_NUMBERS(MANY));
    else
        row_set_number(turn, s_key(account), other, apart, LIMIT_APART);
}

void apart_set(turn_t *turn, uint64_t one, uint64_t other, bool apart)
{
    s_set(turn, one, other, apart);
    s_set(turn, other, one, apart);
}
