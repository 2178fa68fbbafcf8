/* recommend_test.c - recommendations of the actor, as people change, come and go. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ANN = 1, BOB, CAT, DAN, PEOPLE = DAN };

static int s_setup(void **state)
{
    static const char *const logins[] = {"ann", "bob", "cat", "dan"};
    staging_t *at = people_of(&matching_actor, logins, PEOPLE);
    for (uint64_t account = BOB; account <= DAN; account++)
        assert_int_equal(
            ASK(at, account, profile_update, .gender = SLICE_LIT("male"), .age = 28 + account)
                ->status,
            ERR_OK);
    *state = at;
    return 0;
}

static const recommendation_list_t *s_list(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

#define RECOMMEND(at, who, ...) s_list(ASK(at, who, people_recommend, __VA_ARGS__))

static bool s_is_among(const recommendation_list_t *list, uint64_t account)
{
    const recommendation_t *people = list->people.items;
    for (size_t i = 0; i < list->people.count; i++)
        if (people[i].profile->account == account)
            return true;
    return false;
}

static bool s_recommends(staging_t *at, uint64_t whom)
{
    return s_is_among(RECOMMEND(at, ANN, .sort = people_sort_NONE), whom);
}

static void test_the_crowd_follows_the_rows(void **state)
{
    staging_t *at = *state;
    assert_int_equal(RECOMMEND(at, ANN, 0)->people.count, 3);
    (void)ASK(at, BOB, profile_update, .hidden = true);
    assert_false(s_recommends(at, BOB));
    (void)ASK(at, BOB, profile_update, .clear = SLICE_LIT("hidden"));
    assert_true(s_recommends(at, BOB));
    staging_tell(at, EVENT_account_banned, CAT, &(account_banned_event_t){CAT, INT64_MAX, {0}});
    assert_false(s_recommends(at, CAT));
    staging_tell(at, EVENT_account_unbanned, CAT, &(account_unbanned_event_t){CAT});
    assert_true(s_recommends(at, CAT));
    staging_tell(at, EVENT_account_deleted, DAN,
                 &(account_deleted_event_t){DAN, SLICE_LIT("deleted")});
    assert_false(s_recommends(at, DAN));
    staging_restart(at);
    assert_int_equal(RECOMMEND(at, ANN, 0)->people.count, 2);
}

static void test_what_is_lost_is_not_followed(void **state)
{
    staging_t *at = *state;
    assert_true(s_recommends(at, BOB));
    at->principal = BOB;
    staging_send(at, CALL_profile_update, &(profile_update_call_t){.hidden = true});
    staging_lose(at);
    assert_true(s_recommends(at, BOB));
}

/* A question between a decision and its commit still finds what is committed, and the next
 * one what was decided. */
static void test_what_is_pending_is_followed_once_it_is_committed(void **state)
{
    staging_t *at = *state;
    assert_true(s_recommends(at, BOB));
    at->principal = BOB;
    staging_send(at, CALL_profile_update, &(profile_update_call_t){.hidden = true});
    at->principal = ANN;
    staging_send(at, CALL_people_recommend, &(people_recommend_call_t){0});
    staging_commit(at);
    assert_int_equal(at->outcome_count, 2);
    assert_true(s_is_among(at->outcomes[1].answer, BOB));
    assert_false(s_recommends(at, BOB));
}

static void test_who_is_blocked_loses_fame_at_once(void **state)
{
    staging_t *at = *state;
    (void)ASK(at, CAT, people_like, .account = BOB);
    assert_true(s_is_among(RECOMMEND(at, ANN, .fame_min = 15), BOB));
    (void)ASK(at, DAN, people_block, .account = BOB);
    assert_false(s_is_among(RECOMMEND(at, ANN, .fame_min = 15), BOB)); /* 5 points are 9 */
    assert_true(s_is_among(RECOMMEND(at, ANN, .fame_min = 9), BOB));
}

static void test_pages_go_on_behind_the_last(void **state)
{
    staging_t *at = *state;
    uint64_t seen = 0;
    char cursor[LIMIT_PEOPLE_CURSOR + 1] = ""; /* outlives the commit of the next page */
    for (int page = 0; page < 3; page++) {
        const recommendation_list_t *list =
            RECOMMEND(at, ANN, .sort = people_sort_AGE, .limit = 1, .cursor = slice_of(cursor));
        const recommendation_t *people = list->people.items;
        assert_int_equal(list->people.count, 1);
        seen |= UINT64_C(1) << people->profile->account;
        snprintf(cursor, sizeof cursor, "%.*s", SLICE_ARG(list->next));
    }
    assert_int_equal(seen, 1u << BOB | 1u << CAT | 1u << DAN);
}

