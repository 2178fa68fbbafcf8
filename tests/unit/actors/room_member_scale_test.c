/* room_member_scale_test.c - what each call about rooms and members costs in a room of
 * 10,000, and for a person in 1,000 rooms.
 *
 * Prints medians of the actor's processor time, from the call's bytes to the answer's, its
 * commit and the reading of both by the test included.  The aim is 5 ms; only ten times that
 * fails, for a sanitizer slows it down. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { MEMBERS = 10000, ROOMS = 1000, TRIES = 21, FAILS_US = 50 * 1000 };
enum { OWNER = 1, MODERATOR = 2, MEMBER = 5000 };

static const int64_t FAR = INT64_MAX / 2; /* µs */

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

/* ---- what is measured: try number `i` by this person, in this order ---- */

#define CALLS(CALL)                                                                 \
    CALL(MEMBER, room_get, .room = room)                                            \
    CALL(MEMBER, room_list, .limit = LIMIT_PAGE)                                    \
    CALL(MEMBER, room_ids, )                                                        \
    CALL(MEMBER, room_members, .room = room, .after = MEMBER, .limit = LIMIT_PAGE)  \
    CALL(MEMBER, room_create, .kind = room_kind_PRIVATE)                            \
    CALL(MEMBER, room_direct, .account = 300 + i)                                   \
    CALL(OWNER, room_rename, .room = room, .name = slice_of(i % 2 ? "a" : "b"))     \
    CALL(OWNER, room_set_topic, .room = room, .topic = slice_of(i % 2 ? "a" : "b")) \
    CALL(MEMBER, room_typing, .room = room, .typing = true)                         \
    CALL(OWNER, room_delete, .room = room + 1 + i)                                  \
    CALL(OWNER, room_set_role, room, 400 + i, room_role_MODERATOR)                  \
    CALL(MODERATOR, room_mute, .room = room, .account = 100 + i, .until = FAR)      \
    CALL(MODERATOR, room_kick, .room = room, .account = 100 + i)                    \
    CALL(100 + i, room_enter, .room = room)                                         \
    CALL(100 + i, room_join, .room = room)                                          \
    CALL(200 + i, room_leave, .room = room)                                         \
    CALL(MODERATOR, room_ban, .room = room, .account = 100 + i)                     \
    CALL(MODERATOR, room_bans, .room = room)                                        \
    CALL(MODERATOR, room_unban, .room = room, .account = 100 + i)                   \
    CALL(MODERATOR, room_invite, .room = room, .account = 100 + i)                  \
    CALL(100 + i, room_invitations, )                                               \
    CALL(100 + i, room_decline, .room = room)

typedef const outcome_t *try_fn(staging_t *at, uint64_t room, uint64_t i);

#define CALL(who, name, ...)                                                       \
    static const outcome_t *s_try_##name(staging_t *at, uint64_t room, uint64_t i) \
    {                                                                              \
        (void)room;                                                                \
        (void)i;                                                                   \
        return ASK(at, who, name, __VA_ARGS__);                                    \
    }
CALLS(CALL)
#undef CALL

typedef struct measured {
    const char *name;
    try_fn *once;
} measured_t;

static const measured_t s_measured[] = {
#define CALL(who, name, ...) {#name, s_try_##name},
    CALLS(CALL)
#undef CALL
};

static int s_ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Of this thread, for others may be at work on the machine. */
static uint64_t s_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t s_median_us(const measured_t *measured, staging_t *at, uint64_t room)
{
    uint64_t times[TRIES];
    for (uint64_t i = 0; i < TRIES; i++) {
        uint64_t begun = s_cpu_ns();
        const outcome_t *outcome = measured->once(at, room, i);
        times[i] = s_cpu_ns() - begun;
        assert_int_equal(outcome->status, ERR_OK);
    }
    qsort(times, TRIES, sizeof *times, s_ascending);
    return times[TRIES / 2] / 1000;
}

static void s_test_every_call_is_quick(void **state)
{
    staging_t *at = people_new(NULL, 0);
    (void)state;
    srandom(1);
    uint64_t room = s_fill(at);
    for (size_t i = 0; i < COUNT_OF(s_measured); i++) {
        uint64_t median_us = s_median_us(&s_measured[i], at, room);
        print_message("%-18s %6d us\n", s_measured[i].name, (int)median_us);
        assert_true(median_us < FAILS_US);
    }
    staging_destroy(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(s_test_every_call_is_quick)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
