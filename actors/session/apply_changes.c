/* apply_changes.c - what becomes of an account's row: names, links, role, ban, the end. */
#include "actors/session/apply.h"

#include "actors/row.h"
#include "actors/session/links.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

/* ---- names ---- */

/* A name that counts for this account counts for nobody now. */
static void s_release(turn_t *turn, rows_table_t names, slice_t name, uint64_t account)
{
    uint64_t holder;
    if (name.len > 0 && row_found(rows_holder(turn, names, name, &holder)) && holder == account)
        rows_delete_holder(turn, names, name);
}

void session_apply_renamed(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const account_renamed_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    s_release(turn, ROWS_USERNAME, row.username, row.id);
    apply_hold_username(turn, event->username, row.id);
    row.username = event->username;
    rows_put_account(turn, &row);
}

/* An address that another has claimed before counts for them until it is proven. */
static void s_claim_email(turn_t *turn, slice_t email, uint64_t account)
{
    uint64_t holder;
    if (email.len > 0 && !row_found(rows_holder(turn, ROWS_EMAIL, email, &holder)))
        rows_put_holder(turn, ROWS_EMAIL, email, account);
}

void session_apply_email(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const email_changed_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    s_release(turn, ROWS_EMAIL, row.email, row.id);
    s_claim_email(turn, event->email, row.id);
    row.email = event->email;
    row.verified = false;
    row.verify_nonce = (slice_t){0};
    row.reset_nonce = (slice_t){0};
    rows_put_account(turn, &row);
}

void session_apply_verified(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const email_verified_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    apply_take_email(turn, event->email, row.id);
    row.verified = true;
    row.verify_nonce = (slice_t){0};
    rows_put_account(turn, &row);
}

/* ---- links, role, ban ---- */

void session_apply_link(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const link_asked_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    links_put(&row, event);
    rows_put_account(turn, &row);
}

void session_apply_role(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const role_changed_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    row.role = event->role;
    rows_put_account(turn, &row);
}

static void s_set_ban(turn_t *turn, uint64_t account, int64_t until, slice_t reason)
{
    account_row_t row;
    if (!apply_account(turn, account, &row))
        return;
    row.banned_until = until;
    row.reason = reason;
    rows_put_account(turn, &row);
}

void session_apply_banned(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const account_banned_event_t *event = body;
    s_set_ban(turn, event->account, event->until, event->reason);
}

void session_apply_unbanned(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    const account_unbanned_event_t *event = body;
    s_set_ban(turn, event->account, 0, (slice_t){0});
}

/* ---- the end ---- */

/* The row stays, for messages name their sender by it, and so does the login, for nobody
 * else may be taken for who had it.  All that is personal goes. */
void session_apply_deleted(turn_t *turn, const record_t *record, const void *body)
{
    const account_deleted_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    s_release(turn, ROWS_USERNAME, row.username, row.id);
    s_release(turn, ROWS_EMAIL, row.email, row.id);
    rows_put_account(turn, &(account_row_t){
                               .id = row.id,
                               .login = row.login,
                               .username = event->username,
                               .created = row.created,
                               .not_before = row.not_before,
                               .uuid = row.uuid,
                               .deleted = record->time,
                               .tokens_until = row.tokens_until,
                           });
}

/* The login goes with the key: made anew, the row has "redacted-12" in its place. */
void session_apply_redacted(turn_t *turn, const record_t *record, const void *body)
{
    const account_redacted_event_t *event = body;
    account_row_t row;
    if (!apply_account(turn, event->account, &row))
        return;
    row.redacted = record->time;
    rows_put_account(turn, &row);
}
