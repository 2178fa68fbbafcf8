/* town.h - a notifier, and the world that it hears of: people, rooms, messages. */
#ifndef TESTS_UNIT_ACTORS_NOTIFIER_TOWN_H
#define TESTS_UNIT_ACTORS_NOTIFIER_TOWN_H

#include "tests/unit/actors/people.h"

enum { ALICE = 1, BOB, CAROL, DAN, FOLK = 30 };
enum { PAIR = 1, CLUB, SQUARE }; /* the direct room of Alice and Bob, one of three, one of all */

typedef struct town {
    staging_t *at;
    uint64_t seqs[4]; /* of each room's last message */
} town_t;

/* Everybody is known, and the rooms are there. */
int town_setup(void **state);
int town_teardown(void **state);

/* Something is said, a second later; what came of it is in at->told. */
void town_say(town_t *town, uint64_t room, uint64_t sender, const char *text);

/* The same with all that a message can have; place, names and time are filled in. */
void town_post(town_t *town, message_t message);

/* Another actor's event, and what came of it. */
void town_tell(town_t *town, event_number_t event, uint64_t account, const void *body);
#define TELL(town, event, account, ...) \
    town_tell((town), EVENT_##event, (account), &(event##_event_t){__VA_ARGS__})

/* What was told to an account the last time; NULL: nothing. */
const notified_event_t *town_told(const town_t *town, uint64_t account);

/* One's inbox. */
const notification_list_t *town_inbox(town_t *town, uint64_t account);
const notification_t *town_entry(const notification_list_t *list, size_t index);

/* For all tests of a program that needs threads of its own and their bus. */
int town_bus_start(void **state);
int town_bus_stop(void **state);

#define TOWN_TEST(function) cmocka_unit_test_setup_teardown(function, town_setup, town_teardown)

#endif
