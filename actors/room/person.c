/* person.c - who people are: kept from the session actor's events, for names, mentions
 * and rights.
 *
 * Messages keep the name that their sender had; what comes from now on has the new one. */
#include "actors/room/room.h"

/* A copy of the person's row, to be changed and put back; false if there is none. */
static bool s_person(turn_t *turn, uint64_t account, person_t *ret_person)
{
    const person_t *person;
    if (!row_found(row_get_person(turn, account, &person)))
        return false;
    *ret_person = *person;
    return true;
}

static void s_put(turn_t *turn, uint64_t account, const person_t *person)
{
    row_put(turn, row_key1('P', account), shape_person(), person);
}

void room_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    s_put(turn, event->id,
          &(person_t){
              .login = event->login,
              .username = event->username,
              .role = event->role,
              .uuid = event->uuid,
          });
    row_put_number(turn, row_login_key(event->login), event->id);
    (void)record;
}

void room_apply_renamed(turn_t *turn, const record_t *record, const void *body)
{
    const account_renamed_event_t *event = body;
    person_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.username = event->username;
    s_put(turn, event->account, &person);
}

void room_apply_role(turn_t *turn, const record_t *record, const void *body)
{
    const role_changed_event_t *event = body;
    person_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.role = event->role;
    s_put(turn, event->account, &person);
}

void room_apply_gone(turn_t *turn, const record_t *record, const void *body)
{
    const account_deleted_event_t *event = body;
    person_t person;
    (void)record;
    if (!s_person(turn, event->account, &person))
        return;
    person.username = event->username;
    person.role = role_USER;
    person.gone = true;
    s_put(turn, event->account, &person);
}
