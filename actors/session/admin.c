/* admin.c - what staff does to other people's accounts.
 *
 * Each asks staff.h first who may do it to whom.  What is so already is done again
 * without an event. */
#include "actors/row.h"
#include "actors/session/account.h"
#include "actors/session/links.h"
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/staff.h"
#include "actors/session/view.h"
#include "schema/text.h"

/* Answer with the account as staff sees it. */
static void s_answer(turn_t *turn, const account_row_t *row)
{
    account_t shown = view_whole(turn, row);
    turn_answer(turn, &shown);
}

/* ---- making ---- */

/* Without a password the account waits for a link that sets one. */
static err_t s_create(turn_t *turn, const account_create_call_t *ask, const names_t *names,
                      const verifiers_t *verifiers)
{
    account_row_t row;
    err_t err = account_add(turn,
                            &(account_registered_event_t){
                                .login = names->login,
                                .username = names->username,
                                .email = names->email,
                                .verifier = verifiers->own,
                                .md5_verifier = verifiers->md5,
                                .role = ask->role,
                            },
                            &row);
    if (err != ERR_OK)
        return err;
    if (row.email.len > 0)
        links_ask(turn, &row, purpose_VERIFY);
    if (verifiers->own.len == 0)
        links_ask(turn, &row, purpose_RESET);
    s_answer(turn, &row);
    return ERR_OK;
}

static err_t s_check_create(turn_t *turn, const call_t *call, const account_create_call_t *ask,
                            names_t *ret_names)
{
    rank_t rank;
    const names_t wanted = {.login = ask->login, .username = ask->username, .email = ask->email};
    err_t err = staff_check(turn, call, RANK_KEY, &rank);
    if (err == ERR_OK)
        err = staff_may_give(turn, rank, ask->role);
    if (err == ERR_OK && ask->password.len > 0 && text_length(ask->password) < LIMIT_PASSWORD_MIN)
        err = turn_refuse(turn, ERR_INVALID, "`password`: is too short");
    return err == ERR_OK ? names_choose(turn, &wanted, ret_names) : err;
}

err_t session_create(turn_t *turn, const call_t *call, const void *body)
{
    const account_create_call_t *ask = body;
    names_t names;
    verifiers_t verifiers = {0};
    err_t err = s_check_create(turn, call, ask, &names);
    if (err != ERR_OK)
        return err;
    if (ask->password.len == 0)
        return s_create(turn, ask, &names, &verifiers);
    err = account_hash(turn, ask->password, false, &verifiers);
    return err == ERR_OK && verifiers.own.len > 0 ? s_create(turn, ask, &names, &verifiers) : err;
}

/* ---- roles ---- */

err_t session_set_role(turn_t *turn, const call_t *call, const void *body)
{
    const account_set_role_call_t *ask = body;
    const account_row_t *row;
    err_t err = staff_target(turn, call, RANK_ADMIN, ask->account, &row);
    if (err == ERR_OK)
        err = staff_may_give(turn, RANK_ADMIN, ask->role);
    if (err != ERR_OK)
        return err;
    account_row_t changed = *row;
    changed.role = ask->role;
    if (row->role != ask->role)
        turn_emit(turn, EVENT_role_changed, 0, row->id,
                  &(role_changed_event_t){row->id, ask->role});
    s_answer(turn, &changed);
    return ERR_OK;
}

/* ---- bans ---- */

err_t session_ban(turn_t *turn, const call_t *call, const void *body)
{
    const account_ban_call_t *ask = body;
    const account_row_t *row;
    err_t err = staff_target(turn, call, RANK_MODERATOR, ask->account, &row);
    if (err == ERR_OK && ask->until != 0 && ask->until <= turn_now(turn))
        err = turn_refuse(turn, ERR_INVALID, "`until`: is over");
    if (err == ERR_OK)
        err = account_expel(turn, row);
    if (err == ERR_OK)
        turn_emit(turn, EVENT_account_banned, 0, row->id,
                  &(account_banned_event_t){
                      .account = row->id,
                      .until = ask->until != 0 ? ask->until : INT64_MAX,
                      .reason = ask->reason,
                  });
    return err;
}

/* Whoever decides a report may ban, which the matching actor has looked at.  Every such
 * decision bans, also who is banned already: it may be for longer. */
void session_react_resolved(turn_t *turn, const record_t *record, const void *body)
{
    const report_resolved_event_t *event = body;
    const account_row_t *row;
    (void)record;
    if (event->outcome != report_outcome_BANNED ||
        !row_found(rows_account(turn, event->account, &row)) || row->deleted != 0 ||
        row->role == role_SYSTEM || !row_found(account_expel(turn, row)))
        return;
    turn_emit(turn, EVENT_account_banned, 0, row->id,
              &(account_banned_event_t){
                  .account = row->id,
                  .until = event->until != 0 ? event->until : INT64_MAX,
                  .reason = SLICE_LIT("a report"),
              });
}

err_t session_unban(turn_t *turn, const call_t *call, const void *body)
{
    const account_unban_call_t *ask = body;
    const account_row_t *row;
    err_t err = staff_target(turn, call, RANK_MODERATOR, ask->account, &row);
    if (err == ERR_OK && row->banned_until != 0)
        turn_emit(turn, EVENT_account_unbanned, 0, row->id, &(account_unbanned_event_t){row->id});
    return err;
}

/* ---- the rest ---- */

err_t session_vouch(turn_t *turn, const call_t *call, const void *body)
{
    const account_verify_call_t *ask = body;
    const account_row_t *row;
    err_t err = staff_target(turn, call, RANK_KEY, ask->account, &row);
    if (err != ERR_OK)
        return err;
    if (row->email.len == 0)
        return turn_refuse(turn, ERR_INVALID, "`account`: has no e-mail");
    return row->verified ? ERR_OK : account_prove_email(turn, row);
}

err_t session_remove(turn_t *turn, const call_t *call, const void *body)
{
    const account_remove_call_t *ask = body;
    const account_row_t *row;
    err_t err = staff_target(turn, call, RANK_KEY, ask->account, &row);
    return err == ERR_OK ? account_delete(turn, row) : err;
}
