/* mute_test.c - what one hears of a room that one has a wish for, and until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/actors/notifier/town.h"

static const int64_t HOUR = (int64_t)3600 * 1000000;

#define MUTE(town, account, ...) ASK((town)->at, (account), notification_mute, __VA_ARGS__)

static const room_wish_list_t *s_mutes(town_t *town, uint64_t account)
{
    return ASK(town->at, account, notification_mutes, .limit = 0)->answer;
}

static void s_a_muted_room_is_silent_for_one_of_them(void **state)
{
    town_t *town = *state;
    const outcome_t *outcome = MUTE(town, BOB, .room = CLUB, .wish = notice_wish_OFF);
    assert_int_equal(((const room_wish_t *)outcome->answer)->wish, notice_wish_OFF);
    town_say(town, CLUB, ALICE, "hello");
    assert_null(town_told(town, BOB));
    assert_non_null(town_told(town, CAROL));
    town_say(town, PAIR, ALICE, "hello");
    assert_non_null(town_told(town, BOB)); /* of another room */
    MUTE(town, BOB, .room = CLUB);
    town_say(town, CLUB, ALICE, "hello?");
    assert_non_null(town_told(town, BOB));
    assert_int_equal(staging_rows(town->at, 'w'), 0);
    assert_true(staging_replays(town->at));
}

static void s_mentions_may_come_through(void **state)
{
    town_t *town = *state;
    uint64_t bob = BOB;
    MUTE(town, BOB, .room = CLUB, .wish = notice_wish_MENTIONS);
    town_say(town, CLUB, ALICE, "hello");
    assert_null(town_told(town, BOB));
    town_post(town,
              (message_t){
                  .room = CLUB, .sender = ALICE, .text = SLICE_LIT("@bob"), .mentions = {&bob, 1}});
    assert_non_null(town_told(town, BOB));
}

static void s_a_room_may_be_on_while_messages_are_off(void **state)
{
    town_t *town = *state;
    ASK(town->at, BOB, notification_prefer, .kind = notice_kind_MESSAGE, .wish = notice_wish_OFF);
    MUTE(town, BOB, .room = PAIR, .wish = notice_wish_ON);
    town_say(town, CLUB, ALICE, "hello");
    assert_null(town_told(town, BOB));
    town_say(town, PAIR, ALICE, "hello");
    assert_non_null(town_told(town, BOB));
}

static void s_a_mute_ends_at_its_time(void **state)
{
    town_t *town = *state;
    int64_t until = town->at->now + HOUR;
    MUTE(town, BOB, .room = PAIR, .wish = notice_wish_OFF, .until = until);
    town_say(town, PAIR, ALICE, "hello");
    assert_null(town_told(town, BOB));
    assert_int_equal(s_mutes(town, BOB)->rooms.count, 1);
    town->at->now = until;
    assert_int_equal(s_mutes(town, BOB)->rooms.count, 0);
    town_say(town, PAIR, ALICE, "hello");
    assert_non_null(town_told(town, BOB));
}

static void s_who_leaves_mutes_no_more(void **state)
{
    town_t *town = *state;
    MUTE(town, BOB, .room = CLUB, .wish = notice_wish_OFF);
    TELL(town, room_left, BOB, .room = CLUB, .account = BOB);
    assert_int_equal(staging_rows(town->at, 'w'), 0);
    assert_int_equal(MUTE(town, BOB, .room = CLUB, .wish = notice_wish_OFF)->status, ERR_NOT_FOUND);
    MUTE(town, BOB, .room = SQUARE, .wish = notice_wish_OFF);
    TELL(town, room_deleted, ALICE, .room = SQUARE, .by = ALICE);
    assert_int_equal(s_mutes(town, BOB)->rooms.count, 0);
    assert_true(staging_replays(town->at));
}

static void s_an_end_without_a_wish_is_refused(void **state)
{
    town_t *town = *state;
    int64_t now = town->at->now;
    assert_int_equal(MUTE(town, BOB, .room = CLUB, .until = now + 1)->status, ERR_INVALID);
    assert_int_equal(MUTE(town, BOB, .room = CLUB, .wish = notice_wish_OFF, .until = now)->status,
                     ERR_INVALID);
    assert_int_equal(MUTE(town, DAN, .room = CLUB, .wish = notice_wish_OFF)->status, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_a_muted_room_is_silent_for_one_of_them),
        TOWN_TEST(s_mentions_may_come_through),
        TOWN_TEST(s_a_room_may_be_on_while_messages_are_off),
        TOWN_TEST(s_a_mute_ends_at_its_time),
        TOWN_TEST(s_who_leaves_mutes_no_more),
        TOWN_TEST(s_an_end_without_a_wish_is_refused),
    };
    return cmocka_run_group_tests(tests, town_bus_start, town_bus_stop);
}
