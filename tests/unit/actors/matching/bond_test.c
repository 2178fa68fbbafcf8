/* bond_test.c - likes, visits and blocks count while those are there who gave them. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ANN = 1, BOB, CAT, DAN, PEOPLE = DAN, MANY = 600, ROUNDS = 40 };

static int s_setup(void **state)
{
    static const char *const logins[] = {"ann", "bob", "cat", "dan"};
    *state = people_of(&matching_actor, logins, PEOPLE);
    return 0;
}

static void s_ban(staging_t *at, uint64_t account, int64_t until)
{
    staging_tell(at, EVENT_account_banned, account, &(account_banned_event_t){account, until, {0}});
}

static void s_unban(staging_t *at, uint64_t account)
{
    staging_tell(at, EVENT_account_unbanned, account, &(account_unbanned_event_t){account});
}

static void s_delete(staging_t *at, uint64_t account)
{
    staging_tell(at, EVENT_account_deleted, account,
                 &(account_deleted_event_t){account, SLICE_LIT("deleted")});
}

/* Rounds until nothing comes of them. */
static void s_rounds(staging_t *at)
{
    for (int i = 0; i < ROUNDS; i++)
        staging_tick(at);
    assert_int_equal(at->told_count, 0);
}

static void s_expect(staging_t *at, uint64_t account, uint64_t likes, uint64_t visits,
                     uint64_t fame)
{
    const outcome_t *outcome = ASK(at, account, profile_get, .account = account);
    assert_int_equal(outcome->status, ERR_OK);
    const profile_t *profile = outcome->answer;
    assert_int_equal(profile->likes, likes);
    assert_int_equal(profile->visits, visits);
    assert_int_equal(profile->fame, fame);
}

/* Ann and Bob like each other, Cat has visited Bob, Dan blocks him: 10 + 20 + 1 - 5 points. */
static void s_meet(staging_t *at)
{
    assert_int_equal(ASK(at, ANN, people_like, .account = BOB)->status, ERR_OK);
    assert_int_equal(ASK(at, BOB, people_like, .account = ANN)->status, ERR_OK);
    assert_int_equal(ASK(at, CAT, people_visit, .account = BOB)->status, ERR_OK);
    assert_int_equal(ASK(at, DAN, people_block, .account = BOB)->status, ERR_OK);
    s_expect(at, BOB, 1, 1, 49);
}

static void test_of_the_deleted_nothing_counts(void **state)
{
    staging_t *at = *state;
    s_meet(at);
    s_delete(at, DAN);
    s_rounds(at);
    s_expect(at, BOB, 1, 1, 58); /* 31 points */
    s_delete(at, ANN);
    s_rounds(at);
    s_expect(at, BOB, 0, 1, 1); /* 1 point */
    s_delete(at, CAT);
    s_rounds(at);
    s_expect(at, BOB, 0, 0, 0);
}

static void test_after_a_ban_all_counts_again(void **state)
{
    staging_t *at = *state;
    s_meet(at);
    for (uint64_t account = ANN; account <= DAN; account++)
        if (account != BOB)
            s_ban(at, account, INT64_MAX);
    s_rounds(at);
    s_expect(at, BOB, 0, 0, 0);
    for (uint64_t account = ANN; account <= DAN; account++)
        s_unban(at, account);
    s_rounds(at);
    s_expect(at, BOB, 1, 1, 49);
}

static void test_a_ban_that_is_over_is_noticed(void **state)
{
    staging_t *at = *state;
    s_meet(at);
    s_ban(at, ANN, at->now + INT64_C(3600) * 1000 * 1000);
    s_rounds(at);
    s_expect(at, BOB, 0, 1, 0);
    staging_restart(at);
    s_rounds(at);
    s_expect(at, BOB, 0, 1, 0);
    at->now += INT64_C(3600) * 1000 * 1000;
    s_rounds(at);
    s_expect(at, BOB, 1, 1, 49);
}

static void test_what_others_do_meanwhile_is_counted_once(void **state)
{
    staging_t *at = *state;
    s_meet(at);
    s_ban(at, ANN, INT64_MAX);
    s_rounds(at);
    assert_int_equal(ASK(at, BOB, people_unlike, .account = ANN)->status, ERR_OK);
    s_expect(at, BOB, 0, 1, 0);
    s_unban(at, ANN);
    s_rounds(at);
    s_expect(at, BOB, 1, 1, 11); /* the like, the visit and the block: 6 points */
    s_expect(at, ANN, 0, 0, 0);
}

