/* judges_test.c - who judges what: where a bot is, whether it is there, and whether it is a gate. */
#include "broker/judges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

enum {
    EARLY = 10,
    LATE = 20,
    EARLY_BOT = 1,
    LATE_BOT = 2,
    ANN = 7,
    HALL = 5,
    ATTIC = 6,
    PEER = 99
};

static void s_put(judges_t *judges, uint64_t session, uint64_t account, const char *scopes)
{
    judges_put(judges, &(roster_bot_t){.session = session,
                                       .account = account,
                                       .scopes = scopes_set(slice_of(scopes))});
}

/* It is in the hall, and has come to judge. */
static judge_t *s_sit(judges_t *judges, uint64_t session)
{
    static const uint64_t hall[] = {HALL};
    judge_t *judge = judges_find(judges, session);
    judge_learn_rooms(judge, &(room_ids_t){.rooms = {hall, 1}}, 1);
    judge_sit(judge, PEER, (ids_t){0});
    return judge;
}

static void s_move(judge_t *judge, event_number_t event, uint64_t room, uint64_t account,
                   uint64_t seq)
{
    judge_note(judge,
               &(record_t){.type = (uint16_t)event, .room = room, .account = account, .seq = seq});
}

static const judge_t *s_asked(const judges_t *judges, uint64_t after, uint64_t room)
{
    return judges_next_for(judges, after, ANN, room);
}

static int s_setup(void **state)
{
    judges_t *judges = judges_new();
    s_put(judges, LATE, LATE_BOT, "moderate");
    s_put(judges, EARLY, EARLY_BOT, "moderate");
    *state = judges;
    return 0;
}

static int s_teardown(void **state)
{
    judges_destroy((judges_t **)state);
    return 0;
}

static void test_in_the_order_in_which_they_were_let_in(void **state)
{
    judges_t *judges = *state;
    judge_t *late = s_sit(judges, LATE), *early = s_sit(judges, EARLY);
    assert_ptr_equal(s_asked(judges, 0, HALL), early);
    assert_ptr_equal(s_asked(judges, EARLY, HALL), late);
    assert_null(s_asked(judges, LATE, HALL));
    assert_null(s_asked(judges, 0, ATTIC));
    judges_remove(judges, early);
    assert_ptr_equal(s_asked(judges, 0, HALL), late);
}

static void test_nobody_judges_themselves(void **state)
{
    judges_t *judges = *state;
    s_sit(judges, EARLY);
    assert_null(judges_next_for(judges, 0, EARLY_BOT, HALL));
    assert_non_null(judges_next_for(judges, 0, LATE_BOT, HALL));
}

static void test_one_that_is_away_is_passed_over_but_for_a_gate(void **state)
{
    judges_t *judges = *state;
    judge_t *judge = s_sit(judges, EARLY);
    assert_true(judges_sit(judges));
    judge->peer = 0;
    assert_false(judges_sit(judges));
    assert_null(s_asked(judges, 0, HALL));
    s_put(judges, EARLY, EARLY_BOT, "moderate gatekeep");
    assert_true(judges_sit(judges));
    assert_ptr_equal(s_asked(judges, 0, HALL), judge);
    assert_false(judge_present(judge));
    assert_null(s_asked(judges, 0, ATTIC));
}

static void test_a_gate_whose_rooms_are_not_known_may_stand_anywhere(void **state)
{
    judges_t *judges = *state;
    s_put(judges, EARLY, EARLY_BOT, "moderate gatekeep");
    assert_false(judges_settled(judges));
    assert_non_null(s_asked(judges, 0, ATTIC));
    s_sit(judges, EARLY);
    assert_null(s_asked(judges, 0, ATTIC));
}

static void test_who_lets_many_wait_in_vain_is_away_until_it_sits_down_again(void **state)
{
    judge_t *judge = s_sit(*state, EARLY);
    judge->missed = LIMIT_VERDICTS_MISSED - 1;
    assert_true(judge_present(judge));
    judge->missed++;
    assert_false(judge_present(judge));
    judge_sit(judge, PEER, (ids_t){0});
    assert_true(judge_present(judge));
}

static void test_rooms_are_those_that_it_wants_of_those_that_it_is_in(void **state)
{
    static const uint64_t attic[] = {ATTIC};
    judges_t *judges = *state;
    judge_t *judge = s_sit(judges, EARLY);
    judge_sit(judge, PEER, (ids_t){attic, 1});
    assert_null(s_asked(judges, 0, HALL));
    assert_null(s_asked(judges, 0, ATTIC));
    s_move(judge, EVENT_room_joined, ATTIC, ANN, 2);
    assert_null(s_asked(judges, 0, ATTIC));
    s_move(judge, EVENT_room_joined, ATTIC, EARLY_BOT, 3);
    assert_ptr_equal(s_asked(judges, 0, ATTIC), judge);
    s_move(judge, EVENT_room_left, ATTIC, EARLY_BOT, 4);
    assert_null(s_asked(judges, 0, ATTIC));
    s_move(judge, EVENT_room_joined, ATTIC, EARLY_BOT, 5);
    s_move(judge, EVENT_room_deleted, ATTIC, 0, 6);
    assert_null(s_asked(judges, 0, ATTIC));
}

static void test_an_answer_older_than_what_was_heard_says_nothing(void **state)
{
    static const uint64_t hall[] = {HALL};
    judge_t *judge = judges_find(*state, EARLY);
    s_move(judge, EVENT_room_left, HALL, EARLY_BOT, 9);
    judge->asked = true;
    judge_learn_rooms(judge, &(room_ids_t){.rooms = {hall, 1}}, 8);
    assert_false(judge->settled || judge->asked);
    judge_learn_rooms(judge, &(room_ids_t){0}, 9);
    assert_true(judge->settled);
    assert_null(s_asked(*state, 0, HALL));
}

static void test_one_that_observes_judges_everywhere_while_it_does(void **state)
{
    judges_t *judges = *state;
    s_put(judges, EARLY, EARLY_BOT, "moderate observe");
    judge_t *judge = judges_find(judges, EARLY);
    judge_sit(judge, PEER, (ids_t){0});
    assert_ptr_equal(s_asked(judges, 0, ATTIC), judge);
    s_put(judges, EARLY, EARLY_BOT, "moderate");
    assert_false(judge->settled);
    assert_null(s_asked(judges, 0, ATTIC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
        TEST(test_in_the_order_in_which_they_were_let_in),
        TEST(test_nobody_judges_themselves),
        TEST(test_one_that_is_away_is_passed_over_but_for_a_gate),
        TEST(test_a_gate_whose_rooms_are_not_known_may_stand_anywhere),
        TEST(test_who_lets_many_wait_in_vain_is_away_until_it_sits_down_again),
        TEST(test_rooms_are_those_that_it_wants_of_those_that_it_is_in),
        TEST(test_an_answer_older_than_what_was_heard_says_nothing),
        TEST(test_one_that_observes_judges_everywhere_while_it_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
