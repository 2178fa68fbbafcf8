/* admin_test.c - what staff does to accounts, and what it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/actors/session/guests.h"

static const int64_t s_hour = INT64_C(3600) * 1000 * 1000; /* µs */

static const outcome_t *s_create(staging_t *at, const char *login, const char *password,
                                 role_t role)
{
    account_create_call_t ask = {
        .login = slice_of(login),
        .email = SLICE_LIT("new@example.org"),
        .password = slice_of(password),
        .role = role,
    };
    at->rand[0]++;
    return staging_ask(at, CALL_account_create, &ask);
}

static const outcome_t *s_set_role(staging_t *at, uint64_t account, role_t role)
{
    account_set_role_call_t ask = {account, role};
    return staging_ask(at, CALL_account_set_role, &ask);
}

static const outcome_t *s_ban(staging_t *at, uint64_t account, int64_t until)
{
    account_ban_call_t ask = {account, until, SLICE_LIT("spam")};
    return staging_ask(at, CALL_account_ban, &ask);
}

static const outcome_t *s_unban(staging_t *at, uint64_t account)
{
    account_unban_call_t ask = {account};
    return staging_ask(at, CALL_account_unban, &ask);
}

static const outcome_t *s_remove(staging_t *at, uint64_t account)
{
    account_remove_call_t ask = {account};
    return staging_ask(at, CALL_account_remove, &ask);
}

static const outcome_t *s_vouch(staging_t *at, uint64_t account)
{
    account_verify_call_t ask = {account};
    return staging_ask(at, CALL_account_verify, &ask);
}

/* An API key of the system's; from now on it asks. */
static uint64_t s_become_key(staging_t *at)
{
    key_create_call_t ask = {.name = SLICE_LIT("shop"), .scopes = SLICE_LIT("accounts")};
    guests_be_operator(at);
    const outcome_t *outcome = staging_ask(at, CALL_key_create, &ask);
    guests_done(outcome);
    const signed_in_t *key = outcome->answer;
    guests_be(at, key->account->id, key->session);
    return key->account->id;
}

/* ---- who may ---- */

static void test_people_and_bots_may_do_none_of_it(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", "ann@example.org");
    static const role_t roles[] = {role_USER, role_BOT};
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        guests_join_as(at, i == 0 ? "bob" : "robot", roles[i]);
        guests_refused(at, s_create(at, "new", "secret-1", 0), ERR_FORBIDDEN, NULL);
        guests_refused(at, s_set_role(at, ann, role_ADMIN), ERR_FORBIDDEN, NULL);
        guests_refused(at, s_ban(at, ann, 0), ERR_FORBIDDEN, NULL);
        guests_refused(at, s_unban(at, ann), ERR_FORBIDDEN, NULL);
        guests_refused(at, s_vouch(at, ann), ERR_FORBIDDEN, NULL);
        guests_refused(at, s_remove(at, ann), ERR_FORBIDDEN, NULL);
        guests_text(guests_look(at, ann)->email, "");
    }
}

static void test_moderators_ban_people_and_nothing_else(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", "ann@example.org");
    uint64_t robot = guests_join_as(at, "robot", role_BOT);
    uint64_t admin = guests_join_as(at, "root", role_ADMIN);
    uint64_t other = guests_join_as(at, "mod-1", role_MODERATOR);
    uint64_t self = guests_join_as(at, "mod-2", role_MODERATOR);
    guests_done(s_ban(at, ann, 0));
    guests_done(s_unban(at, ann));
    guests_done(s_ban(at, robot, 0));
    static const char higher[] = "`account`: is a moderator's or an admin's";
    guests_refused(at, s_ban(at, admin, 0), ERR_FORBIDDEN, higher);
    guests_refused(at, s_ban(at, other, 0), ERR_FORBIDDEN, higher);
    guests_refused(at, s_unban(at, other), ERR_FORBIDDEN, higher);
    guests_refused(at, s_ban(at, self, 0), ERR_FORBIDDEN, "`account`: is one's own");
    guests_refused(at, s_create(at, "new", "secret-1", 0), ERR_FORBIDDEN, NULL);
    guests_refused(at, s_set_role(at, ann, role_BOT), ERR_FORBIDDEN, NULL);
    guests_refused(at, s_vouch(at, ann), ERR_FORBIDDEN, NULL);
    guests_refused(at, s_remove(at, ann), ERR_FORBIDDEN, NULL);
    assert_true(guests_look(at, robot)->banned);
    guests_text(guests_look(at, ann)->email, "ann@example.org");
}

