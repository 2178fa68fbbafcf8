/* why_test.c - each recommendation says why, and each rule can be why not. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ANN = 1, BOB, CAT, MOD, PEOPLE = MOD, RULES = people_rule_TAGS };

static int s_setup(void **state)
{
    static const char *const logins[] = {"ann", "bob", "cat", "mod"};
    static const tag_t tags[] = {{.name = SLICE_LIT("chess")}, {.name = SLICE_LIT("tea")}};
    staging_t *at = people_of(&matching_actor, logins, PEOPLE);
    staging_tell(at, EVENT_role_changed, MOD, &(role_changed_event_t){MOD, role_MODERATOR});
    for (uint64_t account = ANN; account <= MOD; account++)
        (void)ASK(at, account, profile_update, .gender = SLICE_LIT("female"), .age = 29 + account,
                  .lat = 48856600 + (int64_t)account * 1000000, .lon = 2352200,
                  .tags = {tags, account % 2 + 1});
    (void)ASK(at, CAT, people_like, .account = BOB);
    *state = at;
    return 0;
}

static int s_teardown(void **state)
{
    staging_t *at = *state;
    staging_destroy(&at);
    return 0;
}

/* ---- why ---- */

static void s_check_why(const recommendation_t *one)
{
    const why_t *why = one->why;
    assert_int_equal(one->score, why->distance + why->tags + why->fame + why->recency);
    assert_int_equal(why->distance, 20000 / (50 + one->profile->distance));
    assert_int_equal(why->tags, 300 * one->common_tags / 2);
    assert_int_equal(why->fame, one->profile->fame / 5);
    assert_int_equal(why->recency, 100);
}

static void test_each_recommendation_says_why(void **state)
{
    staging_t *at = *state;
    for (people_sort_t sort = people_sort_BEST; sort <= people_sort_TAGS; sort++) {
        const outcome_t *outcome = ASK(at, ANN, people_recommend, .sort = sort);
        assert_int_equal(outcome->status, ERR_OK);
        list_t people = ((const recommendation_list_t *)outcome->answer)->people;
        assert_int_equal(people.count, 3);
        for (size_t i = 0; i < people.count; i++)
            s_check_why(&((const recommendation_t *)people.items)[i]);
    }
}

/* ---- why not ---- */

/* The only rule that keeps Bob from somebody; NONE if none does. */
static people_rule_t s_rule(staging_t *at, uint64_t who, people_why_not_call_t ask)
{
    const outcome_t *outcome = people_ask(at, who, CALL_people_why_not, &ask);
    assert_int_equal(outcome->status, ERR_OK);
    const why_not_t *why = outcome->answer;
    assert_int_equal(why->recommended, why->rules.count == 0);
    assert_true(why->rules.count <= 1);
    return why->rules.count > 0 ? ((const hiding_t *)why->rules.items)->rule : people_rule_NONE;
}

#define WHY_NOT(at, who, ...) \
    s_rule((at), (who), (people_why_not_call_t){.account = BOB, __VA_ARGS__})

static void s_say(staging_t *at, uint64_t who, profile_update_call_t words)
{
    assert_int_equal(people_ask(at, who, CALL_profile_update, &words)->status, ERR_OK);
}

static void test_filters_can_be_why_not(void **state)
{
    staging_t *at = *state;
    assert_int_equal(WHY_NOT(at, ANN, .age_max = 100), people_rule_NONE);
    assert_int_equal(WHY_NOT(at, BOB, .age_max = 100), people_rule_SELF);
    assert_int_equal(WHY_NOT(at, ANN, .age_max = 30), people_rule_AGE);
    assert_int_equal(WHY_NOT(at, ANN, .age_min = 32), people_rule_AGE);
    assert_int_equal(WHY_NOT(at, ANN, .distance_max = 100), people_rule_DISTANCE);
    assert_int_equal(WHY_NOT(at, ANN, .fame_min = 20), people_rule_FAME);
    assert_int_equal(WHY_NOT(at, ANN, .fame_max = 18), people_rule_FAME);
    assert_int_equal(WHY_NOT(at, ANN, .tags = SLICE_LIT("chess,tea")), people_rule_TAGS);
}

