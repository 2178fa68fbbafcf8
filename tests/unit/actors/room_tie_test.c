/* room_tie_test.c - direct rooms as the matching actor's events open and shut them. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ALICE = 1, BOB, CAROL, PEOPLE = CAROL, NOBODY = 99 };

static int s_setup(void **state)
{
    static const char *const logins[] = {"alice", "bob", "carol"};
    *state = people_new(logins, PEOPLE);
    return 0;
}

static int s_teardown(void **state)
{
    staging_t *at = *state;
    bool replays = staging_replays(at);
    staging_destroy(&at);
    return replays ? 0 : -1;
}

#define TELL(at, event, to, from) \
    staging_tell((at), EVENT_##event, (to), &(event##_event_t){.account = (to), .by = (from)})

static size_t s_rooms(staging_t *at, uint64_t who)
{
    const outcome_t *outcome = ASK(at, who, room_list, 0);
    return ((const room_list_t *)outcome->answer)->rooms.count;
}

static uint64_t s_direct(staging_t *at)
{
    const outcome_t *outcome = ASK(at, ALICE, room_direct, .account = BOB);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->id;
}

static err_t s_post(staging_t *at, uint64_t who, uint64_t room)
{
    return ASK(at, who, room_post, .room = room, .text = SLICE_LIT("hello"))->status;
}

static void test_a_match_opens_the_room_once(void **state)
{
    staging_t *at = *state;
    TELL(at, people_matched, ALICE, BOB);
    uint64_t matched = at->seq;
    staging_commit(at);
    assert_int_equal(at->told_count, 3);
    assert_int_equal(at->told[0].record.type, EVENT_room_created);
    assert_int_equal(at->told[0].record.cause, matched);
    assert_int_equal(at->told[0].record.causer, owner_ROOM);
    assert_int_equal(at->told[2].record.type, EVENT_room_joined);
    TELL(at, people_connected, BOB, ALICE);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_rooms(at, ALICE), 1);
    assert_int_equal(s_rooms(at, BOB), 1);
}

static void test_a_crash_before_the_room_is_made_good(void **state)
{
    staging_t *at = *state;
    TELL(at, people_matched, ALICE, BOB);
    staging_crash(at); /* what was decided has reached nobody */
    staging_commit(at);
    assert_int_equal(at->told_count, 3);
    staging_crash(at);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    TELL(at, people_matched, BOB, CAROL);
    staging_lose(at); /* the journal was reopened */
    staging_commit(at);
    assert_int_equal(s_rooms(at, BOB), 1);
}

static void test_no_room_for_who_is_gone_or_blocks(void **state)
{
    staging_t *at = *state;
    TELL(at, people_connected, ALICE, NOBODY);
    TELL(at, people_blocked, ALICE, BOB);
    TELL(at, people_matched, ALICE, BOB);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(ASK(at, ALICE, room_direct, .account = BOB)->status, ERR_BLOCKED);
}

static void test_a_block_shuts_the_room_to_both(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_direct(at);
    assert_int_equal(s_post(at, ALICE, room), ERR_OK);
    TELL(at, people_blocked, ALICE, BOB);
    assert_int_equal(s_post(at, ALICE, room), ERR_BLOCKED);
    assert_int_equal(s_post(at, BOB, room), ERR_BLOCKED);
    assert_int_equal(ASK(at, ALICE, room_history, .room = room)->status, ERR_BLOCKED);
    assert_int_equal(ASK(at, BOB, room_typing, .room = room)->status, ERR_BLOCKED);
    assert_int_equal(
        ASK(at, ALICE, message_react, .room = room, .seq = 1, .emoji = SLICE_LIT("x"))->status,
        ERR_BLOCKED);
    assert_int_equal(s_rooms(at, ALICE), 0);
    assert_int_equal(ASK(at, 0, room_history, .room = room)->status, ERR_OK); /* an operator */
    TELL(at, people_blocked, BOB, ALICE);
    TELL(at, people_unblocked, ALICE, BOB);
    assert_int_equal(s_post(at, BOB, room), ERR_BLOCKED);
    TELL(at, people_unblocked, BOB, ALICE);
    assert_int_equal(s_post(at, BOB, room), ERR_OK);
    assert_int_equal(s_rooms(at, ALICE), 1);
    assert_int_equal(staging_rows(at, 'y'), 0);
}

static void test_a_closed_chat_is_read_and_takes_nothing(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_direct(at);
    TELL(at, people_disconnected, ALICE, BOB);
    assert_int_equal(s_post(at, ALICE, room), ERR_CLOSED);
    assert_int_equal(s_post(at, BOB, room), ERR_CLOSED);
    assert_int_equal(ASK(at, ALICE, room_history, .room = room)->status, ERR_OK);
    TELL(at, people_connected, ALICE, BOB);
    assert_int_equal(s_post(at, ALICE, room), ERR_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_match_opens_the_room_once),
        TEST(test_a_crash_before_the_room_is_made_good),
        TEST(test_no_room_for_who_is_gone_or_blocks),
        TEST(test_a_block_shuts_the_room_to_both),
        TEST(test_a_closed_chat_is_read_and_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