static void test_what_is_over_does_not_come_back(void **state)
{
    staging_t *at = *state;
    s_meet(at);
    assert_int_equal(ASK(at, ANN, people_unlike, .account = BOB)->status, ERR_OK);
    assert_int_equal(ASK(at, DAN, people_unblock, .account = BOB)->status, ERR_OK);
    s_expect(at, BOB, 0, 1, 1);
    s_ban(at, ANN, INT64_MAX);
    s_ban(at, DAN, INT64_MAX);
    s_rounds(at);
    s_expect(at, BOB, 0, 1, 1);
    s_unban(at, ANN);
    s_unban(at, DAN);
    s_rounds(at);
    s_expect(at, BOB, 0, 1, 1);
}

static void test_who_is_banned_begins_nothing(void **state)
{
    staging_t *at = *state;
    s_ban(at, ANN, INT64_MAX);
    assert_int_equal(ASK(at, ANN, people_like, .account = BOB)->status, ERR_FORBIDDEN);
    assert_int_equal(ASK(at, ANN, people_visit, .account = BOB)->status, ERR_FORBIDDEN);
    assert_int_equal(ASK(at, ANN, people_block, .account = BOB)->status, ERR_FORBIDDEN);
}

/* ---- many ---- */

static void s_like_many(staging_t *at)
{
    char login[32];
    for (uint64_t account = PEOPLE + 1; account <= PEOPLE + MANY; account++) {
        snprintf(login, sizeof login, "person%u", (unsigned)account);
        staging_tell(at, EVENT_account_registered, account,
                     &(account_registered_event_t){
                         .id = account, .login = slice_of(login), .username = slice_of(login)});
        assert_int_equal(ASK(at, ANN, people_like, .account = account)->status, ERR_OK);
    }
}

static uint64_t s_liked(staging_t *at)
{
    uint64_t likes = 0;
    for (uint64_t account = PEOPLE + 1; account <= PEOPLE + MANY; account++)
        likes +=
            ((const profile_t *)ASK(at, account, profile_get, .account = account)->answer)->likes;
    return likes;
}

static void test_many_are_withdrawn_round_by_round(void **state)
{
    staging_t *at = *state;
    s_like_many(at);
    assert_int_equal(s_liked(at), MANY);
    s_ban(at, ANN, INT64_MAX);
    staging_tick(at);
    assert_int_equal(s_liked(at), MANY - LIMIT_BONDS);
    s_unban(at, ANN); /* before it is done */
    s_rounds(at);
    assert_int_equal(s_liked(at), MANY);
    s_delete(at, ANN);
    s_rounds(at);
    assert_int_equal(s_liked(at), 0);
}

static void test_neither_a_restart_nor_a_loss_ends_it(void **state)
{
    staging_t *at = *state;
    s_like_many(at);
    s_delete(at, ANN);
    staging_tick(at);
    staging_restart(at);
    assert_int_equal(s_liked(at), MANY - LIMIT_BONDS);
    for (int i = 0; i < ROUNDS; i++) /* the rest is decided, and lost */
        stage_tick(at->stage, at->now);
    staging_lose(at);
    assert_int_equal(s_liked(at), MANY - LIMIT_BONDS);
    s_rounds(at);
    assert_int_equal(s_liked(at), 0);
}

/* ---- who asks ---- */

static bool s_recommends_famous(staging_t *at)
{
    const outcome_t *outcome = ASK(at, CAT, people_recommend, .fame_min = 20, .any = true);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const recommendation_list_t *)outcome->answer)->people.count == 1;
}

static void test_recommendations_follow(void **state)
{
    staging_t *at = *state;
    s_meet(at);
    (void)ASK(at, BOB, profile_update, .age = 30);
    assert_true(s_recommends_famous(at));
    s_ban(at, ANN, INT64_MAX);
    s_rounds(at);
    assert_false(s_recommends_famous(at));
    s_unban(at, ANN);
    s_rounds(at);
    assert_true(s_recommends_famous(at));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)
    const struct CMUnitTest tests[] = {
        TEST(test_of_the_deleted_nothing_counts),
        TEST(test_after_a_ban_all_counts_again),
        TEST(test_a_ban_that_is_over_is_noticed),
        TEST(test_what_others_do_meanwhile_is_counted_once),
        TEST(test_what_is_over_does_not_come_back),
        TEST(test_who_is_banned_begins_nothing),
        TEST(test_many_are_withdrawn_round_by_round),
        TEST(test_neither_a_restart_nor_a_loss_ends_it),
        TEST(test_recommendations_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
