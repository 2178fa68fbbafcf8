/* people_test.c - who is told of what people think of each other, and who may send notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/actors/notifier/town.h"

static const int64_t MINUTE = (int64_t)60 * 1000000;

/* ---- opinions ---- */

static void s_visits_and_likes_are_told_once_a_minute(void **state)
{
    town_t *town = *state;
    TELL(town, people_visited, BOB, .account = BOB, .by = ALICE);
    assert_int_equal(town_told(town, BOB)->kind, notice_kind_VISIT);
    assert_true(slice_is(town_told(town, BOB)->from_login, "alice"));
    TELL(town, people_visited, BOB, .account = BOB, .by = ALICE);
    assert_null(town_told(town, BOB));
    TELL(town, people_liked, BOB, .account = BOB, .by = ALICE);
    assert_int_equal(town_told(town, BOB)->kind, notice_kind_LIKE);
    TELL(town, people_unliked, BOB, .account = BOB, .by = ALICE);
    assert_int_equal(town_told(town, BOB)->kind, notice_kind_UNLIKE);
    TELL(town, people_liked, BOB, .account = BOB, .by = ALICE);
    assert_null(town_told(town, BOB));
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    assert_non_null(town_told(town, BOB));
    town->at->now += MINUTE;
    TELL(town, people_visited, BOB, .account = BOB, .by = ALICE);
    assert_non_null(town_told(town, BOB));
    assert_true(staging_replays(town->at));
}

static void s_a_match_is_told_to_both_in_their_room(void **state)
{
    town_t *town = *state;
    TELL(town, people_matched, ALICE, .account = ALICE, .by = BOB);
    assert_int_equal(town->at->told_count, 2);
    assert_int_equal(town_told(town, ALICE)->from, BOB);
    assert_int_equal(town_told(town, BOB)->from, ALICE);
    assert_int_equal(town_told(town, BOB)->room, PAIR);
    TELL(town, people_matched, CAROL, .account = CAROL, .by = DAN);
    assert_int_equal(town_told(town, DAN)->room, 0);
    assert_true(staging_replays(town->at));
}

static void s_who_opens_a_chat_is_told_of(void **state)
{
    town_t *town = *state;
    TELL(town, people_connected, BOB, .account = BOB, .by = CAROL);
    assert_int_equal(town_told(town, BOB)->kind, notice_kind_CONNECT);
    assert_int_equal(town_told(town, BOB)->from, CAROL);
}

static void s_report(town_t *town, report_reason_t reason)
{
    TELL(town, people_reported, ALICE,
         .report = &(report_t){
             .id = 1, .account = BOB, .by = ALICE, .reason = reason, .time = town->at->now});
}

/* It says not by whom, and is in no inbox. */
static void s_a_fake_is_told_and_not_kept(void **state)
{
    town_t *town = *state;
    s_report(town, report_reason_SPAM);
    assert_int_equal(town->at->told_count, 0);
    s_report(town, report_reason_FAKE);
    const notified_event_t *told = town_told(town, BOB);
    assert_int_equal(told->kind, notice_kind_FAKE);
    assert_int_equal(told->id, 0);
    assert_int_equal(told->from, 0);
    assert_int_equal(told->from_login.len, 0);
    assert_int_equal(town_inbox(town, BOB)->notifications.count, 0);
    TELL(town, report_resolved, ALICE, .report = 1, .account = BOB, .by = ALICE,
         .outcome = report_outcome_BANNED);
    assert_int_equal(town_told(town, ALICE)->kind, notice_kind_REPORT);
    assert_true(slice_is(town_told(town, ALICE)->text, "banned"));
    assert_true(staging_replays(town->at));
}

static void s_names_are_those_of_the_time(void **state)
{
    town_t *town = *state;
    TELL(town, account_renamed, ALICE, .account = ALICE, .username = SLICE_LIT("Alice A."));
    TELL(town, people_liked, BOB, .account = BOB, .by = ALICE);
    assert_true(slice_is(town_told(town, BOB)->from_username, "Alice A."));
}

/* ---- notes ---- */

static err_t s_send(town_t *town, uint64_t from, uint64_t to, const char *text, const char *id)
{
    return ASK(town->at, from, notification_send, .account = to, .text = slice_of(text),
               .client_id = slice_of(id))
        ->status;
}

