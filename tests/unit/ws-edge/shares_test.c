/* shares_test.c - who waits, whose turn it is, and what is forgotten. */
#include "ws-edge/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { ANN = 1, BOB = 2, CAROL = 3 };

typedef struct world {
    shares_t *shares;
    buf_t out;
    uint64_t now_us;
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    world->shares = shares_new();
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    shares_destroy(&world->shares);
    buf_free(&world->out);
    mem_free(world);
    return 0;
}

/* So many calls of one byte; how many of them left at once. */
static int s_ask(const world_t *world, uint64_t account, int many)
{
    int left = 0;
    uint8_t name = (uint8_t)('@' + account);
    for (int i = 0; i < many; i++)
        left += shares_ask(world->shares, account, slice_new(&name, 1), world->now_us);
    return left;
}

static void s_settle(const world_t *world, uint64_t account, int many)
{
    for (int i = 0; i < many; i++)
        shares_settle(world->shares, account);
}

static void s_assert_released(world_t *world, const char *names)
{
    buf_reset(&world->out);
    shares_release(world->shares, world->now_us, &world->out);
    assert_int_equal(world->out.len, strlen(names));
    assert_memory_equal(world->out.data != NULL ? (const char *)world->out.data : "", names,
                        strlen(names));
}

static void test_one_alone_may_have_all(void **state)
{
    const world_t *world = *state;
    assert_int_equal(s_ask(world, ANN, 1000), SHARES_UNDER_WAY);
}

static void test_others_have_their_own_all_the_same(void **state)
{
    const world_t *world = *state;
    s_ask(world, ANN, 1000);
    assert_int_equal(s_ask(world, BOB, 1000), SHARES_FREE);
    assert_int_equal(s_ask(world, CAROL, 1), 1);
}

static void test_those_who_wait_take_turns(void **state)
{
    world_t *world = *state;
    s_ask(world, ANN, SHARES_UNDER_WAY + 3);
    s_ask(world, BOB, SHARES_FREE + 2);
    s_assert_released(world, "");
    s_settle(world, ANN, SHARES_FREE + 4); /* what others have counts too */
    s_assert_released(world, "ABAB");
    s_settle(world, ANN, 100);
    s_assert_released(world, "A");
    s_assert_released(world, "");
}

/* As long as something waits, what comes later waits behind it. */
static void test_the_order_of_one_person_stays(void **state)
{
    world_t *world = *state;
    char expected[64], call[2];
    size_t len = 0;
    s_ask(world, ANN, SHARES_UNDER_WAY);
    for (; len < 26; len++) {
        expected[len] = (char)('a' + len);
        assert_false(shares_ask(world->shares, ANN, slice_new(&expected[len], 1), 0));
    }
    s_settle(world, ANN, 26);
    snprintf(call, sizeof call, "!");
    assert_false(shares_ask(world->shares, ANN, slice_new(call, 1), 0));
    expected[len] = '\0';
    s_assert_released(world, expected);
    s_settle(world, ANN, 1);
    s_assert_released(world, "!");
}

static void test_too_much_is_refused_to_whom_it_belongs(void **state)
{
    world_t *world = *state;
    static uint8_t call[65536];
    s_ask(world, ANN, SHARES_UNDER_WAY);
    while (!shares_full(world->shares, ANN, world->now_us))
        assert_false(shares_ask(world->shares, ANN, slice_new(call, sizeof call), 0));
    assert_false(shares_full(world->shares, BOB, world->now_us));
    s_settle(world, ANN, 10);
    shares_release(world->shares, world->now_us, &world->out);
    assert_int_equal(world->out.len, 10 * sizeof call);
    assert_false(shares_full(world->shares, ANN, world->now_us));
}

/* A call may be settled before it has left: it ran out of time. */
static void test_what_is_settled_early_holds_nothing_up(void **state)
{
    world_t *world = *state;
    s_ask(world, ANN, SHARES_UNDER_WAY + 2);
    s_settle(world, ANN, SHARES_UNDER_WAY + 2);
    s_assert_released(world, "AA");
    assert_int_equal(s_ask(world, ANN, 1000), SHARES_UNDER_WAY);
}

/* So many people with a few calls each are too much for what one person waits for. */
static void test_in_a_crowd_each_has_one(void **state)
{
    const world_t *world = *state;
    for (uint64_t account = 100; account < 100 + SHARES_CROWDED / SHARES_FREE; account++)
        assert_true(s_ask(world, account, SHARES_FREE) == SHARES_FREE);
    assert_int_equal(s_ask(world, ANN, 2), 1);
    assert_int_equal(s_ask(world, BOB, SHARES_FREE), 1);
}

