/* digest_test.c - who is sent a digest, when, what it says, and that nothing is in two of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "actors/notifier/mail.h"
#include "tests/unit/actors/notifier/town.h"

enum { TEXT_SIZE = 4096, STEPS_MAX = 1000 };

static const int64_t SECOND = 1000000, HOUR = (int64_t)3600 * 1000000;

/* Without threads, so that mails stay where they are; digests after an hour, once a day. */
static const mail_options_t s_options = {
    .data = "/nonexistent",
    .server = "",
    .user = "",
    .password_file = "",
    .authorities = "",
    .from = "chat@example.org",
    .verify_link = "",
    .reset_link = "",
    .inbox_link = "",
    .public_url = "",
    .digest_after = 3600 * (int64_t)1000000,
    .digest_every = 24 * 3600 * (int64_t)1000000,
};

static void s_prove(town_t *town, uint64_t account)
{
    TELL(town, email_verified, account, .account = account, .email = SLICE_LIT("b@example.org"));
}

static int s_setup(void **state)
{
    int status = town_setup(state);
    town_t *town = *state;
    s_prove(town, BOB);
    stage_set_options(town->at->stage, &(actor_options_t){.mail = &s_options});
    staging_tick(town->at);
    return status;
}

#define DIGEST_TEST(function) cmocka_unit_test_setup_teardown(function, s_setup, town_teardown)

/* Of the last commit. */
static const void *s_event(const town_t *town, event_number_t type)
{
    for (size_t i = 0; i < town->at->told_count; i++)
        if (town->at->told[i].record.type == type)
            return town->at->told[i].body;
    return NULL;
}

/* Time goes by; the tick at its end says whose digest is due, or 0. */
static uint64_t s_wait(town_t *town, int64_t us)
{
    town->at->now += us;
    staging_tick(town->at);
    const digest_due_event_t *due = s_event(town, EVENT_digest_due);
    return due != NULL ? due->account : 0;
}

/* The session actor says that somebody is not there: the mail that comes of it, or NULL. */
static const mail_t *s_away(town_t *town, uint64_t account)
{
    TELL(town, account_away, account, .account = account, .email = SLICE_LIT("b@example.org"));
    const mail_queued_event_t *queued = s_event(town, EVENT_mail_queued);
    return queued != NULL ? queued->mail : NULL;
}

static void s_assert_says(const mail_t *mail, const char *text)
{
    char said[TEXT_SIZE];
    assert_non_null(mail);
    snprintf(said, sizeof said, "%.*s", SLICE_ARG(mail->text));
    assert_string_equal(said, text);
}

/* ---- what it says ---- */

static void s_an_hour_unread_is_summed_up(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "one");
    town_say(town, PAIR, ALICE, "two");
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    TELL(town, people_visited, BOB, .account = BOB, .by = DAN);
    assert_int_equal(s_wait(town, HOUR - 10 * SECOND), 0);
    assert_int_equal(s_wait(town, 10 * SECOND), BOB);
    const mail_t *mail = s_away(town, BOB);
    s_assert_says(mail, "  * dan visited your profile\r\n"
                        "  * carol liked you\r\n"
                        "  * 2 unread messages from alice\r\n");
    assert_int_equal(mail->purpose, purpose_DIGEST);
    assert_true(slice_is(mail->email, "b@example.org"));
    assert_true(staging_replays(town->at));
}

static void s_rooms_and_the_rest_have_lines(void **state)
{
    town_t *town = *state;
    town_say(town, CLUB, ALICE, "hello");
    TELL(town, people_matched, BOB, .account = BOB, .by = CAROL);
    TELL(town, people_unliked, BOB, .account = BOB, .by = CAROL);
    TELL(town, people_connected, BOB, .account = BOB, .by = DAN);
    TELL(town, report_resolved, BOB, .report = 1, .account = DAN, .by = BOB,
         .outcome = report_outcome_DISMISSED, .moderator = ALICE);
    assert_int_equal(s_wait(town, HOUR), BOB);
    s_assert_says(s_away(town, BOB), "  * A report of yours was decided\r\n"
                                     "  * dan opened a chat with you\r\n"
                                     "  * carol likes you no longer\r\n"
                                     "  * You and carol like each other\r\n"
                                     "  * 1 unread message in a room, the last from alice\r\n");
}

