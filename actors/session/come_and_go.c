/* come_and_go.c - what edges tell about their connections, and who hears of it.
 *
 * Coming and going is told to those who hear the person's account, at most once a
 * second for each and not at all when it comes to nothing, and is recorded nowhere.  Only that somebody was here last at about this time is kept, at most
 * once a minute for each, however often a bad line drops. */
#include "actors/session/rows.h"
#include "actors/session/session.h"

static const int64_t s_seen_every = INT64_C(60) * 1000 * 1000; /* µs */

/* A decision holds at most 65,535 records, and a change takes up to two. */
enum { TOLD_AT_ONCE = 30000 };

/* An account that cannot be read is not worth failing for: presence goes on. */
static void s_note_seen(turn_t *turn, uint64_t account)
{
    const account_row_t *row;
    if (rows_account(turn, account, &row) != ERR_OK ||
        turn_now(turn) - row->last_seen < s_seen_every)
        return;
    turn_emit(turn, EVENT_account_seen, 0, account, &(account_seen_event_t){account});
}

void session_tick(turn_t *turn)
{
    presence_changes_t changes =
        presence_take(session_presence(turn), TOLD_AT_ONCE, turn_arena(turn));
    for (size_t i = 0; i < changes.count; i++) {
        const presence_change_t *change = &changes.items[i];
        turn_emit(turn, EVENT_presence_changed, 0, change->account,
                  &(presence_changed_event_t){change->account, change->online});
        if (!change->online)
            s_note_seen(turn, change->account);
    }
}

err_t session_announce(turn_t *turn, const call_t *call, const void *body)
{
    const presence_announce_call_t *ask = body;
    presence_changes_t changes;
    err_t err = presence_announce(session_presence(turn), call->origin, ask->accounts,
                                  turn_arena(turn), &changes);
    if (err == ERR_OK)
        presence_note(session_presence(turn), &changes);
    return err;
}

err_t session_come_or_go(turn_t *turn, const call_t *call, const void *body)
{
    const presence_set_call_t *ask = body;
    presence_changes_t changes;
    err_t err = presence_set(session_presence(turn), call->origin, ask->account, ask->online,
                             turn_arena(turn), &changes);
    if (err == ERR_OK)
        presence_note(session_presence(turn), &changes);
    return err;
}

err_t session_edge_gone(turn_t *turn, const call_t *call, const void *body)
{
    (void)call;
    const presence_gone_call_t *ask = body;
    presence_changes_t changes;
    presence_gone(session_presence(turn), ask->peer, turn_arena(turn), &changes);
    presence_note(session_presence(turn), &changes);
    return ERR_OK;
}
