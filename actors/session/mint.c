/* mint.c - a person's session, made by somebody else: the app's own backend.
 *
 * Whoever mints for somebody can act as them, so it takes an API key with the scope, an
 * admin or an operator, and an admin's session only an operator may make. */
#include "actors/session/rows.h"
#include "actors/session/session.h"

/* A key's session has scopes; the edge has looked whether this is in them. */
static err_t s_check_asker(turn_t *turn, const call_t *call)
{
    const account_row_t *asker;
    const session_row_t *session;
    if (call->principal == 0) /* an operator */
        return ERR_OK;
    err_t err = session_mine(turn, call, &session, &asker);
    if (err == ERR_OK && asker->role != role_ADMIN && session->scopes.len == 0)
        err = ERR_FORBIDDEN;
    return err;
}

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
    uint64_t last;
    err_t err = s_check_asker(turn, call);
    if (err == ERR_OK)
        err = rows_account(turn, ask->account, &row);
    if (err == ERR_OK)
        err = s_check_person(turn, call, row);
    if (err == ERR_OK)
        err = rows_count(turn, ROWS_LAST_SESSION, &last);
    if (err == ERR_OK)
        session_begin(turn, last + 1, &(opening_t){.account = row, .device = ask->device});
    return err;
}
