/* ticket_test.c - tickets of the matchmaker, as their people see them.
 *
 * Every test ends with the same question: does a fresh store that applies what was
 * committed become the same as the live one? */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/matching/rows.h"
#include "schema/pack.h"

enum { ANN = 1, BOB, CAT, DAN, PEOPLE = DAN };

static const int64_t SECOND = INT64_C(1000) * 1000;
static const int64_t ROUND = INT64_C(50) * 1000;

static int s_setup(void **state)
{
    static const char *const logins[] = {"ann", "bob", "cat", "dan"};
    *state = people_of(&matching_actor, logins, PEOPLE);
    return 0;
}

/* ---- what is asked often ---- */

#define OPEN(at, who, ...) \
    ASK(at, who, ticket_open, .queue = SLICE_LIT("duel") __VA_OPT__(, ) __VA_ARGS__)

static const match_ticket_t *s_ticket(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static const match_ticket_t *s_own(staging_t *at, uint64_t who)
{
    return s_ticket(ASK(at, who, ticket_get));
}

/* A round of the matchmaker after so long. */
static void s_round_after(staging_t *at, int64_t time)
{
    at->now += time;
    stage_tick(at->stage, at->now);
    staging_commit(at);
}

static void s_round(staging_t *at)
{
    s_round_after(at, ROUND);
}

/* The match that the last round made; NULL if it made none. */
static const match_t *s_match(const staging_t *at)
{
    for (size_t i = 0; i < at->told_count; i++)
        if (at->told[i].record.type == EVENT_match_made)
            return ((const match_made_event_t *)at->told[i].body)->match;
    return NULL;
}

static bool s_pair(const staging_t *at, uint64_t one, uint64_t other)
{
    const match_t *match = s_match(at);
    return match != NULL && match->accounts.count == 2 && match->accounts.items[0] == one &&
           match->accounts.items[1] == other;
}

static ticket_reason_t s_reason(staging_t *at, uint64_t who)
{
    const match_ticket_t *ticket = s_own(at, who);
    assert_int_equal(ticket->state, ticket_state_CLOSED);
    return ticket->reason;
}

static void s_room_opens(staging_t *at, uint64_t match)
{
    room_t room = {.id = 70 + match,
                   .gid = SLICE_LIT("abcdefgh"),
                   .kind = room_kind_PRIVATE,
                   .creator = ANN,
                   .created = at->now,
                   .match = match};
    staging_tell(at, EVENT_room_created, ANN, &(room_created_event_t){.room = &room});
    staging_commit(at);
}

#define PROPERTY(...) .properties = {(ticket_property_t[]){{__VA_ARGS__}}, 1}
#define CONDITION(...) .conditions = {(ticket_condition_t[]){{__VA_ARGS__}}, 1}
#define RANK(of) PROPERTY(.name = SLICE_LIT("rank"), .number = (of))
#define RANKS(...) CONDITION(.name = SLICE_LIT("rank"), __VA_ARGS__)

/* ---- opening ---- */

static void test_a_ticket_is_open_and_one_s_own(void **state)
{
    staging_t *at = *state;
    assert_int_equal(ASK(at, ANN, ticket_get)->status, ERR_NOT_FOUND);
    const match_ticket_t *ticket = s_ticket(OPEN(at, ANN, .patience = 3));
    assert_int_equal(ticket->id, 1);
    assert_int_equal(ticket->state, ticket_state_OPEN);
    assert_int_equal(ticket->min, 2);
    assert_int_equal(ticket->max, 2);
    assert_int_equal(ticket->expires - ticket->opened, 300 * SECOND);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(at->told[0].record.account, ANN);
    assert_int_equal(s_own(at, ANN)->id, 1);
    assert_int_equal(OPEN(at, ANN)->status, ERR_WAITING);
}

static void test_one_size_says_the_other(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_ticket(OPEN(at, ANN, .min = 3))->max, 3);
    assert_int_equal(s_ticket(OPEN(at, BOB, .max = 4))->min, 4);
    const match_ticket_t *both = s_ticket(OPEN(at, CAT, .min = 2, .max = 5));
    assert_int_equal(both->min, 2);
    assert_int_equal(both->max, 5);
}

