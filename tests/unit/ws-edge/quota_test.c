/* quota_test.c - buckets run dry, fill up again, and give way. */
#include "ws-edge/quota.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "actors/crypto.h"

enum { LOGIN_TRIES = 50, SECOND_US = 1000000 };

static const uint64_t s_now = UINT64_C(1000) * SECOND_US;

static void s_charge(quota_t *quota, rate_id_t id, uint64_t key, int times)
{
    for (int i = 0; i < times; i++)
        quota_charge(quota, id, key, 1, s_now);
}

static void test_so_many_tries_and_no_more(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    s_charge(quota, RATE_LOGIN, 7, LOGIN_TRIES - 1);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now), 0);
    s_charge(quota, RATE_LOGIN, 7, 1);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now), 10);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now + 9 * SECOND_US + 1), 1);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now + 10 * SECOND_US), 0);
    quota_destroy(&quota);
}

static void test_keys_and_rates_are_apart(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    s_charge(quota, RATE_LOGIN, 7, LOGIN_TRIES);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 8, s_now), 0);
    assert_int_equal(quota_wait_s(quota, RATE_SIGN_IN, 7, s_now), 0);
    assert_int_not_equal(quota_key(quota, SLICE_LIT("a")), quota_key(quota, SLICE_LIT("b")));
    assert_int_equal(quota_key(quota, SLICE_LIT("a")), quota_key(quota, SLICE_LIT("a")));
    quota_destroy(&quota);
}

static void test_what_is_refunded_was_never_owed(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    for (int i = 0; i < 10 * LOGIN_TRIES; i++) {
        quota_charge(quota, RATE_LOGIN, 7, 1, s_now);
        quota_refund(quota, RATE_LOGIN, 7, s_now);
    }
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now), 0);
    quota_refund(quota, RATE_LOGIN, 9, s_now); /* and nobody gets more than all */
    s_charge(quota, RATE_LOGIN, 9, LOGIN_TRIES);
    assert_int_not_equal(quota_wait_s(quota, RATE_LOGIN, 9, s_now), 0);
    quota_destroy(&quota);
}

/* A flood of others forgives those who owe little before those who owe much. */
static void test_a_full_table_keeps_who_owes_most(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    s_charge(quota, RATE_LOGIN, 7, LOGIN_TRIES);
    for (uint64_t key = 1000; key < 201000; key++)
        quota_charge(quota, RATE_LOGIN, key, 1, s_now);
    assert_int_not_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now), 0);
    quota_destroy(&quota);
}

static void test_a_rate_in_words(void **state)
{
    static const char *const bad[] = {"",     "10",   "10/",  "/10",   "0/10", "10/0",
                                      "-1/5", "1/5 ", " 1/5", "1/5/5", "on",   "1000000001/1"};
    rate_t rate;
    (void)state;
    assert_int_equal(rate_read("20/10", &rate), ERR_OK);
    assert_int_equal(rate.size, 20);
    assert_int_equal(rate.pace_us, SECOND_US / 2);
    assert_int_equal(rate_read("off", &rate), ERR_OK);
    assert_int_equal(rate.size, 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(rate_read(bad[i], &rate), ERR_INVALID);
}

static void test_a_rate_can_be_changed_and_switched_off(void **state)
{
    quota_t *quota = quota_new();
    rate_t rate = {0};
    (void)state;
    s_charge(quota, RATE_LOGIN, 7, LOGIN_TRIES);
    quota_set(quota, RATE_LOGIN, &rate);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now), 0);
    assert_int_equal(rate_read("2/4", &rate), ERR_OK);
    quota_set(quota, RATE_LOGIN, &rate);
    s_charge(quota, RATE_LOGIN, 8, 2);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 8, s_now), 2);
    quota_destroy(&quota);
}

/* Something large goes through when there is room for anything, and is paid off after. */
static void test_many_at_once_are_owed(void **state)
{
    quota_t *quota = quota_new();
    (void)state;
    quota_charge(quota, RATE_LOGIN, 7, 2 * LOGIN_TRIES, s_now);
    assert_int_equal(quota_wait_s(quota, RATE_LOGIN, 7, s_now), 10 * (LOGIN_TRIES + 1));
    quota_destroy(&quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_many_tries_and_no_more),
        cmocka_unit_test(test_keys_and_rates_are_apart),
        cmocka_unit_test(test_what_is_refunded_was_never_owed),
        cmocka_unit_test(test_a_full_table_keeps_who_owes_most),
        cmocka_unit_test(test_a_rate_in_words),
        cmocka_unit_test(test_a_rate_can_be_changed_and_switched_off),
        cmocka_unit_test(test_many_at_once_are_owed),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
