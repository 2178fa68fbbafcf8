/* reset_test.c - a forgotten password, and the link that sets another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/actors/session/guests.h"

static const int64_t s_hour = INT64_C(3600) * 1000 * 1000; /* µs */

static const char s_bad_link[] = "`id`: opens nothing any more: ask for another link";

static const outcome_t *s_ask(staging_t *at, const char *login)
{
    reset_ask_call_t ask = {slice_of(login)};
    at->rand[0]++;
    return staging_ask(at, CALL_reset_ask, &ask);
}

static const outcome_t *s_reset(staging_t *at, uint64_t account, const char *nonce,
                                const char *password)
{
    password_reset_call_t ask = {
        .id = SLICE_LIT("id"),
        .password = slice_of(password),
        .account = account,
        .nonce = slice_of(nonce),
    };
    return staging_ask(at, CALL_password_reset, &ask);
}

static void test_a_reset_sets_a_password_and_ends_all_sessions(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_done(s_ask(at, "ann@example.org"));
    assert_int_equal(guests_told(at, 0), EVENT_link_asked);
    const link_asked_event_t *asked = at->told[0].body;
    assert_int_equal(asked->purpose, purpose_RESET);
    assert_int_equal(asked->expires, at->now + s_hour);

    nonce_t nonce = guests_nonce(at, 1, purpose_RESET);
    guests_done(s_reset(at, 1, nonce.text, "secret-2"));
    assert_int_equal(at->told_count, 2);
    assert_int_equal(guests_told(at, 0), EVENT_sessions_revoked);
    assert_int_equal(guests_told(at, 1), EVENT_password_changed);
    assert_true(guests_gone(at));
    guests_done(guests_sign_in(at, "ann", "secret-2"));
    assert_int_equal(guests_sign_in(at, "ann", "secret-1")->status, ERR_BAD_CREDENTIALS);
    guests_refused(at, s_reset(at, 1, nonce.text, "secret-3"), ERR_INVALID, s_bad_link);
}

static void test_asking_for_nobody_is_answered_alike(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", NULL);
    guests_done(s_ask(at, "nobody"));
    assert_int_equal(at->told_count, 0);
    guests_done(s_ask(at, "ann"));
}

static void test_bad_reset_links_are_refused_in_the_same_words(void **state)
{
    staging_t *at = *state;
    guests_join(at, "bob", NULL);
    guests_join(at, "ann", "ann@example.org");
    nonce_t proof = guests_nonce(at, 2, purpose_VERIFY);
    guests_done(s_ask(at, "ann"));
    nonce_t nonce = guests_nonce(at, 2, purpose_RESET);
    assert_string_not_equal(proof.text, nonce.text);
    guests_refused(at, s_reset(at, 0, "", "secret-2"), ERR_INVALID, s_bad_link);
    guests_refused(at, s_reset(at, 1, "", "secret-2"), ERR_INVALID, s_bad_link);
    guests_refused(at, s_reset(at, 1, nonce.text, "secret-2"), ERR_INVALID, s_bad_link);
    guests_refused(at, s_reset(at, 2, proof.text, "secret-2"), ERR_INVALID, s_bad_link);
    at->now += s_hour;
    guests_refused(at, s_reset(at, 2, nonce.text, "secret-2"), ERR_INVALID, s_bad_link);
}

static void test_of_two_resets_at_once_one_counts(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", NULL);
    guests_done(s_ask(at, "ann"));
    nonce_t nonce = guests_nonce(at, 1, purpose_RESET);
    password_reset_call_t ask = {
        .id = SLICE_LIT("id"),
        .password = SLICE_LIT("secret-2"),
        .account = 1,
        .nonce = slice_of(nonce.text),
    };
    staging_send(at, CALL_password_reset, &ask);
    ask.password = SLICE_LIT("secret-3");
    staging_send(at, CALL_password_reset, &ask);
    while (staging_work(at))
        continue;
    staging_commit(at);
    assert_int_equal(at->outcomes[0].status, ERR_OK);
    assert_int_equal(at->outcomes[1].status, ERR_INVALID);
    guests_done(guests_sign_in(at, "ann", "secret-2"));
}

static void test_another_password_closes_the_link(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", NULL);
    guests_done(s_ask(at, "ann"));
    nonce_t nonce = guests_nonce(at, 1, purpose_RESET);
    password_change_call_t change = {SLICE_LIT("secret-1"), SLICE_LIT("secret-2")};
    guests_done(staging_ask(at, CALL_password_change, &change));
    guests_refused(at, s_reset(at, 1, nonce.text, "secret-3"), ERR_INVALID, s_bad_link);
}

static void test_another_email_closes_the_link(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_done(s_ask(at, "ann"));
    nonce_t nonce = guests_nonce(at, 1, purpose_RESET);
    email_change_call_t change = {SLICE_LIT("secret-1"), SLICE_LIT("new@example.org")};
    guests_done(staging_ask(at, CALL_email_change, &change));
    guests_refused(at, s_reset(at, 1, nonce.text, "secret-3"), ERR_INVALID, s_bad_link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_a_reset_sets_a_password_and_ends_all_sessions),
        GUESTS_TEST(test_asking_for_nobody_is_answered_alike),
        GUESTS_TEST(test_bad_reset_links_are_refused_in_the_same_words),
        GUESTS_TEST(test_of_two_resets_at_once_one_counts),
        GUESTS_TEST(test_another_password_closes_the_link),
        GUESTS_TEST(test_another_email_closes_the_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
