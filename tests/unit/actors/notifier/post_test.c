/* post_test.c - who is told of what is said, how often, and in how many notifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/actors/notifier/town.h"

enum { SECOND = 1000000 };

/* ---- direct rooms ---- */

static void s_each_message_of_a_direct_room_is_told(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "hello");
    const notified_event_t *first = town_told(town, BOB);
    assert_non_null(first);
    assert_int_equal(first->kind, notice_kind_MESSAGE);
    assert_int_equal(first->from, ALICE);
    assert_true(slice_is(first->from_login, "alice"));
    assert_true(slice_is(first->text, "hello"));
    assert_int_equal(first->room, PAIR);
    assert_int_equal(first->seq, 1);
    assert_int_equal(first->count, 1);
    assert_int_equal(first->unread, 1);
    assert_null(town_told(town, ALICE));
    assert_int_equal(town->at->told[0].record.account, BOB);
    uint64_t id = first->id;

    town_say(town, PAIR, ALICE, "are you there?");
    const notified_event_t *second = town_told(town, BOB);
    assert_int_equal(second->id, id);
    assert_int_equal(second->count, 2);
    assert_int_equal(second->unread, 1);
    assert_true(slice_is(second->text, "are you there?"));

    const notification_list_t *inbox = town_inbox(town, BOB);
    assert_int_equal(inbox->notifications.count, 1);
    assert_int_equal(inbox->unread, 1);
    assert_int_equal(town_entry(inbox, 0)->count, 2);
    assert_int_equal(town_inbox(town, ALICE)->notifications.count, 0);
    assert_true(staging_replays(town->at));
}

/* Bob answers: what he was told is read by that, and Alice is told in turn. */
static void s_to_answer_is_to_have_read(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "hello");
    town_say(town, PAIR, BOB, "yes");
    assert_int_equal(town->at->told_count, 1);
    assert_non_null(town_told(town, ALICE));
    const notification_list_t *inbox = town_inbox(town, BOB);
    assert_int_equal(inbox->unread, 0);
    assert_int_not_equal(town_entry(inbox, 0)->read, 0);

    town_say(town, PAIR, ALICE, "good");
    assert_int_equal(town_told(town, BOB)->count, 1);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 2);
    assert_true(staging_replays(town->at));
}

static void s_reading_the_room_reads_the_notification(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "one");
    town_say(town, PAIR, ALICE, "two");
    TELL(town, room_marked, BOB,
         .marker = &(read_marker_t){.room = PAIR, .account = BOB, .seq = 1, .time = 1});
    assert_int_equal(town->at->told_count, 0); /* the second is not read */
    TELL(town, room_marked, BOB,
         .marker = &(read_marker_t){.room = PAIR, .account = BOB, .seq = 2, .time = 1});
    assert_int_equal(town->at->told_count, 1);
    assert_int_equal(town->at->told[0].record.type, EVENT_notification_seen);
    assert_int_equal(town_inbox(town, BOB)->unread, 0);
    assert_true(staging_replays(town->at));
}

static void s_staff_speaks_to_both(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, DAN, "be kind");
    assert_non_null(town_told(town, ALICE));
    assert_non_null(town_told(town, BOB));
}

/* ---- rooms of a few ---- */

static void s_a_few_are_told_of_the_first_and_then_at_times(void **state)
{
    town_t *town = *state;
    town_say(town, CLUB, ALICE, "one");
    assert_int_equal(town->at->told_count, 2);
    assert_non_null(town_told(town, BOB));
    assert_non_null(town_told(town, CAROL));
    for (int i = 0; i < 4; i++) {
        town_say(town, CLUB, ALICE, "more");
        assert_int_equal(town->at->told_count, 0);
    }
    const notification_t *entry = town_entry(town_inbox(town, CAROL), 0);
    assert_int_equal(entry->count, 5);

    town->at->now += 10 * SECOND;
    town_say(town, CLUB, ALICE, "and more");
    assert_int_equal(town->at->told_count, 2);
    assert_int_equal(town_told(town, CAROL)->count, 6);
    assert_int_equal(town_told(town, CAROL)->unread, 1);
    assert_true(staging_replays(town->at));
}

