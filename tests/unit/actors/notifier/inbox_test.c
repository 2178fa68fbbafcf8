/* inbox_test.c - what people do with their notifications, and how many they can have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/actors/notifier/town.h"

static const unread_notifications_t *s_read(town_t *town, uint64_t id, uint64_t room)
{
    const outcome_t *outcome = ASK(town->at, BOB, notification_read, .id = id, .room = room);
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

/* Three notifications for Bob: two visits, and the messages of the direct room. */
static void s_fill(town_t *town)
{
    TELL(town, people_visited, BOB, .account = BOB, .by = CAROL);
    TELL(town, people_visited, BOB, .account = BOB, .by = DAN);
    town_say(town, PAIR, ALICE, "hello");
}

static void s_one_is_read_by_its_number(void **state)
{
    town_t *town = *state;
    s_fill(town);
    const notification_list_t *inbox = town_inbox(town, BOB);
    assert_int_equal(inbox->unread, 3);
    uint64_t id = town_entry(inbox, 1)->id;
    assert_int_equal(s_read(town, id, 0)->unread, 2);
    assert_int_equal(town->at->told_count, 1);
    assert_int_equal(s_read(town, id, 0)->unread, 2);
    assert_int_equal(town->at->told_count, 0);
    assert_int_equal(ASK(town->at, BOB, notification_read, .id = 999)->status, ERR_NOT_FOUND);
    inbox = town_inbox(town, BOB);
    assert_int_not_equal(town_entry(inbox, 1)->read, 0);
    assert_int_equal(town_entry(inbox, 0)->read, 0);
    assert_true(staging_replays(town->at));
}

static void s_one_is_read_by_its_room(void **state)
{
    town_t *town = *state;
    s_fill(town);
    assert_int_equal(s_read(town, 0, PAIR)->unread, 2);
    assert_int_equal(s_read(town, 0, PAIR)->unread, 2);
    assert_int_equal(town->at->told_count, 0);
    assert_int_equal(s_read(town, 0, CLUB)->unread, 2);
    TELL(town, room_left, BOB, .room = CLUB, .account = BOB);
    assert_int_equal(ASK(town->at, BOB, notification_read, .room = CLUB)->status, ERR_NOT_FOUND);
    TELL(town, room_deleted, ALICE, .room = PAIR, .by = ALICE);
    assert_int_equal(ASK(town->at, BOB, notification_read, .room = PAIR)->status, ERR_NOT_FOUND);
}

static void s_all_are_read_at_once(void **state)
{
    town_t *town = *state;
    s_fill(town);
    assert_int_equal(s_read(town, 0, 0)->unread, 0);
    assert_int_equal(s_read(town, 0, 0)->unread, 0);
    assert_int_equal(town->at->told_count, 0);
    const notification_list_t *inbox = town_inbox(town, BOB);
    for (size_t i = 0; i < 3; i++)
        assert_int_not_equal(town_entry(inbox, i)->read, 0);
    town_say(town, PAIR, ALICE, "and again");
    assert_int_equal(town_told(town, BOB)->count, 1);
    assert_int_equal(town_told(town, BOB)->unread, 1);
    assert_true(staging_replays(town->at));
}

static void s_only_what_is_unread_can_be_listed(void **state)
{
    town_t *town = *state;
    s_fill(town);
    s_read(town, town_entry(town_inbox(town, BOB), 1)->id, 0);
    const notification_list_t *list = ASK(town->at, BOB, notification_list, .unread = true)->answer;
    assert_int_equal(list->notifications.count, 2);
}

static void s_one_is_put_away(void **state)
{
    town_t *town = *state;
    s_fill(town);
    uint64_t id = town_entry(town_inbox(town, BOB), 0)->id;
    assert_int_equal(ASK(town->at, ALICE, notification_clear, .id = id)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(town->at, BOB, notification_clear, .id = id)->status, ERR_OK);
    assert_int_equal(ASK(town->at, BOB, notification_clear, .id = id)->status, ERR_NOT_FOUND);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 2);
    assert_int_equal(town_inbox(town, BOB)->unread, 2);
    town_say(town, PAIR, ALICE, "hello again");
    assert_int_not_equal(town_told(town, BOB)->id, id);
    assert_int_equal(town_told(town, BOB)->count, 1);
    assert_true(staging_replays(town->at));
}

/* The one that was read goes, the one that grows with the same room stays. */
static void s_an_old_one_does_not_take_the_new_one_along(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "one");
    uint64_t old = town_told(town, BOB)->id;
    s_read(town, old, 0);
    town_say(town, PAIR, ALICE, "two");
    assert_int_equal(ASK(town->at, BOB, notification_clear, .id = old)->status, ERR_OK);
    town_say(town, PAIR, ALICE, "three");
    assert_int_equal(town_told(town, BOB)->count, 2);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 1);
    assert_true(staging_replays(town->at));
}

static void s_all_are_put_away(void **state)
{
    town_t *town = *state;
    assert_int_equal(ASK(town->at, BOB, notification_clear, .id = 0)->status, ERR_OK);
    assert_int_equal(town->at->told_count, 0);
    s_fill(town);
    assert_int_equal(ASK(town->at, BOB, notification_clear, .id = 0)->status, ERR_OK);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 0);
    assert_int_equal(town_inbox(town, BOB)->unread, 0);
    town_say(town, PAIR, ALICE, "hello again");
    assert_int_equal(town_told(town, BOB)->count, 1);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 1);
    assert_true(staging_replays(town->at));
}

