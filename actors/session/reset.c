/* reset.c - a new password for who has forgotten theirs, by a link.
 *
 *   reset.ask ── the link goes out ── password.reset ── hash ── still open? ── changed
 *
 * Asking is answered alike whether there is such an account or not.  The new password
 * ends all sessions and opens none: whoever has the link signs in with it.  Setting it
 * closes the link, as does any other change of the password or the e-mail. */
#include "actors/session/account.h"
#include "actors/session/links.h"
#include "actors/session/names.h"
#include "actors/session/session.h"

err_t session_ask_reset(turn_t *turn, const call_t *call, const void *body)
{
    const reset_ask_call_t *ask = body;
    const account_row_t *row;
    (void)call;
    err_t err = names_find(turn, ask->login, &row);
    if (err == ERR_OK && row->deleted == 0 && row->role != role_SYSTEM)
        links_ask(turn, row, purpose_RESET);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t session_reset_password(turn_t *turn, const call_t *call, const void *body)
{
    const password_reset_call_t *ask = body;
    const account_row_t *row;
    verifiers_t verifiers;
    (void)call;
    err_t err = links_find(turn, ask->account, purpose_RESET, ask->nonce, &row);
    if (err == ERR_OK)
        err = account_hash(turn, ask->password, false, &verifiers);
    if (err != ERR_OK || verifiers.own.len == 0)
        return err;
    err = account_expel(turn, row);
    if (err == ERR_OK)
        account_set_password(turn, row->id, &verifiers);
    return err;
}