static void test_what_makes_no_sense_is_refused(void **state)
{
    staging_t *at = *state;
    assert_int_equal(OPEN(at, ANN, .min = 3, .max = 2)->status, ERR_INVALID);
    assert_int_equal(OPEN(at, ANN, .max = LIMIT_TICKET_SIZE + 1)->status, ERR_INVALID);
    assert_int_equal(OPEN(at, ANN, RANKS(.min = 2, .max = 1))->status, ERR_INVALID);
    assert_int_equal(OPEN(at, ANN, RANKS(.max = 1, .widen = 1))->status, ERR_INVALID);
    assert_int_equal(OPEN(at, ANN, .people = &(ticket_people_t){.distance_max = 5})->status,
                     ERR_INVALID);
    assert_int_equal(OPEN(at, ANN, .people = &(ticket_people_t){.distance_widen = 5})->status,
                     ERR_INVALID);
    assert_int_equal(
        OPEN(at, ANN, .people = &(ticket_people_t){.tags = SLICE_LIT("a,b,c,d,e,f,g,h,i,j,k")})
            ->status,
        ERR_INVALID);
    assert_int_equal(OPEN(at, 99)->status, ERR_NOT_FOUND);
}

static void test_a_repeat_is_answered_as_it_stands(void **state)
{
    staging_t *at = *state;
    uint64_t id = s_ticket(OPEN(at, ANN, .client_id = SLICE_LIT("a")))->id;
    assert_int_equal(s_ticket(OPEN(at, ANN, .client_id = SLICE_LIT("a")))->id, id);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(OPEN(at, ANN, .min = 3, .client_id = SLICE_LIT("a"))->status,
                     ERR_CLIENT_ID_REUSED);
    assert_int_equal(OPEN(at, ANN, .client_id = SLICE_LIT("b"))->status, ERR_WAITING);
    (void)OPEN(at, BOB);
    s_round(at);
    assert_int_equal(s_ticket(OPEN(at, ANN, .client_id = SLICE_LIT("a")))->state,
                     ticket_state_MATCHED);
    assert_int_equal(s_ticket(OPEN(at, ANN, .client_id = SLICE_LIT("b")))->id, id + 2);
}

/* ---- matching ---- */

static void test_two_are_matched_once_and_told_with_their_room(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    s_round(at);
    assert_null(s_match(at));
    (void)OPEN(at, BOB);
    s_round(at);
    assert_true(s_pair(at, ANN, BOB));
    uint64_t match = s_match(at)->id;
    const match_ticket_t *ticket = s_own(at, ANN);
    assert_int_equal(ticket->state, ticket_state_MATCHED);
    assert_int_equal(ticket->match, match);
    assert_int_equal(ticket->room, 0);
    s_room_opens(at, match);
    assert_int_equal(at->told_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const ticket_matched_event_t *told = at->told[i].body;
        assert_int_equal(at->told[i].record.type, EVENT_ticket_matched);
        assert_int_equal(at->told[i].record.account, ANN + i);
        assert_int_equal(told->room, 70 + match);
        assert_int_equal(told->accounts.count, 2);
    }
    assert_int_equal(s_own(at, BOB)->room, 70 + match);
    assert_int_equal(s_own(at, BOB)->accounts.count, 2);
    assert_int_equal(staging_rows(at, 'x') + staging_rows(at, 'W'), 0);
    s_round(at);
    assert_int_equal(at->told_count, 0);
}

/* Two of a round, of whom one fits somebody who has waited longer. */
static void test_who_waits_longest_comes_first(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, CONDITION(.name = SLICE_LIT("mode"), .text = SLICE_LIT("fast")));
    s_round(at);
    (void)OPEN(at, BOB);
    (void)OPEN(at, CAT, PROPERTY(.name = SLICE_LIT("mode"), .text = SLICE_LIT("fast")));
    s_round(at);
    assert_true(s_pair(at, ANN, CAT));
}

static void test_queues_do_not_meet(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    (void)ASK(at, BOB, ticket_open, .queue = SLICE_LIT("quest"));
    s_round(at);
    assert_null(s_match(at));
}

static void test_a_group_waits_until_it_is_complete(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, .min = 3);
    (void)OPEN(at, BOB, .min = 3);
    s_round(at);
    assert_null(s_match(at));
    (void)OPEN(at, CAT, .min = 2, .max = 4);
    s_round(at);
    assert_int_equal(s_match(at)->accounts.count, 3);
}

static void test_patience_holds_out_for_more(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, .min = 2, .max = 3, .patience = 5);
    (void)OPEN(at, BOB, .min = 2, .max = 3, .patience = 5);
    s_round(at);
    assert_null(s_match(at));
    s_round_after(at, 4 * SECOND);
    assert_null(s_match(at));
    s_round_after(at, SECOND);
    assert_true(s_pair(at, ANN, BOB));
}

