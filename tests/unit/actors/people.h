/* people.h - an actor, and people who ask it. */
#ifndef TESTS_UNIT_ACTORS_PEOPLE_H
#define TESTS_UNIT_ACTORS_PEOPLE_H

#include "tests/unit/actors/staging.h"

/* A stage of the room actor that has heard of these accounts, 1, 2, 3 … */
staging_t *people_new(const char *const *logins, size_t count);

/* The same of any actor that keeps people. */
staging_t *people_of(const actor_row_t *row, const char *const *logins, size_t count);

/* One of them asks, a millisecond later, with random bytes of its own. */
const outcome_t *people_ask(staging_t *at, uint64_t who, call_number_t call, const void *body);

/* `ASK(at, ALICE, room_post, .room = 1, .text = SLICE_LIT("hello"))` */
#define ASK(at, who, call, ...) people_ask((at), (who), CALL_##call, &(call##_call_t){__VA_ARGS__})

#endif
