/* profile_test.c - names, e-mails and the end of accounts, as their owners change them. */
#include "tests/unit/actors/session/guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const int64_t s_day = INT64_C(24) * 60 * 60 * 1000 * 1000; /* µs */

static const char s_bad_link[] = "`id`: opens nothing any more: ask for another link";

static const outcome_t *s_rename(staging_t *at, const char *username)
{
    account_rename_call_t ask = {slice_of(username)};
    return staging_ask(at, CALL_account_rename, &ask);
}

static const outcome_t *s_change_email(staging_t *at, const char *password, const char *email)
{
    email_change_call_t ask = {slice_of(password), slice_of(email)};
    return staging_ask(at, CALL_email_change, &ask);
}

static const outcome_t *s_verify(staging_t *at, uint64_t account, slice_t nonce)
{
    email_verify_call_t ask = {.id = SLICE_LIT("id"), .account = account, .nonce = nonce};
    return staging_ask(at, CALL_email_verify, &ask);
}

static const outcome_t *s_verify_as(staging_t *at, const char *login, uint64_t account,
                                    slice_t nonce)
{
    email_verify_call_t ask = {SLICE_LIT("id"), account, nonce, slice_of(login)};
    return staging_ask(at, CALL_email_verify, &ask);
}

/* Use the open link. */
static const outcome_t *s_prove(staging_t *at, uint64_t account)
{
    nonce_t nonce = guests_nonce(at, account, purpose_VERIFY);
    return s_verify(at, account, slice_of(nonce.text));
}

static err_t s_ask_email(staging_t *at)
{
    return staging_ask(at, CALL_email_ask, &(email_ask_call_t){})->status;
}

static const outcome_t *s_delete(staging_t *at, const char *password)
{
    account_delete_call_t ask = {slice_of(password)};
    return staging_ask(at, CALL_account_delete, &ask);
}

/* ---- what an account shows ---- */

static void test_a_new_account_has_a_uuid_of_its_own(void **state)
{
    staging_t *at = *state;
    char uuids[2][37] = {{0}};
    for (size_t i = 0; i < 2; i++) {
        guests_join(at, i == 0 ? "ann" : "bob", NULL);
        slice_t uuid = guests_look(at, 0)->uuid;
        assert_int_equal(uuid.len, 36);
        assert_int_equal(uuid.ptr[14], '4');
        memcpy(uuids[i], uuid.ptr, uuid.len);
    }
    assert_string_not_equal(uuids[0], uuids[1]);
    assert_int_equal(guests_look(at, 1)->role, role_USER);
}

static void test_strangers_do_not_see_what_is_private(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_done(s_prove(at, 1));
    assert_true(guests_look(at, 0)->verified);
    guests_join(at, "bob", NULL);
    assert_false(guests_look(at, 1)->verified);
    guests_text(guests_look(at, 1)->email, "");
    guests_be_operator(at);
    assert_true(guests_look(at, 1)->verified);
    guests_text(guests_look(at, 1)->email, "ann@example.org");
}

static void test_emails_are_shown_to_all_if_the_setting_says_so(void **state)
{
    staging_t *at = *state;
    stage_set_options(at->stage, &(actor_options_t){.reveal_emails = true});
    guests_join(at, "ann", "ann@example.org");
    guests_join(at, "bob", NULL);
    guests_text(guests_look(at, 1)->email, "ann@example.org");
    assert_false(guests_look(at, 1)->verified);
}

static void test_accounts_are_found_by_login_only(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_done(s_rename(at, "Ann A."));
    guests_join(at, "bob", NULL);
    account_find_call_t ask = {SLICE_LIT("ANN")};
    const outcome_t *outcome = staging_ask(at, CALL_account_find, &ask);
    guests_done(outcome);
    assert_int_equal(((const account_t *)outcome->answer)->id, 1);
    guests_text(((const account_t *)outcome->answer)->email, "");
    static const char *const others[] = {"Ann A.", "ann@example.org", "nobody"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        ask.login = slice_of(others[i]);
        guests_refused(at, staging_ask(at, CALL_account_find, &ask), ERR_NOT_FOUND, NULL);
    }
}

