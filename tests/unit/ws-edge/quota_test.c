/* quota_test.c - buckets run dry, fill up again, and give way. */
#include "ws-edge/quota.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "actors/crypto.h"

enum { LOGIN_TRIES = 50, SECOND_US = 1000000 };

static const uint64_t s_now = UINT64_C(1000) * SECOND_US;

static void s_charge(quota_t *quota, quota_kind_t kind, uint64_t key, int times)
{
    for (int i = 0; i < times; i++)
        quota_charge(quota, kind, key, s_now);
}

static void test_so_many_tries_and_no_more(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    s_charge(quota, QUOTA_LOGIN, 7, LOGIN_TRIES - 1);
    assert_int_equal(quota_wait_s(quota, QUOTA_LOGIN, 7, s_now), 0);
    s_charge(quota, QUOTA_LOGIN, 7, 1);
    assert_int_equal(quota_wait_s(quota, QUOTA_LOGIN, 7, s_now), 10);
    assert_int_equal(quota_wait_s(quota, QUOTA_LOGIN, 7, s_now + 9 * SECOND_US + 1), 1);
    assert_int_equal(quota_wait_s(quota, QUOTA_LOGIN, 7, s_now + 10 * SECOND_US), 0);
    quota_destroy(&quota);
}

static void test_keys_and_kinds_are_apart(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    s_charge(quota, QUOTA_LOGIN, 7, LOGIN_TRIES);
    assert_int_equal(quota_wait_s(quota, QUOTA_LOGIN, 8, s_now), 0);
    assert_int_equal(quota_wait_s(quota, QUOTA_ADDRESS, 7, s_now), 0);
    assert_int_not_equal(quota_key(quota, SLICE_LIT("a")), quota_key(quota, SLICE_LIT("b")));
    assert_int_equal(quota_key(quota, SLICE_LIT("a")), quota_key(quota, SLICE_LIT("a")));
    quota_destroy(&quota);
}

static void test_what_is_refunded_was_never_owed(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    for (int i = 0; i < 10 * LOGIN_TRIES; i++) {
        quota_charge(quota, QUOTA_LOGIN, 7, s_now);
        quota_refund(quota, QUOTA_LOGIN, 7, s_now);
    }
    assert_int_equal(quota_wait_s(quota, QUOTA_LOGIN, 7, s_now), 0);
    quota_refund(quota, QUOTA_LOGIN, 9, s_now); /* and nobody gets more than all */
    s_charge(quota, QUOTA_LOGIN, 9, LOGIN_TRIES);
    assert_int_not_equal(quota_wait_s(quota, QUOTA_LOGIN, 9, s_now), 0);
    quota_destroy(&quota);
}

/* A flood of others forgives those who owe little before those who owe much. */
static void test_a_full_table_keeps_who_owes_most(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    s_charge(quota, QUOTA_LOGIN, 7, LOGIN_TRIES);
    for (uint64_t key = 1000; key < 201000; key++)
        quota_charge(quota, QUOTA_LOGIN, key, s_now);
    assert_int_not_equal(quota_wait_s(quota, QUOTA_LOGIN, 7, s_now), 0);
    quota_destroy(&quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_many_tries_and_no_more),
        cmocka_unit_test(test_keys_and_kinds_are_apart),
        cmocka_unit_test(test_what_is_refunded_was_never_owed),
        cmocka_unit_test(test_a_full_table_keeps_who_owes_most),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
