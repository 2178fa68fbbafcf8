/* apply.c - what the events of accounts do to the rows; with apply_sessions.c the only
 * writer of them.
 *
 * Time is the record's own, never the turn's: events are applied when they are
 * decided and again in any replay, and must do the same in both. */
#include "actors/session/apply.h"

#include <stdlib.h>

#include "actors/log.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

bool apply_found(err_t err)
{
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        log_error(session_actor.name, "reading a row of the projection: %s; stopping",
                  err_info(err)->name);
        exit(EXIT_FAILURE);
    }
    return err == ERR_OK;
}

/* ---- accounts ---- */

/* Of a shared username its first holder keeps it. */
static void s_hold_username(turn_t *turn, slice_t username, uint64_t account)
{
    uint64_t holder;
    if (!apply_found(rows_holder(turn, ROWS_USERNAME, username, &holder)))
        rows_put_holder(turn, ROWS_USERNAME, username, account);
}

void session_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    rows_put_account(turn, &(account_row_t){
                               .id = event->id,
                               .login = event->login,
                               .username = event->username,
                               .email = event->email,
                               .verifier = event->verifier,
                               .created = record->time,
                               .uuid = event->uuid,
                               .role = event->role,
                               .verified = event->verified,
                           });
    if (event->role == role_SYSTEM)
        rows_put_count(turn, ROWS_SYSTEM, event->id);
    if (event->subject.len > 0)
        rows_put_subject(turn, event->issuer, event->subject, event->id);
    rows_put_holder(turn, ROWS_LOGIN, event->login, event->id);
    if (event->email.len > 0)
        rows_put_holder(turn, ROWS_EMAIL, event->email, event->id);
    s_hold_username(turn, event->username, event->id);
    rows_put_count(turn, ROWS_LAST_ACCOUNT, event->id);
}

void session_apply_password(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const password_changed_event_t *event = body;
    const account_row_t *row;
    if (!apply_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.verifier = event->verifier;
    rows_put_account(turn, &changed);
}

void session_apply_seen(turn_t *turn, const record_t *record, const void *body)
{
    const account_seen_event_t *event = body;
    const account_row_t *row;
    if (!apply_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.last_seen = record->time;
    rows_put_account(turn, &changed);
}

void session_apply_online(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const online_set_event_t *event = body;
    const account_row_t *row;
    if (!apply_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.online_until = event->until;
    rows_put_account(turn, &changed);
}