/* ---- the name ---- */

static void test_accounts_are_listed_by_their_ids(void **state)
{
    staging_t *at = *state;
    static const char *const logins[] = {"ann", "bob", "eve"};
    static const uint64_t ids[] = {3, 99, 1};
    for (size_t i = 0; i < COUNT_OF(logins); i++)
        guests_join(at, logins[i], NULL);
    account_list_call_t ask = {.accounts = {ids, COUNT_OF(ids)}};
    const account_list_t *list = staging_ask(at, CALL_account_list, &ask)->answer;
    const account_t *accounts = list->accounts.items;
    assert_int_equal(list->accounts.count, 2);
    guests_text(accounts[0].login, "eve");
    guests_text(accounts[1].login, "ann");
}

static void test_a_new_name_is_shown_and_signs_in(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", NULL);
    const outcome_t *outcome = s_rename(at, "Ann A.");
    guests_done(outcome);
    guests_text(((const account_t *)outcome->answer)->username, "Ann A.");
    assert_int_equal(guests_told(at, 0), EVENT_account_renamed);
    assert_int_equal(at->told[0].record.account, 1);
    guests_text(guests_look(at, 0)->username, "Ann A.");
    guests_done(guests_sign_in(at, "ann a.", "secret-1"));
    guests_done(s_rename(at, "Ann B."));
    guests_done(guests_sign_in(at, "Ann B.", "secret-1"));
    assert_int_equal(guests_sign_in(at, "Ann A.", "secret-1")->status, ERR_BAD_CREDENTIALS);
}

static void test_the_same_name_again_is_no_event(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", NULL);
    guests_done(s_rename(at, "ann")); /* one's own login */
    assert_int_equal(at->told_count, 0);
}

static void test_names_of_others_are_refused(void **state)
{
    staging_t *at = *state;
    guests_join(at, "bob", "bob@example.org");
    guests_done(s_rename(at, "Robert"));
    guests_join(at, "ann", NULL);
    guests_refused(at, s_rename(at, "BOB"), ERR_EXISTS, "`username`: is taken");
    guests_refused(at, s_rename(at, "bob@example.org"), ERR_EXISTS, "`username`: is taken");
    guests_refused(at, s_rename(at, "<b>"), ERR_INVALID,
                   "`username`: has characters that a name may not have");
    guests_done(s_rename(at, "Robert")); /* usernames may be shared */
    guests_be(at, 1, 1);
    guests_done(guests_sign_in(at, "Robert", "secret-1"));
    const signed_in_t *in = at->outcomes[0].answer;
    assert_int_equal(in->account->id, 1);
}

/* ---- proving an e-mail ---- */

static void test_sign_up_with_an_email_asks_for_its_link(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    assert_int_equal(guests_told(at, 1), EVENT_link_asked);
    const link_asked_event_t *asked = at->told[1].body;
    assert_int_equal(asked->purpose, purpose_VERIFY);
    assert_int_equal(asked->expires, at->now + 7 * s_day);
    assert_true(asked->nonce.len >= 22);
    assert_false(guests_look(at, 0)->verified);
}

static void test_a_link_proves_the_email_once(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    nonce_t nonce = guests_nonce(at, 1, purpose_VERIFY);
    guests_done(s_verify(at, 1, slice_of(nonce.text)));
    assert_int_equal(guests_told(at, 0), EVENT_email_verified);
    assert_true(guests_look(at, 0)->verified);
    guests_refused(at, s_verify(at, 1, slice_of(nonce.text)), ERR_INVALID, s_bad_link);
    assert_int_equal(guests_link(at, 1, purpose_VERIFY).nonce.len, 0);
}