static void test_admins_do_it_to_all_but_themselves(void **state)
{
    staging_t *at = *state;
    uint64_t other = guests_join_as(at, "root-1", role_ADMIN);
    uint64_t self = guests_join_as(at, "root-2", role_ADMIN);
    static const char own[] = "`account`: is one's own";
    guests_refused(at, s_set_role(at, self, role_USER), ERR_FORBIDDEN, own);
    guests_refused(at, s_ban(at, self, 0), ERR_FORBIDDEN, own);
    guests_refused(at, s_remove(at, self), ERR_FORBIDDEN, own);
    guests_done(s_ban(at, other, 0));
    guests_done(s_set_role(at, other, role_USER));
    guests_done(s_remove(at, other));
}

static void test_of_two_admins_who_demote_each_other_one_stays(void **state)
{
    staging_t *at = *state;
    uint64_t first = guests_join_as(at, "root-1", role_ADMIN);
    uint64_t second = guests_join_as(at, "root-2", role_ADMIN);
    guests_done(s_set_role(at, first, role_USER));
    guests_be(at, first, 1);
    guests_refused(at, s_set_role(at, second, role_USER), ERR_FORBIDDEN, NULL);
}

static void test_keys_do_what_admins_do_but_give_no_staff_role(void **state)
{
    staging_t *at = *state;
    static const char given[] = "`role`: is for admins to give";
    uint64_t ann = guests_join(at, "ann", "ann@example.org");
    s_become_key(at);
    guests_done(s_create(at, "new", "secret-1", role_BOT));
    guests_done(s_vouch(at, ann));
    guests_done(s_ban(at, ann, 0));
    guests_done(s_remove(at, ann));
    guests_refused(at, s_create(at, "mod", "secret-1", role_MODERATOR), ERR_FORBIDDEN, given);
    guests_refused(at, s_create(at, "root", "secret-1", role_ADMIN), ERR_FORBIDDEN, given);
    guests_refused(at, s_set_role(at, ann, role_BOT), ERR_FORBIDDEN, NULL);
}

static void test_a_bots_key_counts_and_its_password_does_not(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    uint64_t robot = guests_join_as(at, "robot", role_BOT);
    asker_t signed_in = guests_present(at);
    key_create_call_t ask = {SLICE_LIT("robot's"), SLICE_LIT("accounts"), robot};
    guests_be_operator(at);
    const outcome_t *outcome = staging_ask(at, CALL_key_create, &ask);
    guests_done(outcome);
    guests_be(at, robot, ((const signed_in_t *)outcome->answer)->session);
    guests_done(s_ban(at, ann, 0));
    guests_be_again(at, signed_in);
    guests_refused(at, s_unban(at, ann), ERR_FORBIDDEN, NULL);
}

static void test_the_system_is_left_alone(void **state)
{
    staging_t *at = *state;
    uint64_t system = s_become_key(at);
    static const char left[] = "`account`: is the system's";
    guests_join_as(at, "root", role_ADMIN);
    guests_refused(at, s_ban(at, system, 0), ERR_FORBIDDEN, left);
    guests_refused(at, s_set_role(at, system, role_USER), ERR_FORBIDDEN, left);
    guests_refused(at, s_remove(at, system), ERR_FORBIDDEN, left);
    uint64_t ann = guests_join(at, "ann", NULL);
    guests_be_operator(at);
    guests_refused(at, s_set_role(at, ann, role_SYSTEM), ERR_FORBIDDEN,
                   "`role`: is the system's own");
    guests_refused(at, s_create(at, "new", "secret-1", role_SYSTEM), ERR_FORBIDDEN,
                   "`role`: is the system's own");
}

