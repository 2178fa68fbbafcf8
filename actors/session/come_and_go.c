/* come_and_go.c - what edges tell about their connections, and who hears of it.
 *
 * Coming and going is told to the person's own connections and to the small rooms that
 * they are in (circle.h), at most once a second for each and not at all when it comes to
 * nothing, and is recorded nowhere.  Only that somebody was here last at about this time
 * is kept, at most once a minute for each, however often a bad line drops; and always of
 * whoever waits for a match, which ends by it. */
#include "actors/apart.h"
#include "actors/session/circle.h"
#include "actors/session/hopefuls.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

static const int64_t SEEN_EVERY_US = INT64_C(60) * 1000 * 1000;
static const int64_t SAID_FOR_US = INT64_C(5) * 60 * 1000 * 1000;

/* A decision holds at most 65,535 records; what is not told in one second is in the next. */
enum { RECORDS_AT_ONCE = 30000 };

/* An account that cannot be read is not worth failing for: presence goes on. */
static size_t s_note_seen(turn_t *turn, uint64_t account)
{
    const account_row_t *row;
    if (rows_account(turn, account, &row) != ERR_OK ||
        (turn_now(turn) - row->last_seen < SEEN_EVERY_US && !hopefuls_have(turn, account)))
        return 0;
    turn_emit(turn, EVENT_account_seen, 0, account, &(account_seen_event_t){account});
    return 1;
}

/* One record for the person's own connections, one for each small room.  They lie side by
 * side, so that an edge can see that they are the same news. */
static size_t s_tell(turn_t *turn, const presence_change_t *change)
{
    presence_changed_event_t event = {.account = change->account, .online = change->online};
    ids_t rooms = {0};
    apart_t apart;
    if (apart_of(turn, change->account, &apart) == ERR_OK && !apart.many)
        event.apart = apart.accounts;
    else
        apart.many = true; /* who may not know is not known */
    if (apart.many || circle_rooms(turn, change->account, &rooms) != ERR_OK)
        rooms.count = 0;
    turn_emit(turn, EVENT_presence_changed, 0, change->account, &event);
    for (size_t i = 0; i < rooms.count; i++)
        turn_emit(turn, EVENT_presence_changed, rooms.items[i], 0, &event);
    return 1 + rooms.count + (change->online ? 0 : s_note_seen(turn, change->account));
}

/* Those whose word was good for five minutes, which are over. */
static void s_forget_said(turn_t *turn)
{
    presence_t *presence = session_presence(turn);
    presence_changes_t changes;
    uint64_t account;
    while ((account = said_over(session_said(turn), turn_now(turn))) != 0)
        if (presence_set(presence, SAID_EDGE, account, false, turn_arena(turn), &changes) == ERR_OK)
            presence_note(presence, &changes);
}

void session_tick(turn_t *turn)
{
    presence_t *presence = session_presence(turn);
    s_forget_said(turn);
    presence_changes_t changes = presence_take(presence, RECORDS_AT_ONCE / 2, turn_arena(turn));
    size_t told = 0, records = 0;
    while (told < changes.count && records < RECORDS_AT_ONCE)
        records += s_tell(turn, &changes.items[told++]);
    if (told < changes.count)
        presence_note(presence, &(presence_changes_t){changes.items + told, changes.count - told});
    for (uint64_t absent; records < RECORDS_AT_ONCE && (absent = hopefuls_absent(turn)) != 0;)
        records += s_note_seen(turn, absent);
}

bool session_online(turn_t *turn, const account_row_t *row)
{
    return presence_online(session_presence(turn), row->id) || row->online_until > turn_now(turn);
}

err_t session_say_online(turn_t *turn, const call_t *call, const void *body)
{
    bool online = ((const presence_online_call_t *)body)->online;
    int64_t until = online ? turn_now(turn) + SAID_FOR_US : 0;
    presence_t *presence = session_presence(turn);
    presence_changes_t changes;
    if (!said_set(session_said(turn), call->principal, until))
        return ERR_OK;
    err_t err =
        presence_set(presence, SAID_EDGE, call->principal, online, turn_arena(turn), &changes);
    if (err != ERR_OK)
        return err;
    presence_note(presence, &changes);
    turn_emit(turn, EVENT_online_set, 0, call->principal,
              &(online_set_event_t){call->principal, until});
    return ERR_OK;
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

static void s_forget_edge(turn_t *turn, uint64_t edge)
{
    presence_changes_t changes;
    presence_gone(session_presence(turn), edge, turn_arena(turn), &changes);
    presence_note(session_presence(turn), &changes);
}

/* One edge, or all of them: those that are left announce themselves again. */
err_t session_edge_gone(turn_t *turn, const call_t *call, const void *body)
{
    (void)call;
    const presence_gone_call_t *ask = body;
    for (size_t i = 0; i < PRESENCE_EDGES; i++) {
        uint64_t edge = session_presence(turn)->edges[i];
        if (edge != 0 && edge != SAID_EDGE && (ask->peer == 0 || ask->peer == edge))
            s_forget_edge(turn, edge);
    }
    return ERR_OK;
}
