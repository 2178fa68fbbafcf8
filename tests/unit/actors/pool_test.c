/* pool_test.c - hashing, verifying, order, the full queue, stopping with work left. */
#include "actors/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"

enum { WAIT_MS = 10000 };

static int s_start_once(void **state)
{
    (void)state;
    bus_start();
    return crypto_start() == ERR_OK ? 0 : -1;
}

static int s_stop_once(void **state)
{
    (void)state;
    bus_stop();
    return 0;
}

static int s_setup(void **state)
{
    pool_t *pool = NULL;
    err_t err = pool_start("test", true, &pool);
    *state = pool;
    return err == ERR_OK ? 0 : -1;
}

static int s_teardown(void **state)
{
    pool_t *pool = *state;
    pool_stop(&pool);
    assert_null(pool);
    return 0;
}

static void s_submit(pool_t *pool, uint64_t ticket, work_kind_t kind, const char *password,
                     slice_t verifier)
{
    assert_int_equal(pool_submit(pool, ticket, kind, slice_of(password), verifier), ERR_OK);
}

static work_result_t s_result(pool_t *pool, uint64_t expected)
{
    uint64_t ticket;
    work_result_t result;
    while (!pool_result(pool, &ticket, &result)) {
        bus_t *bus = pool_bus(pool);
        bus_wait(&bus, 1, WAIT_MS);
    }
    assert_int_equal(ticket, expected);
    return result;
}

static void test_a_hash_verifies_its_password_and_no_other(void **state)
{
    char verifier[CRYPTO_VERIFIER_SIZE];
    s_submit(*state, 7, WORK_HASH, "correct horse", (slice_t){0});
    work_result_t result = s_result(*state, 7);
    assert_int_equal(result.kind, WORK_HASH);
    snprintf(verifier, sizeof verifier, "%.*s", SLICE_ARG(result.verifier));

    s_submit(*state, 8, WORK_VERIFY, "correct horse", slice_of(verifier));
    s_submit(*state, 9, WORK_VERIFY, "battery staple", slice_of(verifier));
    result = s_result(*state, 8);
    assert_int_equal(result.kind, WORK_VERIFY);
    assert_true(result.fits);
    assert_true(slice_is(result.verifier, verifier));
    assert_false(s_result(*state, 9).fits);
}

static void test_nobody_has_no_password(void **state)
{
    s_submit(*state, 1, WORK_VERIFY, "", (slice_t){0});
    s_submit(*state, 2, WORK_VERIFY, "anything", (slice_t){0});
    assert_false(s_result(*state, 1).fits);
    work_result_t result = s_result(*state, 2);
    assert_false(result.fits);
    assert_int_equal(result.verifier.len, 0);
}

static void test_a_full_queue_refuses_until_results_are_taken(void **state)
{
    for (uint64_t i = 1; i <= POOL_QUEUE; i++)
        s_submit(*state, i, WORK_HASH, "password", (slice_t){0});
    err_t err = pool_submit(*state, 99, WORK_HASH, SLICE_LIT("password"), (slice_t){0});
    assert_int_equal(err, ERR_UNAVAILABLE);
    s_result(*state, 1);
    s_submit(*state, 100, WORK_HASH, "password", (slice_t){0});
    for (uint64_t i = 2; i <= POOL_QUEUE; i++)
        s_result(*state, i);
    s_result(*state, 100);
}

static void test_a_pool_stops_with_work_left(void **state)
{
    for (uint64_t i = 1; i <= POOL_QUEUE; i++)
        s_submit(*state, i, WORK_HASH, "password", (slice_t){0});
}

static void test_pools_of_one_name_do_not_meet(void **state)
{
    pool_t *other = NULL;
    assert_int_equal(pool_start("test", true, &other), ERR_OK);
    s_submit(other, 5, WORK_HASH, "password", (slice_t){0});
    s_submit(*state, 6, WORK_HASH, "password", (slice_t){0});
    s_result(*state, 6);
    s_result(other, 5);
    pool_stop(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_hash_verifies_its_password_and_no_other, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_nobody_has_no_password, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_full_queue_refuses_until_results_are_taken, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_pool_stops_with_work_left, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_pools_of_one_name_do_not_meet, s_setup, s_teardown),
    };
    return cmocka_run_group_tests(tests, s_start_once, s_stop_once);
}