static void test_bounds_widen_by_the_second(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, RANK(100), RANKS(.min = 90, .max = 110, .widen = 10, .widest = 30));
    (void)OPEN(at, BOB, RANK(140));
    s_round(at);
    assert_null(s_match(at));
    s_round_after(at, 2 * SECOND); /* 70 … 130 */
    assert_null(s_match(at));
    s_round_after(at, SECOND);
    assert_true(s_pair(at, ANN, BOB));
}

static void test_bounds_widen_no_further_than_said(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, RANK(100), RANKS(.min = 90, .max = 110, .widen = 10, .widest = 29));
    (void)OPEN(at, BOB, RANK(140));
    for (int i = 0; i < 20; i++) {
        s_round_after(at, SECOND);
        assert_null(s_match(at));
    }
}

static void test_both_have_to_accept(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, PROPERTY(.name = SLICE_LIT("mode"), .text = SLICE_LIT("fast")));
    (void)OPEN(at, BOB, CONDITION(.name = SLICE_LIT("mode"), .text = SLICE_LIT("slow")));
    s_round(at);
    assert_null(s_match(at));
    (void)OPEN(at, CAT,
               CONDITION(.name = SLICE_LIT("mode"), .text = SLICE_LIT("fast"), .drop_after = 9));
    s_round(at);
    assert_true(s_pair(at, ANN, CAT));
}

static void test_a_condition_is_dropped(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    (void)OPEN(at, BOB,
               CONDITION(.name = SLICE_LIT("mode"), .text = SLICE_LIT("fast"), .drop_after = 9));
    s_round_after(at, 8 * SECOND);
    assert_null(s_match(at));
    s_round_after(at, SECOND);
    assert_true(s_pair(at, ANN, BOB));
}

static void test_extreme_bounds_hold(void **state)
{
    staging_t *at = *state;
    (void)OPEN(
        at, ANN, RANK(INT64_MIN),
        RANKS(.min = INT64_MIN, .max = INT64_MAX, .widen = UINT64_MAX, .widest = UINT64_MAX));
    (void)OPEN(at, BOB, RANK(INT64_MAX), RANKS(.min = INT64_MIN, .max = INT64_MIN));
    s_round(at);
    assert_true(s_pair(at, ANN, BOB));
}

/* ---- people ---- */

static void s_profile(staging_t *at, uint64_t who, const char *gender, const char *preference,
                      uint64_t age, int64_t lat)
{
    assert_int_equal(ASK(at, who, profile_update, .gender = slice_of(gender),
                         .preference = slice_of(preference), .age = age, .lat = lat, .lon = 1)
                         ->status,
                     ERR_OK);
}

static void test_profiles_are_held_against_each_other(void **state)
{
    staging_t *at = *state;
    const ticket_people_t anybody = {.age_min = 30};
    s_profile(at, ANN, "female", "male", 30, 1);
    s_profile(at, BOB, "male", "male", 30, 1);
    s_profile(at, CAT, "male", "female", 29, 1);
    s_profile(at, DAN, "male", "female", 30, 1);
    (void)OPEN(at, ANN, .people = &anybody);
    (void)OPEN(at, BOB);
    (void)OPEN(at, CAT);
    s_round(at);
    assert_true(s_pair(at, BOB, CAT)); /* who ask for nothing */
    (void)OPEN(at, DAN);
    s_round(at);
    assert_true(s_pair(at, ANN, DAN));
}

static void test_distance_widens(void **state)
{
    staging_t *at = *state;
    const ticket_people_t near = {
        .any = true, .distance_max = 50, .distance_widen = 30, .distance_widest = 100};
    s_profile(at, ANN, "female", "any", 30, 1);
    s_profile(at, BOB, "male", "any", 30, 1000000); /* 111 km */
    (void)OPEN(at, ANN, .people = &near);
    (void)OPEN(at, BOB);
    s_round_after(at, SECOND);
    assert_null(s_match(at));
    s_round_after(at, SECOND);
    assert_null(s_match(at));
    s_round_after(at, SECOND);
    assert_true(s_pair(at, ANN, BOB));
}

static void test_a_profile_counts_as_it_was(void **state)
{
    staging_t *at = *state;
    s_profile(at, BOB, "male", "any", 30, 1);
    (void)OPEN(at, BOB);
    s_profile(at, BOB, "male", "any", 50, 1);
    (void)OPEN(at, ANN, .people = &(ticket_people_t){.any = true, .age_max = 40});
    staging_restart(at);
    s_round(at);
    assert_true(s_pair(at, BOB, ANN));
}

