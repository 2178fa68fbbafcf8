/* away.c - whether somebody is there who has a digest due: only this actor knows who is
 * connected, and what their address is. */
#include "actors/row.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

void session_react_digest(turn_t *turn, const record_t *record, const void *body)
{
    const digest_due_event_t *event = body;
    const account_row_t *row;
    (void)record;
    if (event->rested || !row_found(rows_account(turn, event->account, &row)) || !row->verified ||
        row->email.len == 0 || session_admit(turn, row) != ERR_OK || session_online(turn, row))
        return;
    turn_emit(turn, EVENT_account_away, 0, row->id,
              &(account_away_event_t){.account = row->id, .email = row->email});
}

/* The notifier makes a mail of it; there is nothing to keep here. */
void session_apply_away(turn_t *turn, const record_t *record, const void *body)
{
    (void)turn;
    (void)record;
    (void)body;
}
