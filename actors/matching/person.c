/* person.c - who people are, kept from the session actor's events, and who of them have a
 * direct room, from the room actor's. */
#include "actors/matching/keys.h"
#include "actors/matching/matching.h"

static void s_see(turn_t *turn, uint64_t account, int64_t time)
{
    person_t person;
    if (!person_copy(turn, account, &person))
        return;
    person.seen = time;
    person_put(turn, account, &person);
}

void matching_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    person_apply_registered(turn, record, body);
    s_see(turn, event->id, record->time);
}

void matching_apply_opened(turn_t *turn, const record_t *record, const void *body)
{
    const session_opened_event_t *event = body;
    s_see(turn, event->account, record->time);
    keys_note(turn, event->session, event->scopes);
}

void matching_apply_scoped(turn_t *turn, const record_t *record, const void *body)
{
    const bot_scoped_event_t *event = body;
    keys_note(turn, event->session, event->scopes);
    (void)record;
}

void matching_apply_seen(turn_t *turn, const record_t *record, const void *body)
{
    s_see(turn, ((const account_seen_event_t *)body)->account, record->time);
}

static void s_ban(turn_t *turn, uint64_t account, int64_t until)
{
    person_t person;
    if (!person_copy(turn, account, &person))
        return;
    person.banned_until = until;
    person_put(turn, account, &person);
}

void matching_apply_banned(turn_t *turn, const record_t *record, const void *body)
{
    const account_banned_event_t *event = body;
    (void)record;
    s_ban(turn, event->account, event->until);
}

void matching_apply_unbanned(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    s_ban(turn, ((const account_unbanned_event_t *)body)->account, 0);
}

void matching_apply_room(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    (void)record;
    if (room->kind == room_kind_DIRECT)
        row_put_mark(turn, row_key_pair('d', room->first, room->second));
}
