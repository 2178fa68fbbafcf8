/* apply.c - what each event does to the rows; the only writer of them.
 *
 * Time is the record's own, never the turn's: events are applied when they are
 * decided and again in any replay, and must do the same in both. */
#include <stdlib.h>

#include "actors/log.h"
#include "actors/session/ended.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

enum { FORGET_AT_ONCE = 2 }; /* more than one, so that what has piled up shrinks */

/* What cannot be read cannot be changed, and passing over an event would make a
 * projection that nobody can trust: end the process, the journal has everything. */
static bool s_found(err_t err)
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
    if (!s_found(rows_holder(turn, ROWS_USERNAME, username, &holder)))
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
                           });
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
    if (!s_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.verifier = event->verifier;
    rows_put_account(turn, &changed);
}

void session_apply_seen(turn_t *turn, const record_t *record, const void *body)
{
    const account_seen_event_t *event = body;
    const account_row_t *row;
    if (!s_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.last_seen = record->time;
    rows_put_account(turn, &changed);
}

/* ---- sessions ---- */

/* Sessions expire in the order of their numbers, as each lives equally long. */
static void s_forget_expired(turn_t *turn, uint64_t last, int64_t now)
{
    uint64_t gone, before;
    const session_row_t *row;
    if (!s_found(rows_count(turn, ROWS_FORGOTTEN_SESSION, &gone)))
        return;
    before = gone;
    while (gone < last && gone - before < FORGET_AT_ONCE &&
           s_found(rows_session(turn, gone + 1, &row)) && row->expires <= now)
        rows_delete(turn, ROWS_SESSION, ++gone);
    if (gone > before)
        rows_put_count(turn, ROWS_FORGOTTEN_SESSION, gone);
}

void session_apply_opened(turn_t *turn, const record_t *record, const void *body)
{
    const session_opened_event_t *event = body;
    rows_put_session(turn, &(session_row_t){
                               .id = event->session,
                               .account = event->account,
                               .created = record->time,
                               .expires = event->expires,
                           });
    rows_put_count(turn, ROWS_LAST_SESSION, event->session);
    s_forget_expired(turn, event->session, record->time);
}

void session_apply_closed(turn_t *turn, const record_t *record, const void *body)
{
    const session_closed_event_t *event = body;
    const session_row_t *row;
    if (!s_found(rows_session(turn, event->session, &row)))
        return;
    session_row_t changed = *row;
    changed.ended = record->time;
    rows_put_session(turn, &changed);
    s_found(ended_add(turn, &(ended_t){event->expires, event->session, 0}, record->time));
}

void session_apply_revoked(turn_t *turn, const record_t *record, const void *body)
{
    const sessions_revoked_event_t *event = body;
    const account_row_t *row;
    if (!s_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.not_before = event->session;
    rows_put_account(turn, &changed);
    ended_t ended = {event->expires, event->session, event->account};
    s_found(ended_add(turn, &ended, record->time));
}
