/* vanish_test.c - a badge speaks of nothing that the inbox does not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/unit/actors/notifier/town.h"

static void s_assert_shows(town_t *town, uint64_t account, size_t entries, uint64_t unread)
{
    const notification_list_t *inbox = town_inbox(town, account);
    assert_int_equal(inbox->notifications.count, entries);
    assert_int_equal(inbox->unread, unread);
}

static void s_a_deleted_room_leaves_no_unread(void **state)
{
    town_t *town = *state;
    town_say(town, CLUB, ALICE, "hello");
    TELL(town, people_liked, BOB, .account = BOB, .by = DAN);
    s_assert_shows(town, BOB, 2, 2);
    TELL(town, room_deleted, ALICE, .room = CLUB, .by = ALICE);
    assert_int_equal(town->at->told_count, 2); /* Bob's and Carol's */
    s_assert_shows(town, BOB, 1, 1);
    s_assert_shows(town, CAROL, 0, 0);
    assert_true(staging_replays(town->at));
}

static void s_nor_does_a_large_one(void **state)
{
    town_t *town = *state;
    uint64_t last = FOLK;
    town_post(town, (message_t){.room = SQUARE,
                                .sender = ALICE,
                                .text = SLICE_LIT("you there"),
                                .mentions = {&last, 1}});
    s_assert_shows(town, FOLK, 1, 1);
    TELL(town, room_deleted, ALICE, .room = SQUARE, .by = ALICE);
    s_assert_shows(town, FOLK, 0, 0);
}

static void s_come(town_t *town, uint64_t account)
{
    TELL(town, account_registered, account, .id = account, .login = SLICE_LIT("one"),
         .username = SLICE_LIT("One"));
    TELL(
        town, room_joined, account,
        .member = &(membership_t){
            .room = SQUARE, .account = account, .role = room_role_MEMBER, .joined = town->at->now});
}

static void s_so_many_of_a_room_and_no_more_are_seen_to(void **state)
{
    town_t *town = *state;
    const uint64_t last[] = {LIMIT_NOTICE_ENDS, LIMIT_NOTICE_ENDS + 1};
    for (uint64_t account = FOLK + 1; account <= last[1]; account++)
        s_come(town, account);
    town_post(town, (message_t){.room = SQUARE,
                                .sender = ALICE,
                                .text = SLICE_LIT("you there"),
                                .mentions = {last, COUNT_OF(last)}});
    s_assert_shows(town, last[0], 1, 1);
    s_assert_shows(town, last[1], 1, 1);
    TELL(town, room_deleted, ALICE, .room = SQUARE, .by = ALICE);
    s_assert_shows(town, last[0], 0, 0);
    s_assert_shows(town, last[1], 0, 1);
}

static void s_a_match_outlives_its_room(void **state)
{
    town_t *town = *state;
    TELL(town, people_matched, BOB, .account = BOB, .by = ALICE);
    assert_int_equal(town_entry(town_inbox(town, BOB), 0)->room, PAIR);
    TELL(town, room_deleted, ALICE, .room = PAIR, .by = ALICE);
    s_assert_shows(town, BOB, 1, 1);
    assert_int_equal(town_entry(town_inbox(town, BOB), 0)->room, 0);
}

static void s_a_block_reads_what_it_hides(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    town_say(town, PAIR, ALICE, "hello");
    TELL(town, people_visited, BOB, .account = BOB, .by = ALICE);
    TELL(town, people_visited, ALICE, .account = ALICE, .by = BOB);
    s_assert_shows(town, BOB, 3, 3);
    TELL(town, people_blocked, BOB, .account = ALICE, .by = BOB);
    s_assert_shows(town, BOB, 1, 1);
    s_assert_shows(town, ALICE, 0, 0);
    TELL(town, people_unblocked, BOB, .account = ALICE, .by = BOB);
    s_assert_shows(town, BOB, 3, 1);
    assert_true(staging_replays(town->at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_a_deleted_room_leaves_no_unread),
        TOWN_TEST(s_nor_does_a_large_one),
        TOWN_TEST(s_so_many_of_a_room_and_no_more_are_seen_to),
        TOWN_TEST(s_a_match_outlives_its_room),
        TOWN_TEST(s_a_block_reads_what_it_hides),
    };
    return cmocka_run_group_tests(tests, town_bus_start, town_bus_stop);
}
