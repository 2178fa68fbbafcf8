/* profile.c - what people change of their own accounts: the name, the e-mail, and the end.
 *
 *   email.change ──> unproven ── email.verify, with the link ──> proven
 *                       └─────── email.ask: the link again
 *
 * An address may be claimed by several accounts; who proves it has it, and the claim of
 * whoever held it unproven is gone.  So nobody keeps a stranger's address from them.
 * What an account's password guards is looked at again once the pool has verified it. */
#include "actors/session/account.h"
#include "actors/session/links.h"
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/view.h"

/* Answer with the account as its owner sees it. */
static void s_answer(turn_t *turn, const account_row_t *row)
{
    account_t shown = view_own(turn, row);
    turn_answer(turn, &shown);
}

/* ---- the name ---- */

err_t session_rename(turn_t *turn, const call_t *call, const void *body)
{
    const account_rename_call_t *ask = body;
    const session_row_t *session;
    const account_row_t *row;
    err_t err = session_mine(turn, call, &session, &row);
    if (err == ERR_OK)
        err = names_check_username(turn, ask->username, row->id);
    if (err != ERR_OK)
        return err;
    account_row_t changed = *row;
    changed.username = ask->username;
    if (!slice_eq(row->username, ask->username))
        turn_emit(turn, EVENT_account_renamed, 0, row->id,
                  &(account_renamed_event_t){row->id, ask->username});
    s_answer(turn, &changed);
    return ERR_OK;
}

/* ---- the e-mail ---- */

static void s_set_email(turn_t *turn, const account_row_t *row, slice_t email)
{
    account_row_t changed = *row;
    changed.email = email;
    if (slice_eq(row->email, email)) {
        s_answer(turn, row);
        return;
    }
    changed.verified = false;
    changed.verify_nonce = (slice_t){0};
    turn_emit(turn, EVENT_email_changed, 0, row->id, &(email_changed_event_t){row->id, email});
    if (email.len > 0)
        links_ask(turn, &changed, purpose_VERIFY);
    s_answer(turn, &changed);
}

err_t session_change_email(turn_t *turn, const call_t *call, const void *body)
{
    const email_change_call_t *ask = body;
    const account_row_t *row;
    err_t err = account_check_password(turn, call, ask->password, &row);
    if (err != ERR_OK || row == NULL)
        return err;
    if (ask->email.len > 0)
        err = names_check_email(turn, ask->email, row->id);
    if (err == ERR_OK)
        s_set_email(turn, row, ask->email);
    return err;
}

err_t session_ask_email(turn_t *turn, const call_t *call, const void *body)
{
    (void)body;
    const session_row_t *session;
    const account_row_t *row;
    err_t err = session_mine(turn, call, &session, &row);
    if (err != ERR_OK)
        return err;
    if (row->email.len == 0)
        return turn_refuse(turn, ERR_INVALID, "`email`: there is none to prove");
    if (!row->verified)
        links_ask(turn, row, purpose_VERIFY);
    return ERR_OK;
}

/* Whose the link is, or nobody's if whoever shows it says that it is somebody else's. */
static err_t s_whose(turn_t *turn, const email_verify_call_t *ask, uint64_t *ret_account)
{
    const account_row_t *row;
    *ret_account = ask->account;
    if (ask->login.len == 0)
        return ERR_OK;
    err_t err = names_find(turn, ask->login, &row);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && row->id != ask->account))
        *ret_account = 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t session_verify_email(turn_t *turn, const call_t *call, const void *body)
{
    const email_verify_call_t *ask = body;
    const account_row_t *row;
    uint64_t account;
    (void)call;
    err_t err = s_whose(turn, ask, &account);
    if (err == ERR_OK)
        err = links_find(turn, account, purpose_VERIFY, ask->nonce, &row);
    return err == ERR_OK ? account_prove_email(turn, row) : err;
}

/* ---- the end ---- */

err_t session_delete_own(turn_t *turn, const call_t *call, const void *body)
{
    const account_delete_call_t *ask = body;
    const account_row_t *row;
    err_t err = account_check_password(turn, call, ask->password, &row);
    return err == ERR_OK && row != NULL ? account_delete(turn, row) : err;
}