/* The latest first, whichever way it is cut. */
static void s_pages_meet(void **state)
{
    town_t *town = *state;
    s_fill(town);
    const notification_list_t *list = ASK(town->at, BOB, notification_list, .limit = 2)->answer;
    assert_int_equal(list->notifications.count, 2);
    assert_int_equal(town_entry(list, 0)->kind, notice_kind_MESSAGE);
    assert_int_equal(town_entry(list, 1)->from, DAN);
    list = ASK(town->at, BOB, notification_list, .limit = 2, .before = list->next)->answer;
    assert_int_equal(list->notifications.count, 1);
    assert_int_equal(town_entry(list, 0)->from, CAROL);
    assert_int_equal(list->next, 0);
}

/* What grows comes to the front, and the oldest goes when there are too many. */
static void s_an_inbox_is_bounded(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "the first");
    TELL(town, people_visited, BOB, .account = BOB, .by = CAROL);
    town_say(town, PAIR, ALICE, "moves on");
    for (size_t i = 0; i < LIMIT_INBOX; i++) {
        town->at->now += 61 * 1000000;
        TELL(town, people_visited, BOB, .account = BOB, .by = DAN);
    }
    assert_int_equal(staging_rows(town->at, 'n'), LIMIT_INBOX);
    assert_int_equal(staging_rows(town->at, 'i'), LIMIT_INBOX);
    const notification_list_t *inbox = town_inbox(town, BOB);
    assert_int_equal(inbox->unread, LIMIT_INBOX);
    town_say(town, PAIR, ALICE, "anew");
    assert_int_equal(town_told(town, BOB)->count, 1);
    assert_true(staging_replays(town->at));
}

static void s_what_a_message_says_now_is_shown(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "helo");
    TELL(town, message_edited, ALICE, .room = PAIR, .seq = 1, .text = SLICE_LIT("hello"));
    assert_true(slice_is(town_entry(town_inbox(town, BOB), 0)->text, "hello"));
    TELL(town, message_deleted, ALICE, .room = PAIR, .seq = 1, .by = ALICE);
    assert_int_equal(town_entry(town_inbox(town, BOB), 0)->text.len, 0);
    TELL(town, room_deleted, ALICE, .room = PAIR, .by = ALICE);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 0);
    assert_true(staging_replays(town->at));
}

/* What goes on in a room is for those who are in it. */
static void s_who_has_left_learns_nothing_new(void **state)
{
    town_t *town = *state;
    town_say(town, CLUB, ALICE, "one");
    TELL(town, room_left, BOB, .room = CLUB, .account = BOB, .by = ALICE);
    town_say(town, CLUB, ALICE, "two");
    assert_int_equal(town_entry(town_inbox(town, BOB), 0)->count, 1);
    assert_true(slice_is(town_entry(town_inbox(town, BOB), 0)->text, "one"));
    TELL(town, message_edited, ALICE, .room = CLUB, .seq = 1, .text = SLICE_LIT("a secret"));
    assert_int_equal(town_entry(town_inbox(town, BOB), 0)->text.len, 0);
}

static void s_a_block_hides_what_was_told_before(void **state)
{
    town_t *town = *state;
    s_fill(town);
    TELL(town, people_blocked, BOB, .account = DAN, .by = BOB);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 2);
    TELL(town, people_blocked, ALICE, .account = BOB, .by = ALICE);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 1);
}

static void s_wishes_are_kept(void **state)
{
    town_t *town = *state;
    const outcome_t *outcome =
        ASK(town->at, BOB, notification_prefer, .kind = notice_kind_VISIT, .wish = notice_wish_OFF);
    const preference_list_t *list = outcome->answer;
    const preference_t *preferences = list->preferences.items;
    for (size_t i = 0; i < list->preferences.count; i++)
        assert_int_equal(preferences[i].wish, preferences[i].kind == notice_kind_VISIT
                                                  ? notice_wish_OFF
                                                  : notice_wish_ON);
    outcome = ASK(town->at, BOB, notification_prefer, .kind = notice_kind_LIKE,
                  .wish = notice_wish_MENTIONS);
    assert_int_equal(outcome->status, ERR_INVALID);
    TELL(town, people_visited, BOB, .account = BOB, .by = CAROL);
    assert_int_equal(town->at->told_count, 0);
    assert_true(staging_replays(town->at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_one_is_read_by_its_number),
        TOWN_TEST(s_one_is_read_by_its_room),
        TOWN_TEST(s_all_are_read_at_once),
        TOWN_TEST(s_only_what_is_unread_can_be_listed),
        TOWN_TEST(s_one_is_put_away),
        TOWN_TEST(s_an_old_one_does_not_take_the_new_one_along),
        TOWN_TEST(s_all_are_put_away),
        TOWN_TEST(s_pages_meet),
        TOWN_TEST(s_an_inbox_is_bounded),
        TOWN_TEST(s_what_a_message_says_now_is_shown),
        TOWN_TEST(s_who_has_left_learns_nothing_new),
        TOWN_TEST(s_a_block_hides_what_was_told_before),
        TOWN_TEST(s_wishes_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