/* One of a page, and the cursor behind it. */
static uint64_t s_turn_page(staging_t *at, char cursor[LIMIT_PEOPLE_CURSOR + 1])
{
    const recommendation_list_t *list =
        RECOMMEND(at, ANN, .sort = people_sort_AGE, .limit = 1, .cursor = slice_of(cursor));
    const recommendation_t *people = list->people.items;
    snprintf(cursor, LIMIT_PEOPLE_CURSOR + 1, "%.*s", SLICE_ARG(list->next));
    return list->people.count > 0 ? people->profile->account : 0;
}

/* The youngest first: Bob, Cat, Dan, and among them who comes meanwhile. */
static void test_pages_hold_while_people_come_and_go(void **state)
{
    enum { EVE = PEOPLE + 1, FAY };
    staging_t *at = *state;
    char cursor[LIMIT_PEOPLE_CURSOR + 1] = "";
    for (uint64_t account = EVE; account <= FAY; account++)
        staging_tell(at, EVENT_account_registered, account,
                     &(account_registered_event_t){.id = account,
                                                   .login = SLICE_LIT("somebody"),
                                                   .username = SLICE_LIT("somebody")});
    assert_int_equal(s_turn_page(at, cursor), BOB);
    (void)ASK(at, EVE, profile_update, .age = 20); /* on the page before */
    (void)ASK(at, FAY, profile_update, .age = 60); /* on the last */
    staging_tell(at, EVENT_account_deleted, BOB,
                 &(account_deleted_event_t){BOB, SLICE_LIT("deleted")});
    assert_int_equal(s_turn_page(at, cursor), CAT);
    (void)ASK(at, CAT, profile_update, .hidden = true);
    assert_int_equal(s_turn_page(at, cursor), DAN);
    assert_int_equal(s_turn_page(at, cursor), FAY);
    assert_int_equal(s_turn_page(at, cursor), 0);
}

static const encounter_list_t *s_visits(staging_t *at, uint64_t before)
{
    const outcome_t *outcome = ASK(at, ANN, people_visits, .before = before, .limit = 1);
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static uint64_t s_visitor(const encounter_list_t *list)
{
    return list->people.count > 0 ? ((const encounter_t *)list->people.items)->account : 0;
}

static void test_lists_hold_while_people_come_and_go(void **state)
{
    staging_t *at = *state;
    (void)ASK(at, ANN, profile_update, .age = 30);
    for (uint64_t account = BOB; account <= DAN; account++)
        assert_int_equal(ASK(at, account, people_visit, .account = ANN)->status, ERR_OK);
    const encounter_list_t *list = s_visits(at, 0);
    uint64_t next = list->next;
    assert_int_equal(s_visitor(list), DAN);
    at->now += INT64_C(120) * 1000 * 1000;
    (void)ASK(at, DAN, people_visit, .account = ANN); /* comes again, to the front */
    staging_tell(at, EVENT_account_deleted, CAT,
                 &(account_deleted_event_t){CAT, SLICE_LIT("deleted")});
    list = s_visits(at, next);
    next = list->next;
    assert_int_equal(s_visitor(list), BOB);
    assert_int_equal(s_visitor(s_visits(at, next)), 0);
    assert_int_equal(s_visitor(s_visits(at, 0)), DAN);
}

static void test_wrong_questions_are_refused(void **state)
{
    staging_t *at = *state;
#define WRONG(...) \
    assert_int_equal(ASK(at, ANN, people_recommend, __VA_ARGS__)->status, ERR_INVALID)
    WRONG(.cursor = SLICE_LIT("1.2"));
    WRONG(.cursor = SLICE_LIT("1.2.3x"));
    WRONG(.cursor = SLICE_LIT("9000000000000000.2.3")); /* a time that is yet to come */
    WRONG(.distance_max = 5);
    WRONG(.tags = SLICE_LIT("a,b,c,d,e,f,g,h,i,j,k"));
#undef WRONG
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)
    const struct CMUnitTest tests[] = {
        TEST(test_the_crowd_follows_the_rows),
        TEST(test_what_is_lost_is_not_followed),
        TEST(test_what_is_pending_is_followed_once_it_is_committed),
        TEST(test_who_is_blocked_loses_fame_at_once),
        TEST(test_pages_go_on_behind_the_last),
        TEST(test_pages_hold_while_people_come_and_go),
        TEST(test_lists_hold_while_people_come_and_go),
        TEST(test_wrong_questions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