static void test_who_waits_long_gets_no_further_call_in(void **state)
{
    world_t *world = *state;
    s_ask(world, ANN, SHARES_UNDER_WAY + 1);
    world->now_us = SHARES_FULL_US - 1;
    assert_false(shares_full(world->shares, ANN, world->now_us));
    s_ask(world, ANN, 1);
    world->now_us++;
    assert_true(shares_full(world->shares, ANN, world->now_us));
    assert_false(shares_full(world->shares, BOB, world->now_us));
    s_settle(world, ANN, 1);
    s_assert_released(world, "A");
    assert_false(shares_full(world->shares, ANN, world->now_us)); /* the next has only just come */
}

/* One call leaves each half second, so that seven of them would take too long; nobody needs to have
 * waited for so long to know that. */
static void test_who_would_wait_long_gets_no_further_call_in(void **state)
{
    world_t *world = *state;
    enum { EACH_US = SHARES_FULL_US / 6, CALLS = 40 };
    s_ask(world, ANN, SHARES_UNDER_WAY + CALLS);
    for (int i = 0; i < CALLS - 1; i++) {
        world->now_us += EACH_US;
        s_settle(world, ANN, 1);
        s_assert_released(world, "A");
    }
    s_ask(world, BOB, SHARES_FREE + 5);
    assert_false(shares_full(world->shares, BOB, world->now_us));
    s_ask(world, BOB, 3);
    assert_true(shares_full(world->shares, BOB, world->now_us));
    s_settle(world, ANN, SHARES_UNDER_WAY);
    s_assert_released(world, "ABBBBBBBB");
    s_ask(world, BOB,
          SHARES_UNDER_WAY); /* nothing waited: how long it takes is not known any more */
    assert_false(shares_full(world->shares, BOB, world->now_us));
}

/* It never leaves, what came later does, and nothing is counted twice. */
static void test_what_waits_too_long_is_given_up(void **state)
{
    world_t *world = *state;
    s_ask(world, ANN, SHARES_UNDER_WAY + 2);
    s_ask(world, BOB, SHARES_FREE + 1);
    world->now_us = SHARES_LATE_US - 1;
    s_ask(world, ANN, 1);
    shares_give_up(world->shares, world->now_us, &world->out);
    assert_int_equal(world->out.len, 0);
    shares_give_up(world->shares, ++world->now_us, &world->out);
    assert_int_equal(world->out.len, 3);
    assert_memory_equal(world->out.data, "AAB", 3);
    s_settle(world, ANN, 2);
    s_settle(world, BOB, 1 + SHARES_FREE);
    s_assert_released(world, "");
    s_settle(world, ANN, 1);
    s_assert_released(world, "A");
    s_settle(world, ANN, SHARES_UNDER_WAY);
    assert_int_equal(s_ask(world, ANN, 1000), SHARES_UNDER_WAY);
}

static void test_what_waits_can_be_forgotten(void **state)
{
    world_t *world = *state;
    s_ask(world, ANN, SHARES_UNDER_WAY + 50);
    shares_clear(world->shares);
    s_assert_released(world, "");
    s_settle(world, ANN, SHARES_UNDER_WAY + 50);
    assert_int_equal(s_ask(world, ANN, 1000), SHARES_UNDER_WAY);
}

/* At random for long: nobody is forgotten, and nothing is left in the end. */
static void test_everything_leaves_once(void **state)
{
    world_t *world = *state;
    size_t asked = 0, left = 0;
    int open[8] = {0};
    srandom(1);
    for (int i = 0; i < 200000; i++) {
        uint64_t account = 1 + (uint64_t)random() % COUNT_OF(open);
        if (random() % 2 == 0) {
            left += (size_t)s_ask(world, account, 1);
            open[account - 1]++;
            asked++;
        } else if (open[account - 1] > 0) {
            s_settle(world, account, 1);
            open[account - 1]--;
        }
        shares_release(world->shares, world->now_us, &world->out);
    }
    for (size_t i = 0; i < COUNT_OF(open); i++)
        s_settle(world, 1 + i, open[i]);
    shares_release(world->shares, world->now_us, &world->out);
    assert_int_equal(left + world->out.len, asked);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_alone_may_have_all),
        TEST(test_others_have_their_own_all_the_same),
        TEST(test_those_who_wait_take_turns),
        TEST(test_the_order_of_one_person_stays),
        TEST(test_too_much_is_refused_to_whom_it_belongs),
        TEST(test_what_is_settled_early_holds_nothing_up),
        TEST(test_in_a_crowd_each_has_one),
        TEST(test_who_waits_long_gets_no_further_call_in),
        TEST(test_who_would_wait_long_gets_no_further_call_in),
        TEST(test_what_waits_too_long_is_given_up),
        TEST(test_what_waits_can_be_forgotten),
        TEST(test_everything_leaves_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
