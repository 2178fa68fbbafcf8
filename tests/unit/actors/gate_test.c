/* gate_test.c - which sessions still stand, as the list and the journal's events tell it. */
#include "actors/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/buf.h"
#include "schema/codec.h"

enum { ANN = 1, BOB = 2, SOON = 1000, LATER = 2000 };

static int s_setup(void **state)
{
    *state = gate_new();
    return 0;
}

static int s_teardown(void **state)
{
    gate_destroy((gate_t **)state);
    assert_null(*state);
    gate_destroy((gate_t **)state); /* nothing more */
    return 0;
}

/* An event comes by; the account that the gate says it is about. */
static uint64_t s_hear(gate_t *gate, event_number_t type, const void *body)
{
    buf_t bytes = {0};
    codec_pack(&bytes, event_type((uint16_t)type)->shape(), body);
    uint64_t account =
        gate_hear(gate, &(record_t){.type = (uint16_t)type, .body = buf_slice(&bytes)});
    buf_free(&bytes);
    return account;
}

static void test_who_has_not_ended_passes(void **state)
{
    assert_true(gate_passes(*state, ANN, 1));
}

static void test_a_closed_session_passes_no_more(void **state)
{
    const session_closed_event_t closed = {.account = ANN, .session = 5, .expires = SOON};
    assert_int_equal(s_hear(*state, EVENT_session_closed, &closed), ANN);
    assert_false(gate_passes(*state, ANN, 5));
    assert_true(gate_passes(*state, ANN, 4));
    assert_true(gate_passes(*state, ANN, 6));
}

static void test_sessions_before_one_pass_no_more_but_for_one(void **state)
{
    const sessions_revoked_event_t revoked = {
        .account = ANN, .session = 10, .kept = 8, .expires = SOON};
    assert_int_equal(s_hear(*state, EVENT_sessions_revoked, &revoked), ANN);
    assert_false(gate_passes(*state, ANN, 7));
    assert_true(gate_passes(*state, ANN, 8));
    assert_false(gate_passes(*state, ANN, 9));
    assert_true(gate_passes(*state, ANN, 10));
    assert_true(gate_passes(*state, BOB, 7));
}

/* The list may come behind an event that it does not know of. */
static void test_an_older_word_takes_nothing_back(void **state)
{
    gate_end_before(*state, &(not_before_t){ANN, 10, SOON, 0});
    gate_end_before(*state, &(not_before_t){ANN, 6, SOON, 5});
    assert_false(gate_passes(*state, ANN, 5));
    assert_false(gate_passes(*state, ANN, 9));
}

static void test_a_list_is_learned_whole(void **state)
{
    const ended_session_t sessions[] = {{3, SOON}, {4, SOON}};
    const not_before_t accounts[] = {{BOB, 7, SOON, 0}};
    gate_learn(*state, &(ended_list_t){.sessions = {sessions, 2}, .accounts = {accounts, 1}});
    assert_false(gate_passes(*state, ANN, 3));
    assert_false(gate_passes(*state, ANN, 4));
    assert_false(gate_passes(*state, BOB, 6));
    gate_clear(*state);
    assert_true(gate_passes(*state, ANN, 3));
    assert_true(gate_passes(*state, BOB, 6));
}

static void test_other_events_and_what_cannot_be_read_end_nothing(void **state)
{
    const account_seen_event_t seen = {.account = ANN};
    assert_int_equal(s_hear(*state, EVENT_account_seen, &seen), 0);
    const record_t broken = {.type = EVENT_session_closed, .body = SLICE_LIT("\xc1")};
    assert_int_equal(gate_hear(*state, &broken), 0);
    assert_true(gate_passes(*state, ANN, 1));
}

/* A token that has expired is refused for that. */
static void test_what_has_expired_is_forgotten(void **state)
{
    gate_end(*state, 1, SOON);
    gate_end(*state, 2, LATER);
    gate_end_before(*state, &(not_before_t){ANN, 10, SOON, 0});
    gate_end_before(*state, &(not_before_t){BOB, 10, LATER, 0});
    gate_sweep(*state, SOON);
    assert_true(gate_passes(*state, 3, 1));
    assert_false(gate_passes(*state, 3, 2));
    assert_true(gate_passes(*state, ANN, 9));
    assert_false(gate_passes(*state, BOB, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_has_not_ended_passes, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_closed_session_passes_no_more, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_sessions_before_one_pass_no_more_but_for_one, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_an_older_word_takes_nothing_back, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_list_is_learned_whole, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_other_events_and_what_cannot_be_read_end_nothing,
                                        s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_what_has_expired_is_forgotten, s_setup, s_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
