/* mail_test.c - the queue of mails, what they say, and where they end up without a server. */
#include "actors/notifier/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/notifier/letter.h"
#include "actors/notifier/outbox.h"
#include "actors/token.h"
#include "tests/unit/actors/notifier/town.h"

enum { PATH_SIZE = SCRATCH_PATH_SIZE + 32, LETTER_SIZE = 8192, PATIENCE = 10000 /* ms */ };

static const int64_t HOUR = (int64_t)3600 * 1000000;

/* ---- a town with postmen ---- */

static void s_employ(town_t *town, mail_options_t *options)
{
    *options = (mail_options_t){
        .data = town->at->folder,
        .server = "",
        .user = "",
        .password_file = "",
        .authorities = "",
        .from = "chat@example.org",
        .verify_link = "https://example.org/v?id={id}",
        .reset_link = "",
    };
    stage_set_options(town->at->stage, &(actor_options_t){.mail = options});
}

static void s_ask(town_t *town, purpose_t purpose, const char *email)
{
    TELL(town, link_asked, BOB, .account = BOB, .purpose = purpose, .nonce = SLICE_LIT("nonce"),
         .expires = town->at->now + HOUR, .email = slice_of(email));
}

/* The timer runs until the postmen have come back with something. */
static const mail_tried_event_t *s_tried(town_t *town)
{
    for (int ms = 0; ms < PATIENCE; ms++) {
        staging_tick(town->at);
        for (size_t i = 0; i < town->at->told_count; i++)
            if (town->at->told[i].record.type == EVENT_mail_tried)
                return town->at->told[i].body;
        usleep(1000);
    }
    return NULL;
}

static bool s_read(const town_t *town, unsigned number, char letter[LETTER_SIZE])
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/outbox/%u.eml", town->at->folder, number);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t len = fread(letter, 1, LETTER_SIZE - 1, file);
    letter[len] = '\0';
    fclose(file);
    return true;
}

/* ---- the queue ---- */

static void s_a_link_becomes_a_mail(void **state)
{
    town_t *town = *state;
    s_ask(town, purpose_VERIFY, "bob@example.org");
    assert_int_equal(town->at->told_count, 1);
    const mail_t *mail = ((const mail_queued_event_t *)town->at->told[0].body)->mail;
    assert_int_equal(town->at->told[0].record.type, EVENT_mail_queued);
    assert_int_equal(mail->id, 1);
    assert_int_equal(mail->account, BOB);
    assert_true(slice_is(mail->email, "bob@example.org"));
    assert_true(slice_is(mail->username, "bob"));
    assert_int_equal(staging_rows(town->at, 'W'), 1);
    s_ask(town, purpose_RESET, "");
    assert_int_equal(town->at->told_count, 0);
    assert_true(staging_replays(town->at));
}

static void s_without_postmen_mails_wait(void **state)
{
    town_t *town = *state;
    s_ask(town, purpose_VERIFY, "bob@example.org");
    staging_tick(town->at);
    assert_int_equal(town->at->told_count, 0);
    assert_int_equal(staging_rows(town->at, 'W'), 1);
}

static void s_a_mail_is_carried_to_the_outbox(void **state)
{
    town_t *town = *state;
    mail_options_t options;
    char letter[LETTER_SIZE];
    s_ask(town, purpose_VERIFY, "bob@example.org");
    s_ask(town, purpose_RESET, "bob@example.org");
    s_employ(town, &options);
    while (staging_rows(town->at, 'W') > 0) /* they may come back together */
        assert_true(s_tried(town)->sent);
    assert_true(s_read(town, 1, letter));
    assert_non_null(strstr(letter, "https://example.org/v?id=eyJ"));
    assert_true(s_read(town, 2, letter));
    assert_non_null(strstr(letter, "\r\neyJ"));
    assert_int_equal(staging_rows(town->at, 'W'), 0);
    assert_true(staging_replays(town->at));
}

static void s_what_was_on_its_way_is_sent_again(void **state)
{
    town_t *town = *state;
    mail_options_t options;
    s_ask(town, purpose_VERIFY, "bob@example.org");
    staging_crash(town->at);
    s_employ(town, &options);
    assert_non_null(s_tried(town));
    assert_int_equal(staging_rows(town->at, 'W'), 0);
}

