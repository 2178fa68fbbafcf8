/* apply.c - how accounts come to be, and what keeps the rows together; with the other
 * apply_*.c the only writer of them.
 *
 * Time is the record's own, never the turn's: events are applied when they are
 * decided and again in any replay, and must do the same in both. */
#include "actors/session/apply.h"

#include "actors/row.h"
#include "actors/session/account.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

bool apply_account(turn_t *turn, uint64_t account, account_row_t *ret_row)
{
    const account_row_t *row;
    if (!row_found(rows_account(turn, account, &row)))
        return false;
    *ret_row = *row;
    return true;
}

/* ---- names ---- */

void apply_hold_username(turn_t *turn, slice_t username, uint64_t account)
{
    uint64_t holder;
    if (!row_found(rows_holder(turn, ROWS_USERNAME, username, &holder)))
        rows_put_holder(turn, ROWS_USERNAME, username, account);
}

/* Their links were for an address that is another's now. */
static void s_lose_email(turn_t *turn, uint64_t account)
{
    account_row_t row;
    if (!apply_account(turn, account, &row))
        return;
    row.email = (slice_t){0};
    row.verified = false;
    row.verify_nonce = (slice_t){0};
    row.reset_nonce = (slice_t){0};
    rows_put_account(turn, &row);
}

void apply_take_email(turn_t *turn, slice_t email, uint64_t account)
{
    uint64_t holder;
    if (row_found(rows_holder(turn, ROWS_EMAIL, email, &holder)) && holder != account)
        s_lose_email(turn, holder);
    rows_put_holder(turn, ROWS_EMAIL, email, account);
}

/* ---- accounts ---- */

void session_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    account_row_t row = account_of(event, record->time);
    rows_put_account(turn, &row);
    if (event->role == role_SYSTEM)
        rows_put_count(turn, ROWS_SYSTEM, event->id);
    if (event->subject.len > 0)
        rows_put_subject(turn, event->issuer, event->subject, event->id);
    rows_put_holder(turn, ROWS_LOGIN, event->login, event->id);
    if (event->email.len > 0)
        apply_take_email(turn, event->email, event->id);
    apply_hold_username(turn, event->username, event->id);
    rows_put_count(turn, ROWS_LAST_ACCOUNT, event->id);
}

/* It closes the link that would have reset the one before. */
void session_apply_password(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const password_changed_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    row.verifier = event->verifier;
    row.md5_verifier = event->md5_verifier;
    row.reset_nonce = (slice_t){0};
    rows_put_account(turn, &row);
}

void session_apply_seen(turn_t *turn, const record_t *record, const void *body)
{
    const account_seen_event_t *event = body;
    const account_row_t *row;
    if (!row_found(rows_account(turn, event->account, &row)))
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
    if (!row_found(rows_account(turn, event->account, &row)))
        return;
    account_row_t changed = *row;
    changed.online_until = event->until;
    rows_put_account(turn, &changed);
}