static void test_bad_links_are_refused_in_the_same_words(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    nonce_t nonce = guests_nonce(at, 1, purpose_VERIFY);
    guests_join(at, "bob", "bob@example.org");
    guests_refused(at, s_verify(at, 0, (slice_t){0}), ERR_INVALID, s_bad_link);
    guests_refused(at, s_verify(at, 1, (slice_t){0}), ERR_INVALID, s_bad_link);
    guests_refused(at, s_verify(at, 1, SLICE_LIT("another")), ERR_INVALID, s_bad_link);
    guests_refused(at, s_verify(at, 2, slice_of(nonce.text)), ERR_INVALID, s_bad_link);
    guests_refused(at, s_verify(at, 99, slice_of(nonce.text)), ERR_INVALID, s_bad_link);
    at->now += 7 * s_day;
    guests_refused(at, s_verify(at, 1, slice_of(nonce.text)), ERR_INVALID, s_bad_link);
}

static void test_a_link_asked_for_again_is_the_same_until_it_expires(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    nonce_t first = guests_nonce(at, 1, purpose_VERIFY);
    at->rand[0]++;
    at->now += 6 * s_day;
    assert_int_equal(s_ask_email(at), ERR_OK);
    account_link_t link = guests_link(at, 1, purpose_VERIFY);
    guests_text(link.nonce, first.text);
    assert_int_equal(link.expires, at->now + 7 * s_day);
    at->now += 7 * s_day;
    assert_int_equal(s_ask_email(at), ERR_OK);
    link = guests_link(at, 1, purpose_VERIFY);
    assert_false(slice_is(link.nonce, first.text));
}

static void test_a_proven_email_needs_no_link(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_done(s_prove(at, 1));
    assert_int_equal(s_ask_email(at), ERR_OK);
    assert_int_equal(at->told_count, 0);
    guests_join(at, "bob", NULL);
    guests_refused(at, staging_ask(at, CALL_email_ask, &(email_ask_call_t){}), ERR_INVALID,
                   "`email`: there is none to prove");
}

/* ---- another e-mail ---- */

static void test_another_email_must_be_proven_anew(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_done(s_prove(at, 1));
    const outcome_t *outcome = s_change_email(at, "secret-1", "new@example.org");
    guests_done(outcome);
    const account_t *changed = outcome->answer;
    guests_text(changed->email, "new@example.org");
    assert_false(changed->verified);
    assert_int_equal(guests_told(at, 0), EVENT_email_changed);
    assert_int_equal(guests_told(at, 1), EVENT_link_asked);
    assert_false(guests_look(at, 0)->verified);
    guests_done(guests_sign_in(at, "new@example.org", "secret-1"));
    assert_int_equal(guests_sign_in(at, "ann@example.org", "secret-1")->status,
                     ERR_BAD_CREDENTIALS);
    guests_join(at, "bob", "ann@example.org"); /* it is free again */
}

static void test_an_old_link_does_not_prove_a_new_email(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    nonce_t nonce = guests_nonce(at, 1, purpose_VERIFY);
    at->rand[0]++;
    guests_done(s_change_email(at, "secret-1", "new@example.org"));
    guests_refused(at, s_verify(at, 1, slice_of(nonce.text)), ERR_INVALID, s_bad_link);
    guests_done(s_change_email(at, "secret-1", ""));
    guests_text(guests_look(at, 0)->email, "");
    assert_int_equal(guests_link(at, 1, purpose_VERIFY).nonce.len, 0);
}