/* The outbox is a file, so nothing can be written into it: the mail is tried again, later and
 * later, until its link has expired. */
static void s_a_mail_is_tried_later_and_later(void **state)
{
    town_t *town = *state;
    mail_options_t options;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/outbox", town->at->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    s_ask(town, purpose_VERIFY, "bob@example.org");
    s_employ(town, &options);

    int64_t waits[] = {30, 120, 480, 1920, 0};
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        const mail_tried_event_t *tried = s_tried(town);
        assert_non_null(tried);
        assert_false(tried->sent);
        assert_true(slice_is(tried->reason, "the outbox cannot be written"));
        int64_t due = tried->due;
        assert_int_equal(due > 0 ? (due - town->at->now) / 1000000 : 0, waits[i]);
        town->at->now = due > 0 ? due : town->at->now;
    }
    assert_int_equal(staging_rows(town->at, 'W'), 0);
    assert_true(staging_replays(town->at));
}

static void s_a_mail_whose_link_is_dead_is_given_up(void **state)
{
    town_t *town = *state;
    mail_options_t options;
    s_ask(town, purpose_VERIFY, "bob@example.org");
    town->at->now += 2 * HOUR;
    s_employ(town, &options);
    const mail_tried_event_t *tried = s_tried(town);
    assert_true(slice_is(tried->reason, "it has expired"));
    assert_int_equal(tried->due, 0);
    assert_int_equal(staging_rows(town->at, 'W'), 0);
}

static void s_what_is_no_address_is_given_up(void **state)
{
    town_t *town = *state;
    mail_options_t options;
    s_ask(town, purpose_VERIFY, "bob@example.org>\r\nRCPT TO:<eve@example.org");
    s_employ(town, &options);
    const mail_tried_event_t *tried = s_tried(town);
    assert_true(slice_is(tried->reason, "this is no address"));
    assert_int_equal(tried->due, 0);
}

/* ---- letters ---- */

static void s_addresses_end_nothing(void **state)
{
    (void)state;
    assert_true(letter_fit(SLICE_LIT("a@b")));
    assert_true(letter_fit(SLICE_LIT("a.b+c@d.example")));
    const char *const bad[] = {"", "a", "@b", "a@", "a b@c", "a@b\r\nX: y", "<a@b>", "a@b,c@d"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(letter_fit(slice_of(bad[i])));
}

static void s_the_same_mail_has_the_same_message_id(void **state)
{
    const mail_options_t options = {
        .from = "chat@example.org", .verify_link = "", .reset_link = ""};
    mail_t mail = {.id = 7,
                   .account = BOB,
                   .email = SLICE_LIT("bob@example.org"),
                   .username = SLICE_LIT("Bj\xc3\xb6rn"),
                   .purpose = purpose_RESET,
                   .expires = 0xabc};
    buf_t letter = {0};
    (void)state;
    letter_write(&letter, &options, &mail, SLICE_LIT("ID"));
    buf_append(&letter, SLICE_LIT("\0"));
    const char *text = (const char *)letter.data;
    assert_non_null(strstr(text, "Message-ID: <mail.7.abc@example.org>\r\n"));
    assert_non_null(strstr(text, "Content-Transfer-Encoding: 8bit\r\n"));
    assert_non_null(strstr(text, "Hello Bj\xc3\xb6rn,\r\n"));
    assert_non_null(strstr(text, "\r\nID\r\n"));
    buf_free(&letter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_a_link_becomes_a_mail),
        TOWN_TEST(s_without_postmen_mails_wait),
        TOWN_TEST(s_a_mail_is_carried_to_the_outbox),
        TOWN_TEST(s_what_was_on_its_way_is_sent_again),
        TOWN_TEST(s_a_mail_is_tried_later_and_later),
        TOWN_TEST(s_a_mail_whose_link_is_dead_is_given_up),
        TOWN_TEST(s_what_is_no_address_is_given_up),
        cmocka_unit_test(s_addresses_end_nothing),
        cmocka_unit_test(s_the_same_mail_has_the_same_message_id),
    };
    return cmocka_run_group_tests(tests, town_bus_start, town_bus_stop);
}
