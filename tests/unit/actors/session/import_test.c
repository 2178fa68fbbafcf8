/* import_test.c - accounts from another system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/actors/session/guests.h"

#define VERIFIER "$argon2id$v=19$m=8,t=1,p=1$fvnqkfVj2qN0hwaJwceYQw$c29tZXNhbHRzb21lc2FsdA"

static const outcome_t *s_import(staging_t *at, const account_import_t *items, size_t count)
{
    account_import_call_t ask = {.accounts = {items, count}};
    at->rand[0]++;
    return staging_ask(at, CALL_account_import, &ask);
}

static void s_assert_result(const outcome_t *outcome, size_t place, uint64_t account,
                            const char *error)
{
    guests_done(outcome);
    const import_list_t *list = outcome->answer;
    assert_true(place < list->accounts.count);
    const imported_t *result = &((const imported_t *)list->accounts.items)[place];
    guests_text(result->error, error);
    assert_int_equal(result->account, account);
}

static void test_each_is_taken_or_refused_by_itself(void **state)
{
    staging_t *at = *state;
    guests_join(at, "taken", NULL);
    guests_be_operator(at);
    const account_import_t items[] = {
        {.login = SLICE_LIT("ann"), .verifier = SLICE_LIT(VERIFIER)},
        {.login = SLICE_LIT("Taken")},
        {.login = SLICE_LIT("<b>")},
        {.login = SLICE_LIT("bob"), .email = SLICE_LIT("nonsense")},
        {.login = SLICE_LIT("bob"), .verifier = SLICE_LIT("secret-1")},
        {.login = SLICE_LIT("bob"), .role = role_SYSTEM},
        {.login = SLICE_LIT("bob"), .username = SLICE_LIT("Bob B."), .role = role_BOT},
    };
    const outcome_t *outcome = s_import(at, items, COUNT_OF(items));
    s_assert_result(outcome, 0, 2, "");
    s_assert_result(outcome, 1, 0, "exists");
    s_assert_result(outcome, 2, 0, "invalid");
    s_assert_result(outcome, 3, 0, "invalid");
    s_assert_result(outcome, 4, 0, "invalid");
    s_assert_result(outcome, 5, 0, "forbidden");
    s_assert_result(outcome, 6, 3, "");
    assert_int_equal(at->told_count, 2);
    guests_text(guests_look(at, 3)->username, "Bob B.");
    assert_int_equal(guests_look(at, 3)->role, role_BOT);
}

static void test_names_that_come_twice_are_refused_the_second_time(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    const account_import_t items[] = {
        {.login = SLICE_LIT("ann"), .email = SLICE_LIT("ann@example.org"), .verified = true},
        {.login = SLICE_LIT("ANN")},
        {.login = SLICE_LIT("bob"), .email = SLICE_LIT("Ann@example.org")},
        {.login = SLICE_LIT("bob"), .email = SLICE_LIT("ann@example.org"), .verified = true},
        {.login = SLICE_LIT("ann@example.org")},
    };
    const outcome_t *outcome = s_import(at, items, COUNT_OF(items));
    s_assert_result(outcome, 0, 1, "");
    for (size_t i = 1; i < COUNT_OF(items); i++)
        s_assert_result(outcome, i, 0, "exists");
}

static void test_a_proven_email_displaces_a_claim(void **state)
{
    staging_t *at = *state;
    guests_join(at, "mallory", "ann@example.org");
    guests_be_operator(at);
    const account_import_t item = {
        .login = SLICE_LIT("ann"),
        .email = SLICE_LIT("ann@example.org"),
        .verified = true,
    };
    s_assert_result(s_import(at, &item, 1), 0, 2, "");
    guests_text(guests_look(at, 1)->email, "");
    assert_true(guests_look(at, 2)->verified);
}

static void test_each_has_a_uuid_of_its_own(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    const account_import_t items[] = {{.login = SLICE_LIT("ann")}, {.login = SLICE_LIT("bob")}};
    guests_done(s_import(at, items, COUNT_OF(items)));
    const account_registered_event_t *ann = at->told[0].body, *bob = at->told[1].body;
    assert_int_equal(ann->uuid.len, 36);
    assert_false(slice_eq(ann->uuid, bob->uuid));
}

static void test_no_links_go_out(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    const account_import_t item = {
        .login = SLICE_LIT("ann"),
        .email = SLICE_LIT("ann@example.org"),
    };
    s_assert_result(s_import(at, &item, 1), 0, 1, "");
    assert_int_equal(at->told_count, 1);
    assert_int_equal(guests_link(at, 1, purpose_VERIFY).nonce.len, 0);
}

static void test_importing_is_for_admins_and_keys(void **state)
{
    staging_t *at = *state;
    const account_import_t moderator = {.login = SLICE_LIT("new"), .role = role_MODERATOR};
    guests_join(at, "ann", NULL);
    guests_refused(at, s_import(at, &moderator, 1), ERR_FORBIDDEN, NULL);
    guests_join_as(at, "mod", role_MODERATOR);
    guests_refused(at, s_import(at, &moderator, 1), ERR_FORBIDDEN, NULL);

    key_create_call_t ask = {.name = SLICE_LIT("shop"), .scopes = SLICE_LIT("accounts")};
    guests_be_operator(at);
    const outcome_t *outcome = staging_ask(at, CALL_key_create, &ask);
    guests_done(outcome);
    const signed_in_t *key = outcome->answer;
    guests_be(at, key->account->id, key->session);
    s_assert_result(s_import(at, &moderator, 1), 0, 0, "forbidden");
    guests_join_as(at, "root", role_ADMIN);
    s_assert_result(s_import(at, &moderator, 1), 0, 5, "");
}

static void test_none_at_all_is_well(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    const outcome_t *outcome = s_import(at, NULL, 0);
    guests_done(outcome);
    assert_int_equal(((const import_list_t *)outcome->answer)->accounts.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_each_is_taken_or_refused_by_itself),
        GUESTS_TEST(test_names_that_come_twice_are_refused_the_second_time),
        GUESTS_TEST(test_a_proven_email_displaces_a_claim),
        GUESTS_TEST(test_each_has_a_uuid_of_its_own),
        GUESTS_TEST(test_no_links_go_out),
        GUESTS_TEST(test_importing_is_for_admins_and_keys),
        GUESTS_TEST(test_none_at_all_is_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
