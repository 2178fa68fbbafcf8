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

static void test_a_block_hides_what_is_unread(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_direct(at);
    assert_int_equal(s_post(at, ALICE, room), ERR_OK);
    TELL(at, people_blocked, BOB, ALICE);
    const unread_list_t *unread = ASK(at, BOB, room_unread, 0)->answer;
    assert_int_equal(unread->rooms.count, 0);
    assert_int_equal(ASK(at, BOB, room_unread, .room = room)->status, ERR_NOT_FOUND);
}

/* A private room of Alice's. */
static uint64_t s_private(staging_t *at)
{
    return ((const room_t *)ASK(at, ALICE, room_create, .kind = room_kind_PRIVATE)->answer)->id;
}

static size_t s_invitations(staging_t *at)
{
    const outcome_t *outcome = ASK(at, BOB, room_invitations, 0);
    return ((const invitation_list_t *)outcome->answer)->invitations.count;
}

static void test_nobody_is_asked_in_across_a_block(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_private(at);
    TELL(at, people_blocked, BOB, ALICE);
    assert_int_equal(ASK(at, ALICE, room_invite, .room = room, .account = BOB)->status,
                     ERR_BLOCKED);
    assert_int_equal(ASK(at, ALICE, room_join, .room = room, .account = BOB)->status, ERR_BLOCKED);
    assert_int_equal(ASK(at, ALICE, room_join, .room = room, .account = CAROL)->status, ERR_OK);
}

static void test_an_invitation_waits_for_the_end_of_a_block(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_private(at);
    assert_int_equal(ASK(at, ALICE, room_invite, .room = room, .account = BOB)->status, ERR_OK);
    TELL(at, people_blocked, BOB, ALICE);
    assert_int_equal(s_invitations(at), 0);
    assert_int_equal(ASK(at, BOB, room_join, .room = room)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, BOB, room_decline, .room = room)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, ALICE, room_decline, .room = room, .account = BOB)->status,
                     ERR_NOT_FOUND);
    TELL(at, people_unblocked, BOB, ALICE);
    assert_int_equal(s_invitations(at), 1);
    assert_int_equal(ASK(at, BOB, room_join, .room = room)->status, ERR_OK);
}

/* ---- what passes unrecorded ---- */

static ids_t s_untold(staging_t *at, uint64_t room)
{
    assert_int_equal(ASK(at, ALICE, room_typing, .room = room, .typing = true)->status, ERR_OK);
    assert_int_equal(at->told_count, 1);
    return ((const room_typed_event_t *)at->told[0].body)->apart;
}

static void test_who_writes_or_listens_is_not_told_across_a_block(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_private(at);
    TELL(at, people_blocked, BOB, ALICE);
    TELL(at, people_blocked, ALICE, BOB);
    TELL(at, people_blocked, ALICE, CAROL);
    ids_t untold = s_untold(at, room);
    assert_int_equal(untold.count, 2);
    assert_int_equal(untold.items[0] + untold.items[1], BOB + CAROL);
    TELL(at, people_unblocked, ALICE, CAROL);
    TELL(at, people_unblocked, ALICE, BOB);
    untold = s_untold(at, room);
    assert_int_equal(untold.count, 1); /* one of the two still blocks */
    ASK(at, 0, room_present, .room = room, .account = ALICE, .here = true);
    assert_int_equal(((const room_presence_event_t *)at->told[0].body)->apart.items[0], BOB);
    TELL(at, people_unblocked, BOB, ALICE);
    assert_int_equal(s_untold(at, room).count, 0);
    assert_int_equal(staging_rows(at, 'z'), 0);
}

static void test_what_is_shut_is_told_with_ones_rooms(void **state)
{
    staging_t *at = *state;
    uint64_t shut = s_direct(at);
    (void)s_private(at);
    TELL(at, people_blocked, BOB, ALICE);
    TELL(at, people_blocked, CAROL, ALICE); /* have no room */
    const room_ids_t *ids = ASK(at, ALICE, room_ids, )->answer;
    assert_int_equal(ids->rooms.count, 2);
    assert_int_equal(ids->shut.count, 1);
    assert_int_equal(ids->shut.items[0], shut);
    assert_int_equal(ids->apart.count, 2);
    assert_false(ids->many);
}

static void test_too_many_blocks_are_nobodys_to_know(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_private(at);
    for (uint64_t other = 1000; other <= 1000 + LIMIT_APART; other++)
        TELL(at, people_blocked, other, ALICE);
    assert_int_equal(ASK(at, ALICE, room_typing, .room = room, .typing = true)->status, ERR_OK);
    assert_int_equal(at->told_count, 0);
    ASK(at, 0, room_present, .room = room, .account = ALICE, .here = true);
    assert_int_equal(at->told_count, 0);
    const room_ids_t *ids = ASK(at, ALICE, room_ids, )->answer;
    assert_true(ids->many);
    assert_int_equal(ids->apart.count, 0);
    TELL(at, people_unblocked, 1000, ALICE);
    assert_true(((const room_ids_t *)ASK(at, ALICE, room_ids, )->answer)->many);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_match_opens_the_room_once),
        TEST(test_a_crash_before_the_room_is_made_good),
        TEST(test_no_room_for_who_is_gone_or_blocks),
        TEST(test_a_block_shuts_the_room_to_both),
        TEST(test_a_closed_chat_is_read_and_takes_nothing),
        TEST(test_a_block_hides_what_is_unread),
        TEST(test_nobody_is_asked_in_across_a_block),
        TEST(test_an_invitation_waits_for_the_end_of_a_block),
        TEST(test_who_writes_or_listens_is_not_told_across_a_block),
        TEST(test_what_is_shut_is_told_with_ones_rooms),
        TEST(test_too_many_blocks_are_nobodys_to_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