static void test_nothing_is_done_to_who_is_not_there(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", "ann@example.org");
    guests_be_operator(at);
    guests_done(s_remove(at, ann));
    const uint64_t nobody[] = {ann, 99};
    for (size_t i = 0; i < COUNT_OF(nobody); i++) {
        guests_refused(at, s_set_role(at, nobody[i], role_BOT), ERR_NOT_FOUND, NULL);
        guests_refused(at, s_ban(at, nobody[i], 0), ERR_NOT_FOUND, NULL);
        guests_refused(at, s_unban(at, nobody[i]), ERR_NOT_FOUND, NULL);
        guests_refused(at, s_vouch(at, nobody[i]), ERR_NOT_FOUND, NULL);
        guests_refused(at, s_remove(at, nobody[i]), ERR_NOT_FOUND, NULL);
    }
}

/* ---- making ---- */

static void test_a_made_account_signs_in(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    const outcome_t *outcome = s_create(at, "mod", "secret-1", role_MODERATOR);
    guests_done(outcome);
    const account_t *made = outcome->answer;
    assert_int_equal(made->id, 1);
    assert_int_equal(made->role, role_MODERATOR);
    guests_text(made->username, "mod");
    guests_text(made->email, "new@example.org");
    assert_int_equal(guests_told(at, 0), EVENT_account_registered);
    assert_int_equal(guests_told(at, 1), EVENT_link_asked);
    assert_int_equal(at->told_count, 2);
    guests_done(guests_sign_in(at, "mod", "secret-1"));
}

static void test_an_account_without_a_password_waits_for_a_reset(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    guests_done(s_create(at, "new", "", 0));
    assert_int_equal(guests_told(at, 2), EVENT_link_asked);
    assert_int_equal(guests_sign_in(at, "new", "")->status, ERR_INVALID);
    assert_int_equal(guests_sign_in(at, "new", "secret-1")->status, ERR_BAD_CREDENTIALS);
    nonce_t nonce = guests_nonce(at, 1, purpose_RESET);
    password_reset_call_t ask = {
        .id = SLICE_LIT("id"),
        .password = SLICE_LIT("secret-2"),
        .account = 1,
        .nonce = slice_of(nonce.text),
    };
    guests_done(staging_ask(at, CALL_password_reset, &ask));
    guests_done(guests_sign_in(at, "new", "secret-2"));
}

static void test_names_of_a_made_account_are_checked(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", NULL);
    guests_be_operator(at);
    guests_refused(at, s_create(at, "ANN", "secret-1", 0), ERR_EXISTS, "`login`: is taken");
    guests_refused(at, s_create(at, "<b>", "secret-1", 0), ERR_INVALID,
                   "`login`: has characters that a name may not have");
    guests_refused(at, s_create(at, "new", "short", 0), ERR_INVALID, "`password`: is too short");
}

/* ---- roles ---- */

static void test_a_role_is_told_and_seen(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    guests_be_operator(at);
    const outcome_t *outcome = s_set_role(at, ann, role_MODERATOR);
    guests_done(outcome);
    assert_int_equal(((const account_t *)outcome->answer)->role, role_MODERATOR);
    assert_int_equal(guests_told(at, 0), EVENT_role_changed);
    assert_int_equal(at->told[0].record.account, ann);
    assert_int_equal(guests_look(at, ann)->role, role_MODERATOR);
    guests_done(s_set_role(at, ann, role_MODERATOR));
    assert_int_equal(at->told_count, 0);
}

/* ---- bans ---- */