static void s_it_names_so_many_and_counts_the_rest(void **state)
{
    town_t *town = *state;
    for (uint64_t by = DAN; by < DAN + LIMIT_DIGEST_LINES + 3; by++)
        TELL(town, people_liked, BOB, .account = BOB, .by = by);
    assert_int_equal(s_wait(town, HOUR), BOB);
    const mail_t *mail = s_away(town, BOB);
    assert_non_null(mail);
    const char *end = "  and 3 more\r\n";
    assert_memory_equal(mail->text.ptr + mail->text.len - strlen(end), end, strlen(end));
}

/* ---- who gets none ---- */

static void s_who_has_no_proven_address_is_never_due(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, CAROL, .account = CAROL, .by = BOB);
    assert_int_equal(s_wait(town, 2 * HOUR), 0);
    s_prove(town, CAROL);
    TELL(town, email_changed, CAROL, .account = CAROL, .email = SLICE_LIT("c@example.org"));
    TELL(town, people_visited, CAROL, .account = CAROL, .by = BOB);
    assert_int_equal(s_wait(town, 2 * HOUR), 0);
}

/* Bob was here: he is not due, and what came before is not told when more comes. */
static void s_assert_was_here(town_t *town)
{
    assert_int_equal(s_wait(town, 2 * HOUR), 0);
    TELL(town, people_visited, BOB, .account = BOB, .by = DAN);
    assert_int_equal(s_wait(town, HOUR), BOB);
    s_assert_says(s_away(town, BOB), "  * dan visited your profile\r\n");
    assert_true(staging_replays(town->at));
}

static void s_who_was_connected_is_not_due(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    TELL(town, account_seen, BOB, .account = BOB);
    s_assert_was_here(town);
}

static void s_who_signs_in_is_not_due(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    TELL(town, session_opened, BOB, .session = 1, .account = BOB, .expires = 1,
         .scopes = SLICE_LIT("messages"));
    assert_int_equal(staging_rows(town->at, 'A'), 1); /* a key is nobody */
    TELL(town, session_opened, BOB, .session = 2, .account = BOB, .expires = 1);
    s_assert_was_here(town);
}

static void s_who_reads_is_not_due(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    TELL(town, people_liked, BOB, .account = BOB, .by = DAN);
    ASK(town->at, BOB, notification_read, .id = 1);
    assert_int_equal(staging_rows(town->at, 'A'), 0);
    s_assert_was_here(town);
}

static void s_who_clears_all_is_not_due(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    ASK(town->at, BOB, notification_clear, .id = 0);
    s_assert_was_here(town);
}

static void s_who_wants_none_gets_none(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    ASK(town->at, 0, notification_unsubscribe, .id = SLICE_LIT("x"), .account = BOB);
    assert_non_null(s_event(town, EVENT_notification_preferred));
    ASK(town->at, 0, notification_unsubscribe, .id = SLICE_LIT("x"), .account = BOB);
    assert_int_equal(town->at->told_count, 0); /* it says so once */
    assert_int_equal(s_wait(town, HOUR), BOB);
    assert_null(s_away(town, BOB));
    TELL(town, people_visited, BOB, .account = BOB, .by = CAROL);
    assert_int_equal(s_wait(town, HOUR), 0);
    const outcome_t *outcome = ASK(town->at, 0, notification_unsubscribe, .id = SLICE_LIT("x"));
    assert_int_equal(outcome->status, ERR_INVALID);
}

static void s_nobody_hears_of_those_they_block(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    TELL(town, people_blocked, CAROL, .account = CAROL, .by = BOB);
    (void)s_wait(town, HOUR);
    assert_null(s_away(town, BOB));
}

/* ---- how often ---- */

