/* talk.h - people who talk in a room; what tests of messages have in common.
 *
 * Each test begins with a stage that knows the people, and ends with the same question:
 * does a fresh store that applies what was committed become the same as the live one? */
#ifndef TESTS_UNIT_ACTORS_TALK_H
#define TESTS_UNIT_ACTORS_TALK_H

#include "tests/unit/actors/people.h"

enum { ALICE = 1, BOB, CAROL, DAVE, ZOE, MING, DOTTY, ADDRESS, CROWD, PEOPLE = CROWD + 110 };

int talk_setup(void **state);

#define TALK(name) cmocka_unit_test_setup_teardown(name, talk_setup, staging_end)

void talk_check(const outcome_t *outcome, err_t status);

/* A room of Alice's, with everybody up to `last` in it. */
uint64_t talk_room(staging_t *at, room_kind_t kind, uint64_t last);

/* Say something; its sequence. */
uint64_t talk_say(staging_t *at, uint64_t who, uint64_t room, const char *text);

/* The message of an answer that must be good. */
const message_t *talk_message(const outcome_t *outcome);

/* Whom a message mentions, as "2 3 all". */
const char *talk_mentions(const message_t *message);

unread_t talk_unread(staging_t *at, uint64_t who, uint64_t room);

#endif
