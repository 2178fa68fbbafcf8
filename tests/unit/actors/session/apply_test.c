/* apply_test.c - what events do to rows, whoever they are about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/actors/session/guests.h"
#include "tests/unit/actors/unreadable.h"

enum { NOBODY = 4711, HASH = 32 };

static const int64_t s_month = INT64_C(31) * 24 * 60 * 60 * 1000000; /* µs */

#define TELL(at, event, ...) \
    staging_tell((at), EVENT_##event, NOBODY, &(event##_event_t){__VA_ARGS__})

static void s_digest(staging_t *at, uint8_t ret_hash[HASH])
{
    assert_int_equal(stage_flush(at->stage), ERR_OK);
    assert_int_equal(store_digest(at->store, ret_hash), ERR_OK);
}

/* A journal may tell of people whose beginning it does not have. */
static void test_an_event_about_nobody_makes_no_row(void **state)
{
    staging_t *at = *state;
    uint8_t before[HASH], after[HASH];
    guests_join(at, "ann", "ann@example.org");
    s_digest(at, before);
    TELL(at, password_changed, .account = NOBODY, .verifier = SLICE_LIT("x"));
    TELL(at, account_seen, .account = NOBODY);
    TELL(at, online_set, .account = NOBODY, .until = 1);
    TELL(at, account_renamed, .account = NOBODY, .username = SLICE_LIT("x"));
    TELL(at, email_changed, .account = NOBODY, .email = SLICE_LIT("x@example.org"));
    TELL(at, email_verified, .account = NOBODY, .email = SLICE_LIT("x@example.org"));
    TELL(at, link_asked, .account = NOBODY, .purpose = purpose_VERIFY, .nonce = SLICE_LIT("x"));
    TELL(at, role_changed, .account = NOBODY, .role = role_ADMIN);
    TELL(at, account_banned, .account = NOBODY, .until = INT64_MAX);
    TELL(at, account_unbanned, .account = NOBODY);
    TELL(at, account_deleted, .account = NOBODY, .username = SLICE_LIT("x"));
    TELL(at, account_redacted, .account = NOBODY);
    TELL(at, sessions_revoked, .account = NOBODY, .session = 1);
    TELL(at, session_renewed, .session = NOBODY, .account = NOBODY, .expires = at->now);
    TELL(at, session_closed, .session = NOBODY, .account = NOBODY, .expires = at->now);
    TELL(at, bot_scoped, .session = NOBODY, .account = NOBODY, .scopes = SLICE_LIT("observe"));
    TELL(at, room_left, .room = NOBODY, .account = NOBODY);
    s_digest(at, after);
    assert_memory_equal(before, after, HASH);
}

static void test_a_decision_about_nobody_bans_nobody(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    TELL(at, report_resolved, .report = 1, .account = NOBODY, .by = ann,
         .outcome = report_outcome_BANNED);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    TELL(at, report_resolved, .report = 1, .account = ann, .by = NOBODY,
         .outcome = report_outcome_DISMISSED);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    TELL(at, report_resolved, .report = 1, .account = ann, .by = NOBODY,
         .outcome = report_outcome_BANNED);
    staging_commit(at);
    assert_int_equal(at->told[at->told_count - 1].record.type, EVENT_account_banned);
}

static size_t s_away(staging_t *at, uint64_t account, bool rested)
{
    TELL(at, digest_due, .account = account, .rested = rested);
    staging_commit(at);
    return at->told_count;
}

static void test_a_digest_reaches_whoever_has_a_proven_address_and_is_away(void **state)
{
    staging_t *at = *state;
    uint64_t bob = guests_join(at, "bob", NULL);
    uint64_t ann = guests_join(at, "ann", "ann@example.org");
    assert_int_equal(s_away(at, NOBODY, false), 0);
    assert_int_equal(s_away(at, bob, false), 0);
    assert_int_equal(s_away(at, ann, false), 0);
    guests_be_operator(at);
    guests_done(staging_ask(at, CALL_account_verify, &(account_verify_call_t){ann}));
    assert_int_equal(s_away(at, ann, true), 0);
    assert_int_equal(s_away(at, ann, false), 1);
    guests_text(((const account_away_event_t *)at->told[0].body)->email, "ann@example.org");

    presence_set_call_t here = {.account = ann, .online = true};
    at->origin = 1;
    guests_done(staging_ask(at, CALL_presence_set, &here));
    assert_int_equal(s_away(at, ann, false), 0);
    here.online = false;
    guests_done(staging_ask(at, CALL_presence_set, &here));
    assert_int_equal(s_away(at, ann, false), 1);
    at->origin = 0;
    guests_done(staging_ask(at, CALL_account_ban, &(account_ban_call_t){ann}));
    assert_int_equal(s_away(at, ann, false), 0);
}

static void test_who_is_redacted_is_gone_and_the_system_is_not(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    uint64_t bob = guests_join(at, "bob", NULL);
    uint64_t system = 3;
    TELL(at, account_registered, .id = system, .login = SLICE_LIT("system"),
         .username = SLICE_LIT("System"), .role = role_SYSTEM);
    guests_be_operator(at);
    guests_refused(at, staging_ask(at, CALL_account_redact, &(account_redact_call_t){NOBODY}),
                   ERR_NOT_FOUND, NULL);
    guests_refused(at, staging_ask(at, CALL_account_redact, &(account_redact_call_t){system}),
                   ERR_FORBIDDEN, "`account`: is the system's");
    guests_done(staging_ask(at, CALL_account_redact, &(account_redact_call_t){ann}));
    assert_int_equal(at->told[at->told_count - 1].record.type, EVENT_account_redacted);
    guests_done(staging_ask(at, CALL_account_redact, &(account_redact_call_t){ann}));
    assert_int_equal(at->told_count, 0);
    guests_done(staging_ask(at, CALL_account_remove, &(account_remove_call_t){bob}));
    guests_done(staging_ask(at, CALL_account_redact, &(account_redact_call_t){bob}));
    assert_int_equal(at->told_count, 1);
}

/* Signing in, changing a password and ending a session are most of what is applied. */
static void test_what_cannot_be_applied_ends_the_process(void **state)
{
    staging_t *at = *state;
    const account_register_call_t up = {
        .login = SLICE_LIT("bob"),
        .email = SLICE_LIT("bob@example.org"),
        .password = SLICE_LIT("secret-1"),
    };
    const session_open_call_t in = {.login = SLICE_LIT("ann"), .password = SLICE_LIT("secret-1")};
    guests_join(at, "ann", "ann@example.org");
    asker_t ann = guests_present(at);
    at->now += s_month; /* what has expired is forgotten by the way */
    guests_be(at, 0, 0);
    assert_true(unreadable_in_apply(at, CALL_account_register, &up) > 3);
    assert_true(unreadable_in_apply(at, CALL_session_open, &in) > 3);
    guests_done(guests_sign_in(at, "ann", "secret-1"));
    ann.session++;
    guests_be_again(at, ann);
    assert_true(unreadable_in_apply(at, CALL_session_renew, &(session_renew_call_t){}) > 0);
    assert_true(unreadable_in_apply(at, CALL_session_close, &(session_close_call_t){}) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_an_event_about_nobody_makes_no_row),
        GUESTS_TEST(test_a_decision_about_nobody_bans_nobody),
        GUESTS_TEST(test_a_digest_reaches_whoever_has_a_proven_address_and_is_away),
        GUESTS_TEST(test_who_is_redacted_is_gone_and_the_system_is_not),
        GUESTS_TEST(test_what_cannot_be_applied_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