static void test_who_blocks_is_not_matched_with_them(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    (void)OPEN(at, BOB);
    (void)ASK(at, BOB, people_block, .account = ANN);
    s_round(at);
    assert_null(s_match(at));
    (void)OPEN(at, CAT);
    s_round(at);
    assert_true(s_pair(at, ANN, CAT));
}

/* ---- ends ---- */

static void test_a_ticket_is_closed_by_its_person(void **state)
{
    staging_t *at = *state;
    assert_int_equal(ASK(at, ANN, ticket_close, 0)->status, ERR_NOT_FOUND);
    uint64_t id = s_ticket(OPEN(at, ANN))->id;
    assert_int_equal(ASK(at, ANN, ticket_close, .ticket = id + 1)->status, ERR_NOT_FOUND);
    const match_ticket_t *closed = s_ticket(ASK(at, ANN, ticket_close, .ticket = id));
    assert_int_equal(closed->state, ticket_state_CLOSED);
    assert_int_equal(closed->reason, ticket_reason_CANCELLED);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(s_ticket(ASK(at, ANN, ticket_close, 0))->state, ticket_state_CLOSED);
    assert_int_equal(at->told_count, 0);
    (void)OPEN(at, BOB);
    s_round(at);
    assert_null(s_match(at));
}

/* The matchmaker has not heard of it yet. */
static void test_a_close_that_is_pending_counts(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    (void)OPEN(at, BOB);
    at->principal = ANN;
    staging_send(at, CALL_ticket_close, &(ticket_close_call_t){0});
    at->now += ROUND;
    stage_tick(at->stage, at->now);
    staging_commit(at);
    assert_null(s_match(at));
    assert_int_equal(s_reason(at, ANN), ticket_reason_CANCELLED);
}

/* … and if it is lost, the ticket is looked at again. */
static void test_a_close_that_is_lost_does_not(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    (void)OPEN(at, BOB);
    at->principal = ANN;
    staging_send(at, CALL_ticket_close, &(ticket_close_call_t){0});
    stage_tick(at->stage, at->now);
    staging_lose(at);
    s_round_after(at, 3 * SECOND);
    assert_true(s_pair(at, ANN, BOB));
}

static void test_a_match_that_is_lost_is_made_again(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    (void)OPEN(at, BOB);
    at->now += ROUND;
    stage_tick(at->stage, at->now);
    staging_lose(at);
    assert_int_equal(s_own(at, ANN)->state, ticket_state_OPEN);
    s_round_after(at, 3 * SECOND);
    assert_true(s_pair(at, ANN, BOB));
}

static void test_a_ticket_expires(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, .seconds = 2);
    s_round_after(at, SECOND);
    assert_int_equal(s_own(at, ANN)->state, ticket_state_OPEN);
    s_round_after(at, SECOND);
    assert_int_equal(s_reason(at, ANN), ticket_reason_EXPIRED);
    assert_int_equal(staging_rows(at, 'W'), 0);
    assert_int_equal(OPEN(at, ANN)->status, ERR_OK);
}

static void s_goes_offline(staging_t *at, uint64_t who)
{
    at->now++;
    staging_tell(at, EVENT_account_seen, who, &(account_seen_event_t){who});
    staging_commit(at);
}

static void test_who_goes_offline_waits_no_longer(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    s_goes_offline(at, ANN);
    assert_int_equal(at->told[0].record.cause, at->seq - 1);
    assert_int_equal(s_reason(at, ANN), ticket_reason_LEFT);
    (void)OPEN(at, BOB, .stay = true);
    s_goes_offline(at, BOB);
    assert_int_equal(s_own(at, BOB)->state, ticket_state_OPEN);
}

/* They were seen to go, came back and opened a ticket before the news arrived. */
static void test_a_ticket_of_later_stays(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    at->now -= SECOND;
    s_goes_offline(at, ANN);
    assert_int_equal(s_own(at, ANN)->state, ticket_state_OPEN);
}

static void test_banned_and_deleted_people_wait_no_longer(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN, .stay = true);
    (void)OPEN(at, BOB, .stay = true);
    staging_tell(at, EVENT_account_banned, ANN, &(account_banned_event_t){ANN, INT64_MAX, {0}});
    staging_tell(at, EVENT_account_deleted, BOB,
                 &(account_deleted_event_t){BOB, SLICE_LIT("nobody")});
    staging_commit(at);
    assert_int_equal(s_reason(at, ANN), ticket_reason_REMOVED);
    assert_int_equal(s_reason(at, BOB), ticket_reason_REMOVED);
    assert_int_equal(OPEN(at, ANN)->status, ERR_BANNED);
    assert_int_equal(OPEN(at, BOB)->status, ERR_NOT_FOUND);
}