static void test_an_email_is_changed_with_the_password_only(void **state)
{
    staging_t *at = *state;
    guests_join(at, "bob", "bob@example.org");
    guests_done(s_prove(at, 1));
    guests_join(at, "x@login", NULL);
    guests_join(at, "ann", "ann@example.org");
    guests_refused(at, s_change_email(at, "wrong-1", "new@example.org"), ERR_BAD_CREDENTIALS,
                   "`password`: is not the present one");
    guests_refused(at, s_change_email(at, "secret-1", "nonsense"), ERR_INVALID,
                   "`email`: is not an e-mail address");
    guests_refused(at, s_change_email(at, "secret-1", "Bob@Example.org"), ERR_EXISTS,
                   "`email`: is taken");
    guests_refused(at, s_change_email(at, "secret-1", "x@login"), ERR_EXISTS, "`email`: is taken");
    guests_done(s_change_email(at, "secret-1", "ann@example.org"));
    assert_int_equal(at->told_count, 0);
    at->session = 77;
    guests_refused(at, s_change_email(at, "secret-1", "new@example.org"), ERR_SESSION_ENDED, NULL);
}

static void test_who_proves_an_email_displaces_who_only_claimed_it(void **state)
{
    staging_t *at = *state;
    guests_join(at, "mallory", "ann@example.org");
    asker_t mallory = guests_present(at);
    guests_join(at, "ann", NULL);
    guests_done(s_change_email(at, "secret-1", "ann@example.org"));
    guests_done(guests_sign_in(at, "ann@example.org", "secret-1"));
    assert_int_equal(((const signed_in_t *)at->outcomes[0].answer)->account->id, 1);

    guests_done(s_prove(at, 2));
    guests_done(guests_sign_in(at, "ann@example.org", "secret-1"));
    assert_int_equal(((const signed_in_t *)at->outcomes[0].answer)->account->id, 2);
    guests_be_again(at, mallory);
    guests_text(guests_look(at, 0)->email, "");
    assert_int_equal(guests_link(at, 1, purpose_VERIFY).nonce.len, 0);
    guests_refused(at, s_change_email(at, "secret-1", "ann@example.org"), ERR_EXISTS,
                   "`email`: is taken");
}

static void test_of_two_who_claim_an_email_one_proves_it(void **state)
{
    staging_t *at = *state;
    guests_join(at, "mallory", "ann@example.org");
    guests_join(at, "ann", NULL);
    guests_done(s_change_email(at, "secret-1", "ann@example.org"));
    guests_done(s_prove(at, 1));
    guests_refused(at, s_prove(at, 2), ERR_EXISTS, "`email`: is taken");
    assert_false(guests_look(at, 0)->verified);
}

/* ---- the end ---- */

static void test_a_deleted_account_leaves_its_login_and_nothing_else(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_done(s_rename(at, "Ann A."));
    guests_done(s_delete(at, "secret-1"));
    assert_int_equal(guests_told(at, 0), EVENT_sessions_revoked);
    assert_int_equal(guests_told(at, 1), EVENT_account_deleted);
    assert_true(guests_gone(at));

    guests_join(at, "bob", "ann@example.org"); /* the address is free */
    const account_t *gone = guests_look(at, 1);
    guests_text(gone->login, "ann");
    guests_text(gone->username, "deleted");
    assert_int_equal(gone->deleted, at->now);
    guests_be_operator(at);
    guests_text(guests_look(at, 1)->email, "");
    assert_int_equal(guests_sign_in(at, "ann", "secret-1")->status, ERR_BAD_CREDENTIALS);
    assert_int_equal(guests_sign_in(at, "Ann A.", "secret-1")->status, ERR_BAD_CREDENTIALS);
    assert_int_equal(guests_sign_in(at, "deleted", "secret-1")->status, ERR_BAD_CREDENTIALS);

    account_register_call_t again = {.login = SLICE_LIT("ann"), .password = SLICE_LIT("secret-1")};
    guests_refused(at, staging_ask(at, CALL_account_register, &again), ERR_EXISTS,
                   "`login`: is taken");
}

static void test_an_account_is_deleted_with_the_password_only(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", NULL);
    guests_refused(at, s_delete(at, "wrong-1"), ERR_BAD_CREDENTIALS,
                   "`password`: is not the present one");
    assert_false(guests_gone(at));
}

