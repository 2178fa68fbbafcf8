/* sign_out.c - the end of the caller's own session; ending it again changes nothing. */
#include "actors/session/rows.h"
#include "actors/session/session.h"

bool session_good(const turn_t *turn, const session_row_t *session, const account_row_t *account)
{
    bool revoked = session->id < account->not_before && session->id != account->kept;
    return session->ended == 0 && !revoked && session->expires > turn_now(turn);
}

err_t session_mine(turn_t *turn, const call_t *call, const session_row_t **ret_session,
                   const account_row_t **ret_account)
{
    err_t err = rows_session(turn, call->session, ret_session);
    if (err == ERR_OK)
        err = rows_account(turn, (*ret_session)->account, ret_account);
    if (err == ERR_OK && ((*ret_session)->account != call->principal ||
                          !session_good(turn, *ret_session, *ret_account)))
        err = ERR_SESSION_ENDED;
    return err == ERR_NOT_FOUND ? ERR_SESSION_ENDED : err;
}

err_t session_sign_out(turn_t *turn, const call_t *call, const void *body)
{
    (void)body;
    const session_row_t *session;
    const account_row_t *account;
    err_t err = session_mine(turn, call, &session, &account);
    if (err != ERR_OK)
        return err == ERR_SESSION_ENDED ? ERR_OK : err;
    session_close(turn, session);
    return ERR_OK;
}