/* ---- over a restart ---- */

static void test_open_tickets_are_found_again(void **state)
{
    staging_t *at = *state;
    (void)OPEN(at, ANN);
    (void)OPEN(at, CAT);
    (void)ASK(at, CAT, ticket_close, 0);
    staging_restart(at);
    (void)OPEN(at, BOB);
    staging_crash(at);
    s_round(at);
    assert_true(s_pair(at, ANN, BOB));
    uint64_t match = s_match(at)->id;
    staging_crash(at);
    s_round(at);
    assert_null(s_match(at));
    s_room_opens(at, match);
    assert_int_equal(at->told_count, 2);
    staging_crash(at);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_own(at, ANN)->room, 70 + match);
}

/* ---- staff ---- */

static void test_staff_see_the_queues(void **state)
{
    staging_t *at = *state;
    assert_int_equal(ASK(at, ANN, queue_list, 0)->status, ERR_FORBIDDEN);
    staging_tell(at, EVENT_role_changed, ANN, &(role_changed_event_t){ANN, role_MODERATOR});
    (void)OPEN(at, BOB, .min = 4);
    (void)ASK(at, CAT, ticket_open, .queue = SLICE_LIT("arena"));
    s_round(at);
    const outcome_t *outcome = ASK(at, ANN, queue_list, 0);
    assert_int_equal(outcome->status, ERR_OK);
    const queue_list_t *list = outcome->answer;
    const match_queue_t *queues = list->queues.items;
    assert_int_equal(list->tickets, 2);
    assert_int_equal(list->queues.count, 2);
    assert_true(slice_is(queues[0].name, "arena"));
    assert_int_equal(queues[1].tickets, 1);
}

/* The count is put there: to open so many takes minutes. */
static void test_so_many_tickets_are_open_and_no_more(void **state)
{
    staging_t *at = *state;
    row_key_t count = rows_counter_key('W');
    uint8_t number[8];
    wide_put64(number, LIMIT_TICKETS - 1);
    store_settled_begin(at->store);
    store_put(at->store, row_slice(&count), slice_new(number, sizeof number));
    store_settled_end(at->store);
    assert_int_equal(OPEN(at, ANN)->status, ERR_OK);
    assert_int_equal(OPEN(at, BOB)->status, ERR_UNAVAILABLE);
    assert_int_equal(ASK(at, ANN, ticket_close)->status, ERR_OK);
    assert_int_equal(OPEN(at, BOB)->status, ERR_OK);
}

static int s_end_strange(void **state)
{
    staging_t *at = *state;
    staging_destroy(&at);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_ticket_is_open_and_one_s_own),
        TEST(test_one_size_says_the_other),
        TEST(test_what_makes_no_sense_is_refused),
        TEST(test_a_repeat_is_answered_as_it_stands),
        TEST(test_two_are_matched_once_and_told_with_their_room),
        TEST(test_who_waits_longest_comes_first),
        TEST(test_queues_do_not_meet),
        TEST(test_a_group_waits_until_it_is_complete),
        TEST(test_patience_holds_out_for_more),
        TEST(test_bounds_widen_by_the_second),
        TEST(test_bounds_widen_no_further_than_said),
        TEST(test_both_have_to_accept),
        TEST(test_a_condition_is_dropped),
        TEST(test_extreme_bounds_hold),
        TEST(test_profiles_are_held_against_each_other),
        TEST(test_distance_widens),
        TEST(test_a_profile_counts_as_it_was),
        TEST(test_who_blocks_is_not_matched_with_them),
        TEST(test_a_ticket_is_closed_by_its_person),
        TEST(test_a_close_that_is_pending_counts),
        TEST(test_a_close_that_is_lost_does_not),
        TEST(test_a_match_that_is_lost_is_made_again),
        TEST(test_a_ticket_expires),
        TEST(test_who_goes_offline_waits_no_longer),
        TEST(test_a_ticket_of_later_stays),
        TEST(test_banned_and_deleted_people_wait_no_longer),
        TEST(test_open_tickets_are_found_again),
        TEST(test_staff_see_the_queues),
        cmocka_unit_test_setup_teardown(test_so_many_tickets_are_open_and_no_more, s_setup,
                                        s_end_strange), /* no journal tells of that count */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
