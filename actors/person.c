/* person.c - names and roles; what was said under a name keeps it, what comes from now on
 * has the new one. */
#include "actors/person.h"

static row_key_t s_key(uint64_t account)
{
    return row_key1('P', account);
}

err_t person_get(turn_t *turn, uint64_t account, const person_t **ret_person)
{
    const void *row;
    err_t err = row_get(turn, s_key(account), shape_person(), &row);
    if (err == ERR_OK)
        *ret_person = row;
    return err;
}

bool person_copy(turn_t *turn, uint64_t account, person_t *ret_person)
{
    const person_t *person;
    if (!row_found(person_get(turn, account, &person)))
        return false;
    *ret_person = *person;
    return true;
}

void person_put(turn_t *turn, uint64_t account, const person_t *person)
{
    row_put(turn, s_key(account), shape_person(), person);
}

void person_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    person_put(turn, event->id,
               &(person_t){
                   .login = event->login,
                   .username = event->username,
                   .role = event->role,
                   .uuid = event->uuid,
               });
    (void)record;
}

void person_apply_renamed(turn_t *turn, const record_t *record, const void *body)
{
    const account_renamed_event_t *event = body;
    person_t person;
    (void)record;
    if (!person_copy(turn, event->account, &person))
        return;
    person.username = event->username;
    person_put(turn, event->account, &person);
}

void person_apply_role(turn_t *turn, const record_t *record, const void *body)
{
    const role_changed_event_t *event = body;
    person_t person;
    (void)record;
    if (!person_copy(turn, event->account, &person))
        return;
    person.role = event->role;
    person_put(turn, event->account, &person);
}

void person_apply_gone(turn_t *turn, const record_t *record, const void *body)
{
    const account_deleted_event_t *event = body;
    person_t person;
    (void)record;
    if (!person_copy(turn, event->account, &person))
        return;
    person.username = event->username;
    person.role = role_USER;
    person.gone = true;
    person_put(turn, event->account, &person);
}
