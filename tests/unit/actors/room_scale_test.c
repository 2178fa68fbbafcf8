/* room_scale_test.c - what each call costs in a room of 10,000 members, and for a person
 * in 1,000 rooms.
 *
 * Prints the median of each, from the call's bytes to the answer's, its commit and the
 * reading of both by the test included.  The aim is 5 ms; only ten times that fails, for
 * the machine may be busy, and slowed down by a sanitizer. */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/bench/clock.h"

enum { MEMBERS = 10000, ROOMS = 1000, TRIES = 21, OWNER = 1, MODERATOR = 2, MEMBER = 5000 };
enum { FAILS_US = 50 * 1000 };

static const outcome_t *s_ask(staging_t *at, uint64_t who, call_number_t call, const void *body)
{
    at->principal = who;
    at->now += 1000;
    for (size_t i = 0; i < RAND_SIZE; i++)
        at->rand[i] = (uint8_t)random();
    return staging_ask(at, call, body);
}

#define ASK(at, who, name, ...) s_ask(at, who, CALL_##name, &(name##_call_t){__VA_ARGS__})

static uint64_t s_room(staging_t *at, uint64_t who)
{
    return ((const room_t *)ASK(at, who, room_create, .kind = room_kind_OPEN)->answer)->id;
}

/* A room of 10,000, whose member number 5,000 is in 1,000 rooms. */
static uint64_t s_fill(staging_t *at)
{
    uint64_t room = s_room(at, OWNER);
    for (uint64_t who = 1; who <= MEMBERS; who++) {
        char name[32];
        (void)snprintf(name, sizeof name, "person-%d", (int)who);
        staging_tell(at, EVENT_account_registered, who,
                     &(account_registered_event_t){
                         .id = who, .login = slice_of(name), .username = slice_of(name)});
        (void)ASK(at, who, room_join, .room = room);
    }
    for (int i = 1; i < ROOMS; i++)
        (void)ASK(at, MEMBER, room_join, .room = s_room(at, OWNER));
    (void)ASK(at, OWNER, room_set_role, room, MODERATOR, room_role_MODERATOR);
    staging_restart(at);
    return room;
}

static int s_ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void s_report(const char *name, int64_t *times)
{
    qsort(times, TRIES, sizeof *times, s_ascending);
    print_message("%-18s %6d us\n", name, (int)times[TRIES / 2]);
    assert_true(times[TRIES / 2] < FAILS_US);
}

/* The median of a call that changes with `i`, the number of the try. */
#define MEASURE(who, name, ...)                                         \
    do {                                                                \
        int64_t times[TRIES];                                           \
        for (uint64_t i = 0; i < TRIES; i++) {                          \
            int64_t begun = (int64_t)(clock_ns() / 1000);               \
            const outcome_t *outcome = ASK(at, who, name, __VA_ARGS__); \
            times[i] = (int64_t)(clock_ns() / 1000) - begun;            \
            assert_int_equal(outcome->status, ERR_OK);                  \
        }                                                               \
        s_report(#name, times);                                         \
    } while (0)

static void s_test_every_call_is_quick(void **state)
{
    staging_t *at = staging_new(&room_actor);
    int64_t far = INT64_MAX / 2;
    (void)state;
    srandom(1);
    uint64_t room = s_fill(at);

    MEASURE(MEMBER, room_get, .room = room);
    MEASURE(MEMBER, room_list, .limit = LIMIT_PAGE);
    MEASURE(MEMBER, room_ids, );
    MEASURE(MEMBER, room_members, .room = room, .after = MEMBER, .limit = LIMIT_PAGE);
    MEASURE(MEMBER, room_invitations, );
    MEASURE(OWNER, room_rename, .room = room, .name = slice_of(i % 2 ? "a" : "b"));
    MEASURE(OWNER, room_set_topic, .room = room, .topic = slice_of(i % 2 ? "a" : "b"));
    MEASURE(OWNER, room_set_role, room, MEMBER, i % 2 ? room_role_MEMBER : room_role_MODERATOR);
    MEASURE(MODERATOR, room_mute, .room = room, .account = 100 + i, .until = far);
    MEASURE(MODERATOR, room_kick, .room = room, .account = 100 + i);
    MEASURE(100 + i, room_enter, .room = room);
    MEASURE(100 + i, room_join, .room = room);
    MEASURE(MODERATOR, room_ban, .room = room, .account = 100 + i);
    MEASURE(MODERATOR, room_bans, .room = room);
    MEASURE(MODERATOR, room_unban, .room = room, .account = 100 + i);
    MEASURE(MODERATOR, room_invite, .room = room, .account = 100 + i);
    MEASURE(100 + i, room_decline, .room = room);
    MEASURE(MEMBER, room_typing, .room = room, .typing = true);
    MEASURE(MEMBER, room_post, .room = room, .text = SLICE_LIT("hello"));
    MEASURE(200 + i, room_leave, .room = room);
    MEASURE(MEMBER, room_create, .kind = room_kind_PRIVATE);
    MEASURE(MEMBER, room_direct, .account = 300 + i);
    MEASURE(OWNER, room_delete, .room = room + 1 + i);
    MEASURE(MEMBER, room_list, .limit = LIMIT_PAGE);
    staging_destroy(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(s_test_every_call_is_quick)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