static void test_a_ban_ends_sessions_and_lets_nobody_in(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    asker_t asker = guests_present(at);
    guests_be_operator(at);
    guests_done(s_ban(at, ann, 0));
    assert_int_equal(guests_told(at, 0), EVENT_sessions_revoked);
    assert_int_equal(guests_told(at, 1), EVENT_account_banned);
    assert_true(guests_look(at, ann)->banned);
    guests_be_again(at, asker);
    assert_true(guests_gone(at));
    guests_refused(at, guests_sign_in(at, "ann", "secret-1"), ERR_BANNED, "spam");
    guests_refused(at, guests_sign_in(at, "ann", "secret-0"), ERR_BAD_CREDENTIALS, NULL);
    at->now += 1000 * s_hour;
    guests_refused(at, guests_sign_in(at, "ann", "secret-1"), ERR_BANNED, "spam");

    guests_be_operator(at);
    guests_done(s_unban(at, ann));
    guests_done(s_unban(at, ann));
    assert_int_equal(at->told_count, 0);
    guests_done(guests_sign_in(at, "ann", "secret-1"));
    assert_false(guests_look(at, ann)->banned);
}

static void test_a_ban_ends_by_itself(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    guests_be_operator(at);
    guests_refused(at, s_ban(at, ann, at->now), ERR_INVALID, "`until`: is over");
    guests_done(s_ban(at, ann, at->now + s_hour));
    guests_refused(at, guests_sign_in(at, "ann", "secret-1"), ERR_BANNED, "spam");
    at->now += s_hour;
    guests_done(guests_sign_in(at, "ann", "secret-1"));
    assert_false(guests_look(at, ann)->banned);
}

static void test_a_ban_is_for_staff_to_see(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    guests_be_operator(at);
    guests_done(s_ban(at, ann, 0));
    guests_join(at, "bob", NULL);
    assert_false(guests_look(at, ann)->banned);
}

/* ---- proof and removal ---- */

static void test_staff_vouches_for_an_email(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", "ann@example.org");
    uint64_t bob = guests_join(at, "bob", NULL);
    guests_be_operator(at);
    guests_done(s_vouch(at, ann));
    assert_int_equal(guests_told(at, 0), EVENT_email_verified);
    assert_true(guests_look(at, ann)->verified);
    guests_done(s_vouch(at, ann));
    assert_int_equal(at->told_count, 0);
    guests_refused(at, s_vouch(at, bob), ERR_INVALID, "`account`: has no e-mail");
}

static void test_a_removed_account_is_gone(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    asker_t asker = guests_present(at);
    guests_be_operator(at);
    guests_done(s_remove(at, ann));
    assert_int_equal(guests_told(at, 1), EVENT_account_deleted);
    assert_int_equal(guests_look(at, ann)->deleted, at->now);
    assert_int_equal(guests_sign_in(at, "ann", "secret-1")->status, ERR_BAD_CREDENTIALS);
    guests_be_again(at, asker);
    assert_true(guests_gone(at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_people_and_bots_may_do_none_of_it),
        GUESTS_TEST(test_moderators_ban_people_and_nothing_else),
        GUESTS_TEST(test_admins_do_it_to_all_but_themselves),
        GUESTS_TEST(test_of_two_admins_who_demote_each_other_one_stays),
        GUESTS_TEST(test_keys_do_what_admins_do_but_give_no_staff_role),
        GUESTS_TEST(test_a_bots_key_counts_and_its_password_does_not),
        GUESTS_TEST(test_the_system_is_left_alone),
        GUESTS_TEST(test_nothing_is_done_to_who_is_not_there),
        GUESTS_TEST(test_a_made_account_signs_in),
        GUESTS_TEST(test_an_account_without_a_password_waits_for_a_reset),
        GUESTS_TEST(test_names_of_a_made_account_are_checked),
        GUESTS_TEST(test_a_role_is_told_and_seen),
        GUESTS_TEST(test_a_ban_ends_sessions_and_lets_nobody_in),
        GUESTS_TEST(test_a_ban_ends_by_itself),
        GUESTS_TEST(test_a_ban_is_for_staff_to_see),
        GUESTS_TEST(test_staff_vouches_for_an_email),
        GUESTS_TEST(test_a_removed_account_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
