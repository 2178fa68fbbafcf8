/* person.c - who people are, kept from the session actor's events, and who of them have a
 * direct room, from the room actor's. */
#include "actors/matching/keys.h"
#include "actors/matching/matching.h"

/* A copy of the person's row, to be changed and put back; false if there is none. */
static bool s_person(turn_t *turn, uint64_t account, person_row_t *ret_person)
{
    const person_row_t *person;
    if (!row_found(rows_person(turn, account, &person)))
        return false;
    *ret_person = *person;
    return true;
}

static void s_put(turn_t *turn, uint64_t account, const person_row_t *person)
{
    row_put(turn, row_key1('P', account), shape_person_row(), person);
}

void matching_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    s_put(turn, event->id,
          &(person_row_t){
              .login = event->login,
              .username = event->username,
              .role = event->role,
              .seen = record->time,
          });
}

void matching_apply_renamed(turn_t *turn, const record_t *record, const void *body)
{
    const account_renamed_event_t *event = body;
    person_row_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.username = event->username;
    s_put(turn, event->account, &person);
}

void matching_apply_role(turn_t *turn, const record_t *record, const void *body)
{
    const role_changed_event_t *event = body;
    person_row_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.role = event->role;
    s_put(turn, event->account, &person);
}

static void s_see(turn_t *turn, uint64_t account, int64_t time)
{
    person_row_t person;
    if (!s_person(turn, account, &person))
        return;
    person.seen = time;
    s_put(turn, account, &person);
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

void matching_apply_banned(turn_t *turn, const record_t *record, const void *body)
{
    const account_banned_event_t *event = body;
    person_row_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.banned_until = event->until;
    s_put(turn, event->account, &person);
}

void matching_apply_unbanned(turn_t *turn, const record_t *record, const void *body)
{
    const account_unbanned_event_t *event = body;
    person_row_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.banned_until = 0;
    s_put(turn, event->account, &person);
}

void matching_apply_gone(turn_t *turn, const record_t *record, const void *body)
{
    const account_deleted_event_t *event = body;
    person_row_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.username = event->username;
    person.role = role_USER;
    person.gone = true;
    s_put(turn, event->account, &person);
}

void matching_apply_room(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    (void)record;
    if (room->kind == room_kind_DIRECT)
        row_put_mark(turn, rows_pair_key('d', room->first, room->second));
}
