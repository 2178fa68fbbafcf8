/* mint.c - a person's session, made by somebody else: the app's own backend.
 *
 * Whoever mints for somebody can act as them, so it takes an API key with the scope, an
 * admin or an operator, and an admin's session only an operator may make. */
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/staff.h"

static err_t s_check_person(turn_t *turn, const call_t *call, const account_row_t *row)
{
    if (row->role == role_SYSTEM)
        return turn_refuse(turn, ERR_FORBIDDEN, "the system is reached by API keys only");
    if (row->role == role_ADMIN && call->principal != 0)
        return turn_refuse(turn, ERR_FORBIDDEN, "an admin's token is for operators to mint");
    return session_admit(turn, row);
}

err_t session_mint(turn_t *turn, const call_t *call, const void *body)
{
    const session_mint_call_t *ask = body;
    const account_row_t *row;
    uint64_t next;
    rank_t rank;
    err_t err = staff_check(turn, call, RANK_KEY, &rank);
    if (err == ERR_OK)
        err = rows_account(turn, ask->account, &row);
    if (err == ERR_OK)
        err = s_check_person(turn, call, row);
    if (err == ERR_OK)
        err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        session_begin(turn, next, &(opening_t){.account = row, .device = ask->device});
    return err;
}