/* Who has just spoken sees what follows; who was there a minute ago may have gone. */
static void s_who_is_there_is_not_told(void **state)
{
    town_t *town = *state;
    town_say(town, CLUB, BOB, "hi");
    town_say(town, CLUB, ALICE, "hi Bob");
    assert_null(town_told(town, BOB));
    TELL(town, room_marked, CAROL,
         .marker = &(read_marker_t){.room = CLUB, .account = CAROL, .seq = 2, .time = 1});
    town_say(town, CLUB, BOB, "nice");
    assert_null(town_told(town, CAROL));
    town->at->now += 60 * SECOND;
    town_say(town, CLUB, ALICE, "still there?");
    assert_non_null(town_told(town, BOB));
    assert_non_null(town_told(town, CAROL));
    assert_true(staging_replays(town->at));
}

static void s_speaking_in_a_room_of_a_few_reads_it(void **state)
{
    town_t *town = *state;
    town_say(town, CLUB, ALICE, "one");
    town_say(town, CLUB, CAROL, "here I am");
    bool seen = false;
    for (size_t i = 0; i < town->at->told_count; i++)
        seen = seen || town->at->told[i].record.type == EVENT_notification_seen;
    assert_true(seen);
    assert_int_equal(town_inbox(town, CAROL)->unread, 0);
    assert_true(staging_replays(town->at));
}

static void s_who_has_left_is_not_told(void **state)
{
    town_t *town = *state;
    TELL(town, room_left, CAROL, .room = CLUB, .account = CAROL);
    town_post(town, (message_t){.room = CLUB,
                                .sender = ALICE,
                                .text = SLICE_LIT("who is here?"),
                                .answers = CAROL});
    assert_null(town_told(town, CAROL));
    assert_non_null(town_told(town, BOB));
}

/* ---- large rooms ---- */

static void s_in_a_large_room_nobody_is_told(void **state)
{
    town_t *town = *state;
    town_say(town, SQUARE, ALICE, "hello, all");
    assert_int_equal(town->at->told_count, 0);
    assert_int_equal(staging_rows(town->at, 'h'), 0);
}

/* They leave from the front, the middle and the end, until it is a room of a few. */
static void s_a_room_that_gets_small_is_told(void **state)
{
    town_t *town = *state;
    const uint64_t leaving[] = {FOLK, CAROL, 9, 8, FOLK - 1, 20, 21, 22, 15};
    for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++)
        TELL(town, room_left, leaving[i], .room = SQUARE, .account = leaving[i]);
    town_say(town, SQUARE, ALICE, "we are 21");
    assert_int_equal(town->at->told_count, 0);
    TELL(town, room_left, DAN, .room = SQUARE, .account = DAN);
    town_say(town, SQUARE, ALICE, "we are 20");
    assert_int_equal(town->at->told_count, LIMIT_NOTICE_MEMBERS - 1);
    assert_non_null(town_told(town, FOLK - 2));
    assert_null(town_told(town, FOLK));
    assert_null(town_told(town, DAN));
    TELL(town, room_joined, DAN,
         .member = &(membership_t){
             .room = SQUARE, .account = DAN, .role = room_role_MEMBER, .joined = town->at->now});
    town->at->now += 60 * (int64_t)SECOND;
    town_say(town, SQUARE, ALICE, "we are 21 again");
    assert_int_equal(town->at->told_count, 0);
    assert_true(staging_replays(town->at));
}

static void s_but_of_mentions_and_answers(void **state)
{
    town_t *town = *state;
    const uint64_t mentions[] = {BOB, DAN};
    town_post(town, (message_t){.room = SQUARE,
                                .sender = ALICE,
                                .text = SLICE_LIT("@bob @dan look"),
                                .mentions = {mentions, 2},
                                .answers = DAN});
    assert_int_equal(town->at->told_count, 2);
    assert_true(town_told(town, BOB)->mention);
    assert_true(town_told(town, DAN)->mention);
    town_post(
        town,
        (message_t){.room = SQUARE, .sender = ALICE, .text = SLICE_LIT("I agree"), .answers = DAN});
    assert_int_equal(town->at->told_count, 1);
    assert_int_equal(town_told(town, DAN)->count, 2);
    town_post(town,
              (message_t){
                  .room = SQUARE, .sender = DAN, .text = SLICE_LIT("with myself"), .answers = DAN});
    assert_int_equal(town->at->told_count, 0);
    assert_int_equal(town_entry(town_inbox(town, DAN), 0)->count, 2);
    assert_true(staging_replays(town->at));
}