static void s_after_a_digest_there_is_none_for_a_day(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "one");
    assert_int_equal(s_wait(town, HOUR), BOB);
    assert_non_null(s_away(town, BOB));
    assert_null(s_away(town, BOB)); /* which would be said twice after a crash */
    town_say(town, PAIR, ALICE, "two");
    assert_int_equal(s_wait(town, 23 * HOUR), 0);
    (void)s_wait(town, HOUR); /* he waits again */
    assert_int_equal(s_wait(town, HOUR), BOB);
    s_assert_says(s_away(town, BOB), "  * 2 unread messages from alice\r\n");
    (void)s_wait(town, 24 * HOUR);
    assert_int_equal(s_wait(town, 24 * HOUR), 0); /* there was nothing more */
    assert_true(staging_replays(town->at));
}

static void s_what_was_told_is_in_no_other(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    assert_int_equal(s_wait(town, HOUR), BOB);
    assert_non_null(s_away(town, BOB));
    (void)s_wait(town, 25 * HOUR);
    TELL(town, people_liked, BOB, .account = BOB, .by = DAN);
    assert_int_equal(s_wait(town, HOUR), BOB);
    s_assert_says(s_away(town, BOB), "  * dan liked you\r\n");
}

static void s_a_crash_changes_nothing(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    staging_crash(town->at);
    stage_set_options(town->at->stage, &(actor_options_t){.mail = &s_options});
    staging_tick(town->at);
    assert_int_equal(s_wait(town, HOUR), BOB);
    staging_crash(town->at);
    stage_set_options(town->at->stage, &(actor_options_t){.mail = &s_options});
    assert_non_null(s_away(town, BOB));
    staging_crash(town->at);
    assert_int_equal(staging_rows(town->at, 'W'), 1);
    assert_null(s_away(town, BOB));
    assert_true(staging_replays(town->at));
}

/* Whoever was there before a restart has a minute to come back. */
static void s_nobody_is_due_at_once_after_a_start(void **state)
{
    town_t *town = *state;
    TELL(town, people_liked, BOB, .account = BOB, .by = CAROL);
    town->at->now += HOUR;
    staging_restart(town->at);
    stage_set_options(town->at->stage, &(actor_options_t){.mail = &s_options});
    assert_int_equal(s_wait(town, SECOND), 0);
    assert_int_equal(s_wait(town, 60 * SECOND), BOB);
}

static void s_a_tick_calls_up_a_few(void **state)
{
    town_t *town = *state;
    size_t due = 0;
    for (uint64_t account = CAROL; account <= FOLK; account++) {
        s_prove(town, account);
        TELL(town, people_liked, account, .account = account, .by = ALICE);
    }
    ASK(town->at, 5, notification_read, .id = 0); /* one leaves from within the queue */
    (void)s_wait(town, HOUR);
    for (size_t i = 0; i < town->at->told_count; i++)
        due += town->at->told[i].record.type == EVENT_digest_due;
    assert_int_equal(due, FOLK - CAROL);
    assert_int_equal(staging_rows(town->at, 'A'), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIGEST_TEST(s_an_hour_unread_is_summed_up),
        DIGEST_TEST(s_rooms_and_the_rest_have_lines),
        DIGEST_TEST(s_it_names_so_many_and_counts_the_rest),
        DIGEST_TEST(s_who_has_no_proven_address_is_never_due),
        DIGEST_TEST(s_who_was_connected_is_not_due),
        DIGEST_TEST(s_who_signs_in_is_not_due),
        DIGEST_TEST(s_who_reads_is_not_due),
        DIGEST_TEST(s_who_clears_all_is_not_due),
        DIGEST_TEST(s_who_wants_none_gets_none),
        DIGEST_TEST(s_nobody_hears_of_those_they_block),
        DIGEST_TEST(s_after_a_digest_there_is_none_for_a_day),
        DIGEST_TEST(s_what_was_told_is_in_no_other),
        DIGEST_TEST(s_a_crash_changes_nothing),
        DIGEST_TEST(s_nobody_is_due_at_once_after_a_start),
        DIGEST_TEST(s_a_tick_calls_up_a_few),
    };
    return cmocka_run_group_tests(tests, town_bus_start, town_bus_stop);
}
