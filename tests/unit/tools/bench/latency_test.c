/* latency_test.c - percentiles are at most 1.6 % too high, and never above the highest. */
#include "tools/bench/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static latency_t s_latency;

static int s_empty(void **state)
{
    (void)state;
    latency_reset(&s_latency);
    return 0;
}

static void s_test_nothing(void **state)
{
    (void)state;
    assert_int_equal(latency_at(&s_latency, 0.5), 0);
    assert_int_equal(s_latency.max_ns, 0);
}

static void s_test_one_value(void **state)
{
    (void)state;
    latency_add(&s_latency, 123456789);
    assert_int_equal(latency_at(&s_latency, 0), 123456789);
    assert_int_equal(latency_at(&s_latency, 0.5), 123456789);
    assert_int_equal(latency_at(&s_latency, 1), 123456789);
}

static void s_test_percentiles(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 1000; i++)
        latency_add(&s_latency, i * 1000000);
    assert_in_range(latency_at(&s_latency, 0.50), 500000000, 508000000);
    assert_in_range(latency_at(&s_latency, 0.99), 990000000, 1000000000);
    assert_int_equal(latency_at(&s_latency, 1), 1000000000);
}

static void s_test_longest(void **state)
{
    (void)state;
    latency_add(&s_latency, UINT64_MAX);
    assert_int_equal(s_latency.count, 1);
    assert_int_equal(latency_at(&s_latency, 0.5), (UINT64_C(1) << LATENCY_VALUE_BITS) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(s_test_nothing, s_empty),
        cmocka_unit_test_setup(s_test_one_value, s_empty),
        cmocka_unit_test_setup(s_test_percentiles, s_empty),
        cmocka_unit_test_setup(s_test_longest, s_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