static void s_a_mention_in_a_room_of_a_few_is_told_at_once(void **state)
{
    town_t *town = *state;
    const uint64_t mentions[] = {CAROL};
    town_say(town, CLUB, ALICE, "one");
    town_post(town, (message_t){.room = CLUB,
                                .sender = ALICE,
                                .text = SLICE_LIT("@carol!"),
                                .mentions = {mentions, 1}});
    assert_int_equal(town->at->told_count, 1);
    assert_int_equal(town_told(town, CAROL)->count, 2);
    town_post(town,
              (message_t){
                  .room = CLUB, .sender = ALICE, .text = SLICE_LIT("@everyone"), .everyone = true});
    assert_int_equal(town->at->told_count, 2);
}

/* ---- bad terms, and wishes ---- */

static void s_nothing_comes_across_a_block(void **state)
{
    town_t *town = *state;
    TELL(town, people_blocked, BOB, .account = ALICE, .by = BOB);
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(town->at->told_count, 0);
    town_say(town, PAIR, BOB, "hello");
    assert_int_equal(town->at->told_count, 0);
    TELL(town, people_unblocked, BOB, .account = ALICE, .by = BOB);
    town_say(town, PAIR, ALICE, "hello");
    assert_non_null(town_told(town, BOB));
    assert_true(staging_replays(town->at));
}

static void s_what_nobody_wants_is_not_told(void **state)
{
    town_t *town = *state;
    const uint64_t mentions[] = {BOB};
    assert_int_equal(ASK(town->at, BOB, notification_prefer, .kind = notice_kind_MESSAGE,
                         .wish = notice_wish_MENTIONS)
                         ->status,
                     ERR_OK);
    town_say(town, PAIR, ALICE, "hello");
    assert_null(town_told(town, BOB));
    town_post(town, (message_t){.room = SQUARE,
                                .sender = ALICE,
                                .text = SLICE_LIT("@bob"),
                                .mentions = {mentions, 1}});
    assert_non_null(town_told(town, BOB));
    ASK(town->at, BOB, notification_prefer, .kind = notice_kind_MESSAGE, .wish = notice_wish_OFF);
    town_post(town, (message_t){.room = SQUARE,
                                .sender = ALICE,
                                .text = SLICE_LIT("@bob"),
                                .mentions = {mentions, 1}});
    assert_null(town_told(town, BOB));
    assert_true(staging_replays(town->at));
}

static void s_who_is_gone_is_not_told(void **state)
{
    town_t *town = *state;
    TELL(town, account_deleted, BOB, .account = BOB, .username = SLICE_LIT("deleted"));
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(town->at->told_count, 0);
}

/* ---- crashes ---- */

static void s_a_message_is_told_once_whatever_dies(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "one");
    staging_crash(town->at);
    staging_commit(town->at);
    assert_int_equal(town->at->told_count, 0);
    message_t message = {.id = 99,
                         .room = PAIR,
                         .seq = 2,
                         .sender = ALICE,
                         .login = SLICE_LIT("alice"),
                         .username = SLICE_LIT("alice"),
                         .text = SLICE_LIT("two"),
                         .time = town->at->now,
                         .first = ALICE,
                         .second = BOB};
    staging_tell(town->at, EVENT_room_posted, ALICE, &(room_posted_event_t){.message = &message});
    staging_crash(town->at); /* the reaction dies on its way to the broker */
    staging_commit(town->at);
    assert_int_equal(town->at->told_count, 1);
    assert_int_equal(town_told(town, BOB)->count, 2);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 1);
    assert_true(staging_replays(town->at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_each_message_of_a_direct_room_is_told),
        TOWN_TEST(s_to_answer_is_to_have_read),
        TOWN_TEST(s_reading_the_room_reads_the_notification),
        TOWN_TEST(s_staff_speaks_to_both),
        TOWN_TEST(s_a_few_are_told_of_the_first_and_then_at_times),
        TOWN_TEST(s_who_is_there_is_not_told),
        TOWN_TEST(s_speaking_in_a_room_of_a_few_reads_it),
        TOWN_TEST(s_who_has_left_is_not_told),
        TOWN_TEST(s_in_a_large_room_nobody_is_told),
        TOWN_TEST(s_a_room_that_gets_small_is_told),
        TOWN_TEST(s_but_of_mentions_and_answers),
        TOWN_TEST(s_a_mention_in_a_room_of_a_few_is_told_at_once),
        TOWN_TEST(s_nothing_comes_across_a_block),
        TOWN_TEST(s_what_nobody_wants_is_not_told),
        TOWN_TEST(s_who_is_gone_is_not_told),
        TOWN_TEST(s_a_message_is_told_once_whatever_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
