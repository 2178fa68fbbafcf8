/* session_test.c - accounts and sessions, as their callers see them.
 *
 * Every test ends with the same question: does a fresh store that applies what was
 * committed become the same as the live one? */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

static const int64_t s_day = INT64_C(24) * 60 * 60 * 1000 * 1000; /* µs */

static int s_setup(void **state)
{
    *state = staging_new(&session_actor);
    return 0;
}

/* ---- what people do ---- */

static const outcome_t *s_sign_up(staging_t *at, const char *login, const char *username,
                                  const char *email)
{
    return staging_ask(at, CALL_account_register,
                       &(account_register_call_t){
                           .login = slice_of(login),
                           .username = slice_of(username),
                           .email = slice_of(email),
                           .password = SLICE_LIT("secret-1"),
                       });
}

static const outcome_t *s_sign_in(staging_t *at, const char *name, const char *password)
{
    session_open_call_t ask = {slice_of(name), slice_of(password)};
    return staging_ask(at, CALL_session_open, &ask);
}

static const signed_in_t *s_signed_in(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

/* From now on this is who asks. */
static void s_become(staging_t *at, const signed_in_t *who)
{
    at->principal = who->account->id;
    at->session = who->session;
}

static void s_be(staging_t *at, uint64_t account, uint64_t session)
{
    at->principal = account;
    at->session = session;
}

static const outcome_t *s_change_password(staging_t *at, const char *from, const char *to)
{
    password_change_call_t ask = {slice_of(from), slice_of(to)};
    return staging_ask(at, CALL_password_change, &ask);
}

static err_t s_sign_out(staging_t *at)
{
    return staging_ask(at, CALL_session_close, &(session_close_call_t){})->status;
}

static const ended_list_t *s_ended(staging_t *at)
{
    const outcome_t *outcome = staging_ask(at, CALL_session_ended, &(session_ended_call_t){});
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static const account_t *s_account(staging_t *at, uint64_t id)
{
    const outcome_t *outcome = staging_ask(at, CALL_account_get, &(account_get_call_t){id});
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static void s_assert_text(slice_t text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

static void s_assert_refused(const outcome_t *outcome, err_t status, const char *detail)
{
    assert_int_equal(outcome->status, status);
    s_assert_text(outcome->detail, detail);
}

/* ---- signing up ---- */

static void test_sign_up_gives_an_account_and_a_session(void **state)
{
    staging_t *at = *state;
    const signed_in_t *ann = s_signed_in(s_sign_up(at, "ann", "Ann A.", "ann@example.org"));
    assert_int_equal(ann->session, 1);
    assert_int_equal(ann->expires, at->now + 30 * s_day);
    assert_int_equal(ann->account->id, 1);
    s_assert_text(ann->account->login, "ann");
    s_assert_text(ann->account->username, "Ann A.");
    s_assert_text(ann->account->email, "ann@example.org");
    assert_int_equal(ann->account->created, at->now);
    assert_false(ann->account->online);

    const signed_in_t *bob = s_signed_in(s_sign_up(at, "bob", NULL, NULL));
    assert_int_equal(bob->session, 2);
    assert_int_equal(bob->account->id, 2);
    s_assert_text(bob->account->username, "bob");
    assert_int_equal(bob->account->email.len, 0);
}

static void test_sign_up_tells_who_it_is_about(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann", NULL, NULL);
    assert_int_equal(at->told_count, 2);
    assert_int_equal(at->told[0].record.type, EVENT_account_registered);
    assert_int_equal(at->told[0].record.account, 1);
    assert_int_equal(at->told[1].record.type, EVENT_session_opened);
    assert_int_equal(at->told[1].record.account, 1);
}

static void test_no_password_is_journaled(void **state)
{
    staging_t *at = *state;
    s_become(at, s_signed_in(s_sign_up(at, "ann", NULL, NULL)));
    s_become(at, s_signed_in(s_change_password(at, "secret-1", "secret-2")));
    assert_null(memmem(at->journal.data, at->journal.len, "secret", strlen("secret")));
}

static void test_names_are_checked(void **state)
{
    static const struct {
        const char *login, *username, *email, *detail;
    } wrong[] = {
        {NULL, NULL, NULL, "`login`: is missing"},
        {"<b>", NULL, NULL, "`login`: has characters that a name may not have"},
        {"tab\there", NULL, NULL, "`login`: has characters that a name may not have"},
        {"ann", "bidi\u202eabc", NULL, "`username`: has characters that a name may not have"},
        {"x2345678901234567890123456789012345678901234567890x", NULL, NULL,
         "`username`: must be given beside so long a login"},
        {"ann", NULL, "nobody", "`email`: is not an e-mail address"},
        {"ann", NULL, "@example.org", "`email`: is not an e-mail address"},
        {"ann", NULL, "ann@", "`email`: is not an e-mail address"},
        {"ann", NULL, "ann@b@c", "`email`: is not an e-mail address"},
        {"ann", NULL, "an n@example.org", "`email`: is not an e-mail address"},
        {"ann", NULL, "<i>@example.org", "`email`: is not an e-mail address"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        s_assert_refused(s_sign_up(*state, wrong[i].login, wrong[i].username, wrong[i].email),
                         ERR_INVALID, wrong[i].detail);
}

static void test_names_are_unique_whatever_their_case(void **state)
{
    static const struct {
        const char *login, *username, *email, *detail;
    } taken[] = {
        {"ANN", NULL, NULL, "`login`: is taken"},
        {"Ann@Example.org", NULL, NULL, "`login`: is taken"},
        {"new", "ann", NULL, "`username`: is taken"},
        {"new", "ann@example.org", NULL, "`username`: is taken"},
        {NULL, "ann@example.org", NULL, "`username`: is taken"},
        {"new", NULL, "ANN@example.org", "`email`: is taken"},
        {"new", NULL, "x@login", "`email`: is taken"},
    };
    s_signed_in(s_sign_up(*state, "ann", "Ann A.", "ann@example.org"));
    s_signed_in(s_sign_up(*state, "x@login", NULL, NULL));
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        s_assert_refused(s_sign_up(*state, taken[i].login, taken[i].username, taken[i].email),
                         ERR_EXISTS, taken[i].detail);
    s_signed_in(s_sign_up(*state, "new", "Ann A.", NULL)); /* a username may be shared */
}

static void test_a_login_is_made_from_a_username_alone(void **state)
{
    staging_t *at = *state;
    s_signed_in(s_sign_up(at, "Double-2", NULL, NULL));
    static const char *const logins[] = {"Double", "Double-3", "Double-4"};
    for (size_t i = 0; i < COUNT_OF(logins); i++) {
        const signed_in_t *in = s_signed_in(s_sign_up(at, NULL, "Double", NULL));
        s_assert_text(in->account->login, logins[i]);
        s_assert_text(in->account->username, "Double");
    }
}

static void test_after_a_hundred_namesakes_a_username_is_taken(void **state)
{
    staging_t *at = *state;
    for (int i = 0; i < 100; i++)
        s_signed_in(s_sign_up(at, NULL, "Double", NULL));
    s_assert_refused(s_sign_up(at, NULL, "Double", NULL), ERR_EXISTS, "`username`: is taken");
}

static void test_of_two_at_once_one_gets_the_name(void **state)
{
    staging_t *at = *state;
    account_register_call_t ask = {.login = SLICE_LIT("race"), .password = SLICE_LIT("secret-1")};
    staging_send(at, CALL_account_register, &ask);
    staging_send(at, CALL_account_register, &ask);
    while (staging_work(at))
        continue;
    staging_commit(at);
    assert_int_equal(at->outcome_count, 2);
    assert_int_equal(at->outcomes[0].status, ERR_OK);
    assert_int_equal(at->outcomes[1].status, ERR_EXISTS);
    assert_true(at->outcomes[1].rests); /* on a name that was not committed yet */
}

static void test_what_was_not_committed_never_happened(void **state)
{
    staging_t *at = *state;
    account_register_call_t ask = {.login = SLICE_LIT("ann"), .password = SLICE_LIT("secret-1")};
    staging_send(at, CALL_account_register, &ask);
    staging_work(at);
    staging_lose(at);
    assert_int_equal(s_signed_in(s_sign_up(at, "ann", NULL, NULL))->account->id, 1);
}

/* ---- signing in ---- */

static void test_sign_in_by_login_email_and_username(void **state)
{
    staging_t *at = *state;
    static const char *const names[] = {"ann", "ANN", "Ann@Example.ORG", "Ann A."};
    s_sign_up(at, "ann", "Ann A.", "ann@example.org");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const signed_in_t *in = s_signed_in(s_sign_in(at, names[i], "secret-1"));
        assert_int_equal(in->account->id, 1);
        assert_int_equal(in->session, 2 + i);
    }
}

static void test_a_shared_username_signs_in_its_first_holder(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "twin-1", "Twin", NULL);
    s_sign_up(at, "twin-2", "Twin", NULL);
    assert_int_equal(s_signed_in(s_sign_in(at, "twin", "secret-1"))->account->id, 1);
}

static void test_wrong_and_unknown_are_refused_alike(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann", NULL, NULL);
    s_assert_refused(s_sign_in(at, "ann", "secret-0"), ERR_BAD_CREDENTIALS, "");
    assert_int_equal(at->told_count, 0);

    session_open_call_t ask = {SLICE_LIT("nobody"), SLICE_LIT("secret-1")};
    staging_send(at, CALL_session_open, &ask);
    assert_true(staging_work(at)); /* the same work for a name that nobody has */
    staging_commit(at);
    s_assert_refused(&at->outcomes[0], ERR_BAD_CREDENTIALS, "");
}

/* The same work, and a word for the clients that show which of the two was wrong. */
static void test_who_wants_to_know_is_told_of_a_wrong_name(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann", NULL, NULL);
    session_open_call_t ask = {SLICE_LIT("nobody"), SLICE_LIT("secret-1"), .tell = true};
    staging_send(at, CALL_session_open, &ask);
    assert_true(staging_work(at));
    staging_commit(at);
    s_assert_refused(&at->outcomes[0], ERR_BAD_CREDENTIALS, "`login`: is nobody's");
    ask = (session_open_call_t){SLICE_LIT("ann"), SLICE_LIT("secret-0"), .tell = true};
    s_assert_refused(staging_ask(at, CALL_session_open, &ask), ERR_BAD_CREDENTIALS, "");
}

static void test_an_old_password_opens_nothing_even_if_it_was_verified_before(void **state)
{
    staging_t *at = *state;
    s_become(at, s_signed_in(s_sign_up(at, "ann", NULL, NULL)));

    /* The pool holds the old password against the old verifier while it is replaced. */
    uint64_t ticket;
    work_t work;
    session_open_call_t ask = {SLICE_LIT("ann"), SLICE_LIT("secret-1")};
    staging_send(at, CALL_session_open, &ask);
    assert_true(stage_take_work(at->stage, &ticket, &work));
    char held[64] = {0};
    memcpy(held, work.verifier.ptr, work.verifier.len);
    s_signed_in(s_change_password(at, "secret-1", "secret-2"));

    work_result_t result = {.kind = WORK_VERIFY, .fits = true, .verifier = slice_of(held)};
    stage_result(at->stage, ticket, &result);
    staging_commit(at);
    assert_int_equal(at->outcomes[0].status, ERR_BAD_CREDENTIALS);
}

/* ---- clients that send the MD5 of a password ---- */

static work_t s_next_work(staging_t *at, uint64_t *ret_ticket)
{
    work_t work;
    assert_true(stage_take_work(at->stage, ret_ticket, &work));
    return work;
}

/* The pool's part: what is hashed has these two verifiers. */
static void s_hashed(staging_t *at, uint64_t ticket, const char *own, const char *md5)
{
    work_result_t result = {
        .kind = WORK_HASH,
        .verifier = slice_of(own),
        .md5_verifier = slice_of(md5),
    };
    stage_result(at->stage, ticket, &result);
    staging_commit(at);
    assert_int_equal(at->outcomes[0].status, ERR_OK);
}

static void test_both_verifiers_are_kept_and_given_to_the_pool(void **state)
{
    staging_t *at = *state;
    uint64_t ticket;
    staging_send(at, CALL_account_register,
                 &(account_register_call_t){
                     .login = SLICE_LIT("ann"),
                     .password = SLICE_LIT("secret-1"),
                     .hashed = true,
                 });
    assert_true(s_next_work(at, &ticket).hashed);
    s_hashed(at, ticket, "own", "of md5");
    s_become(at, s_signed_in(&at->outcomes[0]));
    staging_send(at, CALL_session_open,
                 &(session_open_call_t){
                     .login = SLICE_LIT("ann"),
                     .password = SLICE_LIT("secret-1"),
                     .hashed = true,
                 });
    work_t work = s_next_work(at, &ticket);
    assert_int_equal(work.kind, WORK_VERIFY);
    assert_true(work.hashed && slice_is(work.verifier, "own"));
    assert_true(slice_is(work.md5_verifier, "of md5"));
}

static void test_a_new_password_has_new_ones(void **state)
{
    staging_t *at = *state;
    uint64_t ticket;
    s_become(at, s_signed_in(s_sign_up(at, "ann", NULL, NULL)));
    staging_send(at, CALL_password_change,
                 &(password_change_call_t){SLICE_LIT("secret-1"), SLICE_LIT("secret-2")});
    assert_true(staging_work(at));
    work_t work = s_next_work(at, &ticket);
    assert_true(work.kind == WORK_HASH && !work.hashed);
    s_hashed(at, ticket, "newer", "of newer md5");
    staging_send(at, CALL_session_open,
                 &(session_open_call_t){SLICE_LIT("ann"), SLICE_LIT("secret-2")});
    work = s_next_work(at, &ticket);
    assert_false(work.hashed);
    assert_true(slice_is(work.verifier, "newer") && slice_is(work.md5_verifier, "of newer md5"));
}

/* ---- sessions end ---- */

static void test_sign_out_ends_the_session_once(void **state)
{
    staging_t *at = *state;
    s_become(at, s_signed_in(s_sign_up(at, "ann", NULL, NULL)));
    assert_int_equal(s_sign_out(at), ERR_OK);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(at->told[0].record.type, EVENT_session_closed);
    assert_int_equal(at->told[0].record.account, 1);
    assert_int_equal(s_sign_out(at), ERR_OK);
    assert_int_equal(at->told_count, 0);

    const ended_list_t *ended = s_ended(at);
    assert_int_equal(ended->accounts.count, 0);
    assert_int_equal(ended->sessions.count, 1);
    const ended_session_t *session = ended->sessions.items;
    assert_int_equal(session->session, 1);
    assert_int_equal(session->expires, at->now + 30 * s_day);
}

static void test_nobody_ends_the_session_of_another(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann", NULL, NULL);
    s_sign_up(at, "bob", NULL, NULL);
    s_be(at, 2, 1);
    assert_int_equal(s_sign_out(at), ERR_OK);
    assert_int_equal(at->told_count, 0);
    s_be(at, 2, 77);
    assert_int_equal(s_sign_out(at), ERR_OK);
    assert_int_equal(at->told_count, 0);
}

static void test_a_new_password_ends_all_earlier_sessions(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann", NULL, NULL);
    s_sign_up(at, "bob", NULL, NULL);
    s_become(at, s_signed_in(s_sign_in(at, "ann", "secret-1")));
    const signed_in_t *changed = s_signed_in(s_change_password(at, "secret-1", "secret-2"));
    assert_int_equal(changed->session, 4);
    assert_int_equal(at->told_count, 3);
    assert_int_equal(at->told[0].record.type, EVENT_password_changed);
    assert_int_equal(at->told[1].record.type, EVENT_sessions_revoked);
    assert_int_equal(at->told[2].record.type, EVENT_session_opened);

    const ended_list_t *ended = s_ended(at);
    assert_int_equal(ended->sessions.count, 0);
    assert_int_equal(ended->accounts.count, 1);
    const not_before_t *ann = ended->accounts.items;
    assert_int_equal(ann->account, 1);
    assert_int_equal(ann->session, 4);

    assert_int_equal(s_sign_in(at, "ann", "secret-1")->status, ERR_BAD_CREDENTIALS);
    assert_int_equal(s_sign_in(at, "ann", "secret-2")->status, ERR_OK);
}

static void test_only_a_good_session_changes_the_password(void **state)
{
    staging_t *at = *state;
    s_become(at, s_signed_in(s_sign_up(at, "ann", NULL, NULL)));
    s_assert_refused(s_change_password(at, "secret-0", "secret-2"), ERR_BAD_CREDENTIALS,
                     "`password`: is not the present one");
    s_signed_in(s_change_password(at, "secret-1", "secret-2")); /* ends the session itself */
    assert_int_equal(s_change_password(at, "secret-2", "secret-3")->status, ERR_SESSION_ENDED);

    s_become(at, s_signed_in(s_sign_in(at, "ann", "secret-2")));
    s_sign_out(at);
    assert_int_equal(s_change_password(at, "secret-2", "secret-3")->status, ERR_SESSION_ENDED);

    s_become(at, s_signed_in(s_sign_in(at, "ann", "secret-2")));
    at->now += 30 * s_day;
    assert_int_equal(s_change_password(at, "secret-2", "secret-3")->status, ERR_SESSION_ENDED);
}

static void test_of_two_new_passwords_at_once_one_counts(void **state)
{
    staging_t *at = *state;
    s_become(at, s_signed_in(s_sign_up(at, "ann", NULL, NULL)));
    password_change_call_t first = {SLICE_LIT("secret-1"), SLICE_LIT("secret-2")};
    password_change_call_t second = {SLICE_LIT("secret-1"), SLICE_LIT("secret-3")};
    staging_send(at, CALL_password_change, &first);
    staging_send(at, CALL_password_change, &second);
    while (staging_work(at))
        continue;
    staging_commit(at);
    assert_int_equal(at->outcomes[0].status, ERR_OK);
    assert_int_equal(at->outcomes[1].status, ERR_SESSION_ENDED);
    assert_int_equal(s_sign_in(at, "ann", "secret-2")->status, ERR_OK);
}

static void test_what_has_expired_is_forgotten(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann", NULL, NULL);
    for (int i = 0; i < 6; i++) {
        s_become(at, s_signed_in(s_sign_in(at, "ann", "secret-1")));
        s_sign_out(at);
    }
    assert_int_equal(s_ended(at)->sessions.count, 6);
    at->now += 31 * s_day;
    assert_int_equal(s_ended(at)->sessions.count, 0);

    /* Two rows go with each that comes: after four the store is as small as it gets. */
    for (int i = 0; i < 4; i++) {
        s_become(at, s_signed_in(s_sign_in(at, "ann", "secret-1")));
        s_sign_out(at);
    }
    assert_int_equal(s_ended(at)->sessions.count, 4);
    assert_int_equal(staging_rows(at, 's'), 4);
    assert_int_equal(staging_rows(at, 'o'), 4);
    assert_int_equal(staging_rows(at, 'q'), 4 + 1); /* and how many they are */
    assert_int_equal(staging_rows(at, 'x'), 4 + 1);
}

/* ---- looking people up ---- */

static void test_an_email_is_shown_to_its_owner_only(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann", NULL, "ann@example.org");
    s_sign_up(at, "bob", NULL, "bob@example.org");
    s_be(at, 1, 1);
    s_assert_text(s_account(at, 0)->email, "ann@example.org");
    s_assert_text(s_account(at, 1)->email, "ann@example.org");
    s_assert_text(s_account(at, 2)->email, "");
    s_assert_text(s_account(at, 2)->login, "bob");
    const account_list_t *all =
        staging_ask(at, CALL_account_list, &(account_list_call_t){})->answer;
    assert_int_equal(all->accounts.count, 2);
    s_assert_text(((const account_t *)all->accounts.items)[0].email, "ann@example.org");
    s_assert_text(((const account_t *)all->accounts.items)[1].email, "");

    account_get_call_t nobody = {3};
    assert_int_equal(staging_ask(at, CALL_account_get, &nobody)->status, ERR_NOT_FOUND);
    nobody.account = UINT64_MAX;
    assert_int_equal(staging_ask(at, CALL_account_get, &nobody)->status, ERR_NOT_FOUND);
}

static void test_accounts_are_listed_in_pages(void **state)
{
    staging_t *at = *state;
    for (int i = 0; i < 7; i++)
        s_sign_up(at, NULL, "many", NULL);
    s_be(at, 1, 1);
    uint64_t after = 0;
    for (size_t left = 7; left > 0;) {
        account_list_call_t ask = {.after = after, .limit = 3};
        const account_list_t *page = staging_ask(at, CALL_account_list, &ask)->answer;
        const account_t *accounts = page->accounts.items;
        assert_int_equal(page->accounts.count, left < 3 ? left : 3);
        for (size_t i = 0; i < page->accounts.count; i++)
            assert_int_equal(accounts[i].id, ++after);
        left -= page->accounts.count;
    }
    account_list_call_t ask = {.after = 7};
    const account_list_t *rest = staging_ask(at, CALL_account_list, &ask)->answer;
    assert_int_equal(rest->accounts.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sign_up_gives_an_account_and_a_session),
        TEST(test_sign_up_tells_who_it_is_about),
        TEST(test_no_password_is_journaled),
        TEST(test_names_are_checked),
        TEST(test_names_are_unique_whatever_their_case),
        TEST(test_a_login_is_made_from_a_username_alone),
        TEST(test_after_a_hundred_namesakes_a_username_is_taken),
        TEST(test_of_two_at_once_one_gets_the_name),
        TEST(test_what_was_not_committed_never_happened),
        TEST(test_sign_in_by_login_email_and_username),
        TEST(test_a_shared_username_signs_in_its_first_holder),
        TEST(test_wrong_and_unknown_are_refused_alike),
        TEST(test_who_wants_to_know_is_told_of_a_wrong_name),
        TEST(test_an_old_password_opens_nothing_even_if_it_was_verified_before),
        TEST(test_both_verifiers_are_kept_and_given_to_the_pool),
        TEST(test_a_new_password_has_new_ones),
        TEST(test_sign_out_ends_the_session_once),
        TEST(test_nobody_ends_the_session_of_another),
        TEST(test_a_new_password_ends_all_earlier_sessions),
        TEST(test_only_a_good_session_changes_the_password),
        TEST(test_of_two_new_passwords_at_once_one_counts),
        TEST(test_what_has_expired_is_forgotten),
        TEST(test_an_email_is_shown_to_its_owner_only),
        TEST(test_accounts_are_listed_in_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
