/* adopt.c - the session for the bearer of a foreign issuer's token.
 *
 *   token known? ── its session, or SESSION_ENDED if that is over
 *        └── subject known? ── its account ─────────┬── opened
 *                  └── an account is made for it ───┘
 *
 * The edge has verified the token.  The same token has the same session, whichever edge
 * asks and however often, so that signing out ends the token here, though not at its
 * issuer.  Accounts are never joined by e-mail: the subject alone says who it is. */
#include "actors/session/account.h"
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

static err_t s_answer(turn_t *turn, uint64_t session, uint64_t account, int64_t expires)
{
    turn_answer(turn, &(found_session_t){session, account, expires});
    return ERR_OK;
}

/* ---- a token that was here before ---- */

static err_t s_go_on(turn_t *turn, uint64_t number)
{
    const session_row_t *session;
    const account_row_t *account;
    err_t err = rows_session(turn, number, &session);
    if (err == ERR_OK)
        err = rows_account(turn, session->account, &account);
    if (err != ERR_OK)
        return err;
    if (!session_good(turn, session, account))
        return ERR_SESSION_ENDED;
    return s_answer(turn, session->id, session->account, session->expires);
}

/* ---- a new one ---- */

static err_t s_open(turn_t *turn, const session_adopt_call_t *ask, uint64_t session,
                    const account_row_t *row)
{
    session_start(turn, session,
                  &(opening_t){
                      .account = row,
                      .expires = ask->expires,
                      .device = ask->device,
                      .hash = ask->hash,
                      .foreign = true,
                  });
    return s_answer(turn, session, row->id, ask->expires);
}

static err_t s_make_account(turn_t *turn, const session_adopt_call_t *ask, account_row_t *ret_row)
{
    uint64_t next;
    names_t names;
    err_t err = rows_next(turn, ROWS_LAST_ACCOUNT, &next);
    if (err == ERR_OK)
        err = names_adopt(turn, ask, next, &names);
    if (err != ERR_OK)
        return err;
    return account_add(turn,
                       &(account_registered_event_t){
                           .login = names.login,
                           .username = names.username,
                           .email = names.email,
                           .verified = names.proven,
                           .issuer = ask->issuer,
                           .subject = ask->subject,
                       },
                       ret_row);
}

err_t session_adopt(turn_t *turn, const call_t *call, const void *body)
{
    const session_adopt_call_t *ask = body;
    const account_row_t *known;
    account_row_t made;
    uint64_t number, next;
    (void)call;
    err_t err = rows_hashed(turn, ask->hash, &number);
    if (err != ERR_NOT_FOUND)
        return err == ERR_OK ? s_go_on(turn, number) : err;
    err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err != ERR_OK)
        return err;
    err = rows_subject(turn, ask->issuer, ask->subject, &number);
    if (err == ERR_NOT_FOUND) {
        err = s_make_account(turn, ask, &made);
        return err == ERR_OK ? s_open(turn, ask, next, &made) : err;
    }
    if (err == ERR_OK)
        err = rows_account(turn, number, &known);
    if (err == ERR_OK)
        err = session_admit(turn, known);
    return err == ERR_OK ? s_open(turn, ask, next, known) : err;
}