static void test_links_of_a_deleted_account_open_nothing(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    nonce_t nonce = guests_nonce(at, 1, purpose_VERIFY);
    guests_done(s_delete(at, "secret-1"));
    guests_refused(at, s_verify(at, 1, slice_of(nonce.text)), ERR_INVALID, s_bad_link);
}

static void test_a_link_may_be_shown_with_a_login(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_join(at, "bob", NULL);
    nonce_t nonce = guests_nonce(at, 1, purpose_VERIFY);
    slice_t id = slice_of(nonce.text);
    guests_refused(at, s_verify_as(at, "bob", 1, id), ERR_INVALID, s_bad_link);
    guests_refused(at, s_verify_as(at, "no-one", 1, id), ERR_INVALID, s_bad_link);
    guests_done(s_verify_as(at, "Ann", 1, id));
}

/* Staff is known to whoever made it so. */
static void test_without_a_proven_email_nobody_signs_in_if_the_setting_says_so(void **state)
{
    static const char unproven[] = "the e-mail is not proven: use the link of the mail";
    staging_t *at = *state;
    stage_set_options(at->stage, &(actor_options_t){.proven_only = true});
    guests_join(at, "ann", "ann@example.org");
    guests_join(at, "bob", NULL);
    guests_join_as(at, "mod", role_MODERATOR);
    guests_refused(at, guests_sign_in(at, "bob", "secret-1"), ERR_FORBIDDEN, unproven);
    guests_refused(at, guests_sign_in(at, "ann", "secret-1"), ERR_FORBIDDEN, unproven);
    guests_refused(at, guests_sign_in(at, "ann", "wrong-1"), ERR_BAD_CREDENTIALS, NULL);
    guests_done(s_prove(at, 1));
    assert_int_equal(guests_sign_in(at, "ann", "secret-1")->status, ERR_OK);
    assert_int_equal(guests_sign_in(at, "mod", "secret-1")->status, ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_a_new_account_has_a_uuid_of_its_own),
        GUESTS_TEST(test_strangers_do_not_see_what_is_private),
        GUESTS_TEST(test_emails_are_shown_to_all_if_the_setting_says_so),
        GUESTS_TEST(test_accounts_are_found_by_login_only),
        GUESTS_TEST(test_accounts_are_listed_by_their_ids),
        GUESTS_TEST(test_a_new_name_is_shown_and_signs_in),
        GUESTS_TEST(test_the_same_name_again_is_no_event),
        GUESTS_TEST(test_names_of_others_are_refused),
        GUESTS_TEST(test_sign_up_with_an_email_asks_for_its_link),
        GUESTS_TEST(test_a_link_proves_the_email_once),
        GUESTS_TEST(test_bad_links_are_refused_in_the_same_words),
        GUESTS_TEST(test_a_link_may_be_shown_with_a_login),
        GUESTS_TEST(test_a_link_asked_for_again_is_the_same_until_it_expires),
        GUESTS_TEST(test_a_proven_email_needs_no_link),
        GUESTS_TEST(test_without_a_proven_email_nobody_signs_in_if_the_setting_says_so),
        GUESTS_TEST(test_another_email_must_be_proven_anew),
        GUESTS_TEST(test_an_old_link_does_not_prove_a_new_email),
        GUESTS_TEST(test_an_email_is_changed_with_the_password_only),
        GUESTS_TEST(test_who_proves_an_email_displaces_who_only_claimed_it),
        GUESTS_TEST(test_of_two_who_claim_an_email_one_proves_it),
        GUESTS_TEST(test_a_deleted_account_leaves_its_login_and_nothing_else),
        GUESTS_TEST(test_an_account_is_deleted_with_the_password_only),
        GUESTS_TEST(test_links_of_a_deleted_account_open_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
