/* verdicts_test.c - commands that wait: lines keep their order, and nobody is held up by others. */
#include "broker/verdicts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "schema/pack.h"

enum { ANN = 1, BOB = 2, HALL = 5, ATTIC = 6, BOT = 40 };

static int s_setup(void **state)
{
    *state = verdicts_new();
    return 0;
}

static int s_teardown(void **state)
{
    verdicts_t *verdicts = *state;
    verdicts_destroy(&verdicts);
    assert_null(verdicts);
    return 0;
}

/* A command of this sender waits; `padding` bytes long besides. */
static err_t s_add(verdicts_t *verdicts, uint64_t sender, uint64_t room, int64_t deadline,
                   size_t padding, plea_t **ret_plea)
{
    buf_t bytes = {0};
    call_t call = {.type = 55, .corr = 1, .principal = sender};
    call_begin(&bytes, &call);
    memset(buf_reserve(&bytes, padding + 1), 'x', padding + 1);
    bytes.len += padding + 1;
    call.bytes = buf_slice(&bytes);
    err_t err = verdicts_add(verdicts, &call, room, deadline, ret_plea);
    buf_free(&bytes);
    return err;
}

static plea_t *s_wait(verdicts_t *verdicts, uint64_t sender, uint64_t room)
{
    plea_t *plea = NULL;
    assert_int_equal(s_add(verdicts, sender, room, 10, 0, &plea), ERR_OK);
    return plea;
}

static void s_expect_taken(verdicts_t *verdicts, plea_t *plea)
{
    plea_t *taken = verdicts_take(verdicts, plea->sender, plea->room);
    assert_ptr_equal(taken, plea);
    plea_destroy(&taken);
}

static void test_a_line_goes_in_its_order(void **state)
{
    verdicts_t *verdicts = *state;
    plea_t *first = s_wait(verdicts, ANN, HALL), *second = s_wait(verdicts, ANN, HALL);
    plea_t *third = s_wait(verdicts, ANN, HALL);
    verdicts_close(verdicts, second);
    assert_null(verdicts_take(verdicts, ANN, HALL));
    verdicts_close(verdicts, first);
    s_expect_taken(verdicts, first);
    s_expect_taken(verdicts, second);
    assert_null(verdicts_take(verdicts, ANN, HALL));
    verdicts_close(verdicts, third);
    s_expect_taken(verdicts, third);
    assert_int_equal(verdicts_count(verdicts), 0);
    assert_false(verdicts_hold(verdicts, ANN, HALL));
}

static void test_other_rooms_and_other_senders_are_other_lines(void **state)
{
    verdicts_t *verdicts = *state;
    s_wait(verdicts, ANN, HALL);
    plea_t *attic = s_wait(verdicts, ANN, ATTIC), *bob = s_wait(verdicts, BOB, HALL);
    assert_true(verdicts_hold(verdicts, ANN, HALL) && verdicts_hold(verdicts, BOB, HALL));
    assert_false(verdicts_hold(verdicts, BOB, ATTIC));
    verdicts_close(verdicts, attic);
    s_expect_taken(verdicts, attic);
    verdicts_close(verdicts, bob);
    s_expect_taken(verdicts, bob);
    assert_null(verdicts_take(verdicts, ANN, HALL));
}

static void test_only_what_is_open_is_found_oldest_first(void **state)
{
    verdicts_t *verdicts = *state;
    plea_t *first = s_wait(verdicts, ANN, HALL), *second = s_wait(verdicts, BOB, HALL);
    const uint64_t ticket = first->ticket;
    second->asked = BOT;
    assert_ptr_equal(verdicts_oldest(verdicts), first);
    assert_ptr_equal(verdicts_oldest_of(verdicts, BOT), second);
    assert_ptr_equal(verdicts_find(verdicts, ticket), first);
    verdicts_close(verdicts, first);
    assert_null(verdicts_find(verdicts, ticket));
    assert_ptr_equal(verdicts_oldest(verdicts), second);
    verdicts_close(verdicts, second);
    assert_null(verdicts_oldest(verdicts));
    assert_null(verdicts_oldest_of(verdicts, BOT));
}

static void test_the_last_word_counts(void **state)
{
    plea_t *plea = s_wait(*state, ANN, HALL);
    verdicts_rule(plea, ruling_TRANSFORM, 8, SLICE_LIT("other words"));
    verdicts_rule(plea, ruling_VETO, 9, SLICE_LIT("no"));
    assert_int_equal(plea->ruling, ruling_VETO);
    assert_int_equal(plea->bot, 9);
    assert_true(slice_is(buf_slice(&plea->words), "no"));
}

static void test_of_one_sender_so_many_wait(void **state)
{
    verdicts_t *verdicts = *state;
    plea_t *plea;
    for (int i = 0; i < LIMIT_JUDGED_SENDER; i++)
        s_wait(verdicts, ANN, i % 2 == 0 ? HALL : ATTIC);
    assert_int_equal(s_add(verdicts, ANN, HALL, 10, 0, &plea), ERR_TOO_MANY);
    s_wait(verdicts, BOB, HALL);
    assert_int_equal(verdicts_count(verdicts), LIMIT_JUDGED_SENDER + 1);
}

static void test_of_all_so_many_wait(void **state)
{
    verdicts_t *verdicts = *state;
    plea_t *plea;
    for (uint64_t i = 0; i < LIMIT_JUDGED; i++)
        s_wait(verdicts, 100 + i, HALL);
    assert_int_equal(s_add(verdicts, ANN, HALL, 10, 0, &plea), ERR_UNAVAILABLE);
    verdicts_close(verdicts, verdicts_oldest(verdicts));
    plea = verdicts_take(verdicts, 100, HALL);
    plea_destroy(&plea);
    s_wait(verdicts, ANN, HALL);
}

static void test_of_all_so_many_bytes_wait(void **state)
{
    verdicts_t *verdicts = *state;
    const size_t half = LIMIT_JUDGED_BYTES / 2;
    plea_t *plea;
    assert_int_equal(s_add(verdicts, ANN, HALL, 10, half, &plea), ERR_OK);
    assert_int_equal(s_add(verdicts, BOB, HALL, 10, half, &plea), ERR_UNAVAILABLE);
    verdicts_close(verdicts, verdicts_oldest(verdicts));
    plea = verdicts_take(verdicts, ANN, HALL);
    plea_destroy(&plea);
    assert_int_equal(s_add(verdicts, BOB, HALL, 10, half, &plea), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
        TEST(test_a_line_goes_in_its_order),
        TEST(test_other_rooms_and_other_senders_are_other_lines),
        TEST(test_only_what_is_open_is_found_oldest_first),
        TEST(test_the_last_word_counts),
        TEST(test_of_one_sender_so_many_wait),
        TEST(test_of_all_so_many_wait),
        TEST(test_of_all_so_many_bytes_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
