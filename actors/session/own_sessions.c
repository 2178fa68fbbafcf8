/* own_sessions.c - what people do with their sessions: renew this one, end others.
 *
 * All but this one end by a single event, however many there are: it names the number
 * below which they end, and the one that stays. */
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/view.h"

/* A key's life and that of a foreign token are set by who made them. */
static err_t s_check_renewable(turn_t *turn, const session_row_t *session)
{
    if (session->scopes.len > 0)
        return turn_refuse(turn, ERR_FORBIDDEN, "an API key is not renewed: make another one");
    if (session->foreign)
        return turn_refuse(turn, ERR_FORBIDDEN, "its issuer renews this token");
    return ERR_OK;
}

err_t session_renew(turn_t *turn, const call_t *call, const void *body)
{
    (void)body;
    const session_row_t *session;
    const account_row_t *account;
    err_t err = session_mine(turn, call, &session, &account);
    if (err == ERR_OK)
        err = s_check_renewable(turn, session);
    if (err != ERR_OK)
        return err;
    int64_t expires = session_expiry(turn);
    account_t shown = view_own(turn, account);
    turn_emit(turn, EVENT_session_renewed, 0, account->id,
              &(session_renewed_event_t){session->id, account->id, expires});
    turn_answer(turn, &(signed_in_t){session->id, expires, &shown});
    return ERR_OK;
}

err_t session_revoke(turn_t *turn, const call_t *call, const void *body)
{
    const session_revoke_call_t *ask = body;
    const session_row_t *session;
    const account_row_t *account;
    err_t err = rows_session(turn, ask->session, &session);
    if (err == ERR_OK && session->account != call->principal)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = rows_account(turn, session->account, &account);
    if (err == ERR_OK && session_good(turn, session, account))
        session_close(turn, session);
    return err;
}

err_t session_revoke_others(turn_t *turn, const call_t *call, const void *body)
{
    (void)body;
    const session_row_t *session;
    const account_row_t *account;
    uint64_t next;
    err_t err = session_mine(turn, call, &session, &account);
    if (err == ERR_OK)
        err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        session_end_all(turn, account, next, session->id);
    return err;
}
