/* apply_sessions.c - what the events of sessions do to the rows.
 *
 * A session's row stays until its token has expired, also when it has ended, and with
 * it all that leads to it.  Its number stands in the queue of expiries at the time at
 * which it expires; after a renewal also at earlier ones, where it is passed over. */
#include "actors/session/apply.h"

#include "actors/row.h"
#include "actors/session/ended.h"
#include "actors/session/expiry.h"
#include "actors/session/session.h"
#include "schema/pack.h"

enum { FORGET_AT_ONCE = 2 }; /* more than one, so that what has piled up shrinks */

static const expiry_t s_queue = {ROWS_EXPIRY, ROWS_FIRST_EXPIRY};

/* ---- forgetting ---- */

static void s_queue_up(turn_t *turn, const session_row_t *row)
{
    uint8_t number[sizeof row->id];
    wide_put64(number, row->id);
    row_found(expiry_add(turn, &s_queue, row->expires, slice_new(number, sizeof number)));
}

static void s_forget_expired(turn_t *turn, int64_t now)
{
    slice_t number;
    const session_row_t *row;
    for (int i = 0; i < FORGET_AT_ONCE; i++) {
        if (!row_found(expiry_take(turn, &s_queue, now, &number)))
            return;
        if (row_found(rows_session(turn, wide_get64(number.ptr), &row)) && row->expires <= now)
            rows_forget_session(turn, row);
    }
}

/* ---- beginning and going on ---- */

/* An account remembers how long its longest tokens live, for those who end them all. */
static void s_note_long_life(turn_t *turn, const session_row_t *row)
{
    const account_row_t *account;
    if (row->expires <= session_expiry_of(row->created) ||
        !row_found(rows_account(turn, row->account, &account)) ||
        account->tokens_until >= row->expires)
        return;
    account_row_t changed = *account;
    changed.tokens_until = row->expires;
    rows_put_account(turn, &changed);
}

void session_apply_opened(turn_t *turn, const record_t *record, const void *body)
{
    const session_opened_event_t *event = body;
    session_row_t row = {
        .id = event->session,
        .account = event->account,
        .created = record->time,
        .expires = event->expires,
        .device = event->device,
        .scopes = event->scopes,
        .hash = event->hash,
        .foreign = event->foreign,
        .key = event->key,
    };
    rows_put_session(turn, &row);
    rows_index_session(turn, &row);
    rows_put_count(turn, ROWS_LAST_SESSION, event->session);
    s_note_long_life(turn, &row);
    s_queue_up(turn, &row);
    s_forget_expired(turn, record->time);
}

/* Its place in the queue moves once an hour at most, however often it is renewed. */
void session_apply_renewed(turn_t *turn, const record_t *record, const void *body)
{
    const session_renewed_event_t *event = body;
    const session_row_t *row;
    if (!row_found(rows_session(turn, event->session, &row)))
        return;
    session_row_t changed = *row;
    changed.expires = event->expires;
    rows_put_session(turn, &changed);
    if (!expiry_same(row->expires, changed.expires))
        s_queue_up(turn, &changed);
    s_forget_expired(turn, record->time);
}

void session_apply_scoped(turn_t *turn, const record_t *record, const void *body)
{
    const bot_scoped_event_t *event = body;
    const session_row_t *row;
    (void)record;
    if (!row_found(rows_session(turn, event->session, &row)))
        return;
    session_row_t changed = *row;
    changed.scopes = event->scopes;
    rows_put_session(turn, &changed);
}

/* ---- ending ---- */

void session_apply_closed(turn_t *turn, const record_t *record, const void *body)
{
    const session_closed_event_t *event = body;
    const session_row_t *row;
    if (!row_found(rows_session(turn, event->session, &row)))
        return;
    session_row_t changed = *row;
    changed.ended = record->time;
    rows_put_session(turn, &changed);
    ended_t ended = {.expires = event->expires, .session = event->session};
    row_found(ended_add(turn, &ended, record->time));
}

void session_apply_revoked(turn_t *turn, const record_t *record, const void *body)
{
    const sessions_revoked_event_t *event = body;
    const account_row_t *row;
    if (!row_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.not_before = event->session;
    changed.kept = event->kept;
    rows_put_account(turn, &changed);
    ended_t ended = {event->expires, event->session, event->account, event->kept};
    row_found(ended_add(turn, &ended, record->time));
}
