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
    err_t err = pool_start("test", &(pool_options_t){.weak = true}, &pool);
    *state = pool;
    return err == ERR_OK ? 0 : -1;
}

static int s_setup_md5(void **state)
{
    pool_t *pool = NULL;
    err_t err = pool_start("test", &(pool_options_t){.weak = true, .md5_clients = true}, &pool);
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
    work_t work = {.kind = kind, .password = slice_of(password), .verifier = verifier};
    assert_int_equal(pool_submit(pool, ticket, &work), ERR_OK);
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
    work_t work = {.kind = WORK_HASH, .password = SLICE_LIT("password")};
    err_t err = pool_submit(*state, 99, &work);
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
    assert_int_equal(pool_start("test", &(pool_options_t){.weak = true}, &other), ERR_OK);
    s_submit(other, 5, WORK_HASH, "password", (slice_t){0});
    s_submit(*state, 6, WORK_HASH, "password", (slice_t){0});
    s_result(*state, 6);
    s_result(other, 5);
    pool_stop(&other);
}

/* ---- MD5 ---- */

/* MD5 of "correct horse", in hex. */
#define HASHED "3cb4e732631f47e6eb961f34554b7cde"

/* What an account keeps of its password. */
typedef struct kept {
    char own[CRYPTO_VERIFIER_SIZE];
    char md5[CRYPTO_VERIFIER_SIZE];
} kept_t;

static kept_t s_keep(pool_t *pool, const char *password, bool hashed)
{
    kept_t kept;
    work_t work = {.kind = WORK_HASH, .password = slice_of(password), .hashed = hashed};
    assert_int_equal(pool_submit(pool, 1, &work), ERR_OK);
    work_result_t result = s_result(pool, 1);
    snprintf(kept.own, sizeof kept.own, "%.*s", SLICE_ARG(result.verifier));
    snprintf(kept.md5, sizeof kept.md5, "%.*s", SLICE_ARG(result.md5_verifier));
    return kept;
}

static bool s_fits(pool_t *pool, const kept_t *kept, const char *password, bool hashed)
{
    work_t work = {
        .kind = WORK_VERIFY,
        .password = slice_of(password),
        .hashed = hashed,
        .verifier = slice_of(kept->own),
        .md5_verifier = slice_of(kept->md5),
    };
    assert_int_equal(pool_submit(pool, 2, &work), ERR_OK);
    work_result_t result = s_result(pool, 2);
    assert_true(slice_is(result.verifier, kept->own));
    return result.fits;
}

static void test_a_password_is_known_by_its_md5(void **state)
{
    kept_t kept = s_keep(*state, "correct horse", false);
    assert_true(s_fits(*state, &kept, "correct horse", false));
    assert_true(s_fits(*state, &kept, HASHED, true));
    assert_true(s_fits(*state, &kept, "correct horse", true)); /* a client that hashes nothing */
    assert_false(s_fits(*state, &kept, HASHED, false));        /* or it would be worth as much */
    assert_false(s_fits(*state, &kept, "battery staple", false));
    assert_false(s_fits(*state, &kept, "battery staple", true));
}

static void test_who_gave_the_md5_may_give_the_password(void **state)
{
    kept_t kept = s_keep(*state, HASHED, true);
    assert_string_equal(kept.own, kept.md5);
    assert_true(s_fits(*state, &kept, HASHED, true));
    assert_true(s_fits(*state, &kept, "correct horse", false));
    assert_false(s_fits(*state, &kept, "correct horse", true));
    assert_false(s_fits(*state, &kept, "battery staple", false));
}

static void test_what_only_looks_like_one_is_a_password(void **state)
{
    kept_t kept = s_keep(*state, HASHED, false);
    assert_string_not_equal(kept.own, kept.md5);
    assert_true(s_fits(*state, &kept, HASHED, false));
    assert_false(s_fits(*state, &kept, "correct horse", false));
}

static void test_nobody_has_no_md5(void **state)
{
    kept_t nobody = {0};
    assert_false(s_fits(*state, &nobody, HASHED, true));
    assert_false(s_fits(*state, &nobody, "", false));
}

/* Even where an account has a second verifier from the time in which they were. */
static void test_such_clients_are_let_in_only_where_that_is_wanted(void **state)
{
    kept_t kept = s_keep(*state, "correct horse", false);
    assert_string_equal(kept.md5, "");
    kept_t hashed = s_keep(*state, HASHED, false);
    snprintf(kept.md5, sizeof kept.md5, "%s", hashed.own);
    assert_false(s_fits(*state, &kept, HASHED, true));
    assert_true(s_fits(*state, &kept, "correct horse", true));
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
        cmocka_unit_test_setup_teardown(test_a_password_is_known_by_its_md5, s_setup_md5,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_who_gave_the_md5_may_give_the_password, s_setup_md5,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_what_only_looks_like_one_is_a_password, s_setup_md5,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_nobody_has_no_md5, s_setup_md5, s_teardown),
        cmocka_unit_test_setup_teardown(test_such_clients_are_let_in_only_where_that_is_wanted,
                                        s_setup, s_teardown),
    };
    return cmocka_run_group_tests(tests, s_start_once, s_stop_once);
}
