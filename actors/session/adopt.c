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

static void s_open(turn_t *turn, const session_adopt_call_t *ask, uint64_t session,
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
    turn_answer(turn, &(found_session_t){session, row->id, ask->expires});
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

/* The subject's account, made if need be. */
static err_t s_account(turn_t *turn, const session_adopt_call_t *ask, account_row_t *ret_row)
{
    const account_row_t *known;
    uint64_t account;
    err_t err = rows_subject(turn, ask->issuer, ask->subject, &account);
    if (err == ERR_NOT_FOUND)
        return s_make_account(turn, ask, ret_row);
    if (err == ERR_OK)
        err = rows_account(turn, account, &known);
    if (err == ERR_OK)
        err = session_admit(turn, known);
    if (err == ERR_OK)
        *ret_row = *known;
    return err;
}

err_t session_adopt(turn_t *turn, const call_t *call, const void *body)
{
    const session_adopt_call_t *ask = body;
    account_row_t account;
    uint64_t number, next;
    (void)call;
    err_t err = rows_hashed(turn, ask->hash, &number);
    if (err != ERR_NOT_FOUND)
        return err == ERR_OK ? session_answer_found(turn, number) : err;
    err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        err = s_account(turn, ask, &account);
    if (err == ERR_OK)
        s_open(turn, ask, next, &account);
    return err;
}
