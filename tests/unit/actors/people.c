#include "tests/unit/actors/people.h"

#include <stdlib.h>

staging_t *people_new(const char *const *logins, size_t count)
{
    return people_of(&room_actor, logins, count);
}

staging_t *people_of(const actor_row_t *row, const char *const *logins, size_t count)
{
    staging_t *at = staging_new(row);
    for (uint64_t account = 1; account <= count; account++)
        staging_tell(at, EVENT_account_registered, account,
                     &(account_registered_event_t){
                         .id = account,
                         .login = slice_of(logins[account - 1]),
                         .username = slice_of(logins[account - 1]),
                     });
    return at;
}

const outcome_t *people_ask(staging_t *at, uint64_t who, call_number_t call, const void *body)
{
    at->principal = who;
    at->now += 1000;
    for (size_t i = 0; i < RAND_SIZE; i++)
        at->rand[i] = (uint8_t)random();
    return staging_ask(at, call, body);
}