static void s_notes_go_where_a_chat_or_a_match_is(void **state)
{
    town_t *town = *state;
    assert_int_equal(s_send(town, ALICE, BOB, "hi", ""), ERR_FORBIDDEN);
    town_say(town, PAIR, BOB, "hello");
    assert_int_equal(s_send(town, ALICE, BOB, "hi", ""), ERR_OK);
    assert_int_equal(town_told(town, BOB)->kind, notice_kind_NOTE);
    assert_int_equal(s_send(town, ALICE, BOB, "", ""), ERR_OK); /* a nudge */
    assert_non_null(town_told(town, BOB));
    TELL(town, people_disconnected, BOB, .account = ALICE, .by = BOB);
    assert_int_equal(s_send(town, ALICE, BOB, "hi", ""), ERR_FORBIDDEN);
    TELL(town, people_connected, BOB, .account = ALICE, .by = BOB);
    assert_int_equal(s_send(town, ALICE, BOB, "hi", ""), ERR_OK);

    TELL(town, people_matched, CAROL, .account = CAROL, .by = DAN);
    assert_int_equal(s_send(town, CAROL, DAN, "hi", ""), ERR_OK);
    TELL(town, people_unliked, CAROL, .account = CAROL, .by = DAN, .matched = true);
    assert_int_equal(s_send(town, CAROL, DAN, "hi", ""), ERR_FORBIDDEN);
    assert_true(staging_replays(town->at));
}

static void s_notes_go_nowhere_else(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, BOB, "hello");
    assert_int_equal(s_send(town, ALICE, ALICE, "hi", ""), ERR_INVALID);
    assert_int_equal(s_send(town, ALICE, 999, "hi", ""), ERR_NOT_FOUND);
    TELL(town, people_blocked, BOB, .account = ALICE, .by = BOB);
    assert_int_equal(s_send(town, ALICE, BOB, "hi", ""), ERR_BLOCKED);
    assert_int_equal(s_send(town, BOB, ALICE, "hi", ""), ERR_BLOCKED);
    TELL(town, people_unblocked, BOB, .account = ALICE, .by = BOB);
    TELL(town, account_deleted, BOB, .account = BOB, .username = SLICE_LIT("deleted"));
    assert_int_equal(s_send(town, ALICE, BOB, "hi", ""), ERR_NOT_FOUND);
}

static void s_a_retry_sends_nothing(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, BOB, "hello");
    assert_int_equal(s_send(town, ALICE, BOB, "hi", "c"), ERR_OK);
    assert_int_equal(town->at->told_count, 1);
    assert_int_equal(s_send(town, ALICE, BOB, "hi", "c"), ERR_OK);
    assert_int_equal(town->at->told_count, 0);
    assert_int_equal(s_send(town, ALICE, BOB, "ho", "c"), ERR_CLIENT_ID_REUSED);
    assert_int_equal(s_send(town, ALICE, CAROL, "hi", "c"), ERR_CLIENT_ID_REUSED);
    town->at->now += 25 * 60 * MINUTE;
    assert_int_equal(s_send(town, ALICE, BOB, "ho", "c"), ERR_OK);
    assert_int_equal(town->at->told_count, 1);
    assert_true(staging_replays(town->at));
}

/* The sender does not learn that nobody reads it. */
static void s_who_wants_no_notes_gets_none(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, BOB, "hello");
    ASK(town->at, BOB, notification_prefer, .kind = notice_kind_NOTE, .wish = notice_wish_OFF);
    assert_int_equal(s_send(town, ALICE, BOB, "hi", "c"), ERR_OK);
    assert_int_equal(town->at->told_count, 0);
    assert_int_equal(s_send(town, ALICE, BOB, "hi", "c"), ERR_OK);
}

static err_t s_word(town_t *town, uint64_t from, uint64_t to)
{
    return ASK(town->at, from, notification_tell, .account = to, .text = SLICE_LIT("attention"))
        ->status;
}

static void s_the_servers_word_is_staffs_to_say(void **state)
{
    town_t *town = *state;
    assert_int_equal(s_word(town, ALICE, BOB), ERR_FORBIDDEN);
    TELL(town, role_changed, ALICE, .account = ALICE, .role = role_BOT);
    assert_int_equal(s_word(town, ALICE, BOB), ERR_FORBIDDEN);
    TELL(town, role_changed, ALICE, .account = ALICE, .role = role_ADMIN);
    assert_int_equal(s_word(town, ALICE, BOB), ERR_OK);
    assert_int_equal(town_told(town, BOB)->kind, notice_kind_SYSTEM);
    assert_int_equal(town_told(town, BOB)->from, 0);
    assert_int_equal(s_word(town, 0, CAROL), ERR_OK);
    assert_int_equal(s_word(town, ALICE, 999), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_visits_and_likes_are_told_once_a_minute),
        TOWN_TEST(s_a_match_is_told_to_both_in_their_room),
        TOWN_TEST(s_who_opens_a_chat_is_told_of),
        TOWN_TEST(s_a_fake_is_told_and_not_kept),
        TOWN_TEST(s_names_are_those_of_the_time),
        TOWN_TEST(s_notes_go_where_a_chat_or_a_match_is),
        TOWN_TEST(s_notes_go_nowhere_else),
        TOWN_TEST(s_a_retry_sends_nothing),
        TOWN_TEST(s_who_wants_no_notes_gets_none),
        TOWN_TEST(s_the_servers_word_is_staffs_to_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