static void test_orientation_can_be_why_not(void **state)
{
    staging_t *at = *state;
    s_say(at, ANN, (profile_update_call_t){.preference = SLICE_LIT("male")});
    assert_int_equal(WHY_NOT(at, ANN, .any = false), people_rule_PREFERENCE);
    assert_int_equal(WHY_NOT(at, ANN, .any = true), people_rule_NONE);
    s_say(at, ANN, (profile_update_call_t){.preference = SLICE_LIT("female")});
    s_say(at, BOB, (profile_update_call_t){.preference = SLICE_LIT("male")});
    assert_int_equal(WHY_NOT(at, ANN, .any = false), people_rule_THEIR_PREFERENCE);
    assert_int_equal(WHY_NOT(at, ANN, .any = true), people_rule_NONE);
}

static void test_what_one_has_done_can_be_why_not(void **state)
{
    staging_t *at = *state;
    (void)ASK(at, ANN, people_like, .account = BOB);
    assert_int_equal(WHY_NOT(at, ANN, .any = false), people_rule_LIKED);
    assert_int_equal(WHY_NOT(at, ANN, .any = true), people_rule_NONE);
    (void)ASK(at, ANN, people_dislike, .account = BOB);
    assert_int_equal(WHY_NOT(at, ANN, .any = false), people_rule_DISLIKED);
    (void)ASK(at, ANN, people_unlike, .account = BOB);
    (void)ASK(at, ANN, people_block, .account = BOB);
    assert_int_equal(WHY_NOT(at, ANN, .any = true), people_rule_BLOCKED);
    (void)ASK(at, ANN, people_unblock, .account = BOB);
    (void)ASK(at, ANN, people_report, .account = BOB, .reason = report_reason_SPAM);
    assert_int_equal(WHY_NOT(at, ANN, .any = false), people_rule_REPORTED);
}

static void test_what_they_are_can_be_why_not(void **state)
{
    static const char *const dan[] = {"ann", "bob"};
    staging_t *at = *state;
    staging_t *empty = people_of(&matching_actor, dan, BOB);
    assert_int_equal(WHY_NOT(empty, ANN, .any = false), people_rule_NO_PROFILE);
    staging_destroy(&empty);
    s_say(at, BOB, (profile_update_call_t){.hidden = true});
    assert_int_equal(WHY_NOT(at, MOD, .any = false), people_rule_HIDDEN);
    (void)ASK(at, BOB, people_like, .account = ANN); /* to whom they show themselves so */
    assert_int_equal(WHY_NOT(at, ANN, .any = false), people_rule_HIDDEN);
    s_say(at, BOB, (profile_update_call_t){.clear = SLICE_LIT("hidden")});
    staging_tell(at, EVENT_account_banned, BOB, &(account_banned_event_t){BOB, INT64_MAX, {0}});
    assert_int_equal(WHY_NOT(at, MOD, .any = false), people_rule_BANNED);
}

static void test_who_is_nobody_has_no_reasons(void **state)
{
    staging_t *at = *state;
    (void)ASK(at, BOB, people_block, .account = ANN);
    assert_int_equal(ASK(at, ANN, people_why_not, .account = BOB)->status, ERR_NOT_FOUND);
    s_say(at, BOB, (profile_update_call_t){.hidden = true});
    assert_int_equal(ASK(at, CAT, people_why_not, .account = BOB)->status, ERR_NOT_FOUND);
    s_say(at, BOB, (profile_update_call_t){.clear = SLICE_LIT("hidden")});
    staging_tell(at, EVENT_account_banned, BOB, &(account_banned_event_t){BOB, INT64_MAX, {0}});
    assert_int_equal(ASK(at, CAT, people_why_not, .account = BOB)->status, ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_each_recommendation_says_why), TEST(test_filters_can_be_why_not),
        TEST(test_orientation_can_be_why_not),   TEST(test_what_one_has_done_can_be_why_not),
        TEST(test_what_they_are_can_be_why_not), TEST(test_who_is_nobody_has_no_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
