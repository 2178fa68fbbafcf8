/* clock_test.c - the time of day goes on, whatever the machine's clock is set to. */
#include "actors/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t s_second = 1000000, s_hour = INT64_C(3600) * 1000000;
static int64_t s_ticks = INT64_C(5000) * 1000000;       /* CLOCK_BOOTTIME */
static int64_t s_shown = INT64_C(1790000000) * 1000000; /* CLOCK_REALTIME */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int64_t us = clock == CLOCK_REALTIME ? s_shown : s_ticks;
    *now = (struct timespec){us / s_second, us % s_second * 1000};
    return 0;
}

/* Time passes, and somebody asks ten times a second. */
static void s_pass(int64_t us)
{
    for (int64_t passed = 0; passed < us; passed += s_second / 10) {
        s_ticks += s_second / 10;
        s_shown += s_second / 10;
        (void)clock_time_us();
    }
}

static void test_it_is_the_machines_at_first(void **state)
{
    (void)state;
    assert_true(clock_time_us() == s_shown);
    s_pass(10 * s_second);
    assert_true(clock_time_us() == s_shown);
}

static void s_set(int64_t by)
{
    int64_t before = clock_time_us();
    s_shown += by;
    s_pass(s_second);
    int64_t went = clock_time_us() - before;
    assert_in_range(went, s_second / 2, s_second * 3 / 2);
    s_pass(10 * s_second);
    went = clock_time_us() - before;
    assert_in_range(went, 11 * s_second / 2, 11 * s_second * 3 / 2);
    s_pass(2 * (by > 0 ? by : -by));
    assert_true(clock_time_us() == s_shown);
}

static void test_a_clock_that_is_set_is_neared(void **state)
{
    (void)state;
    s_set(s_hour);
    s_set(-s_hour);
}

static void test_it_never_goes_back(void **state)
{
    (void)state;
    int64_t last = clock_time_us();
    s_shown -= 24 * s_hour;
    for (int i = 0; i < 10000; i++) {
        s_ticks += 300;
        s_shown += 300;
        assert_true(clock_time_us() >= last);
        last = clock_time_us();
    }
    s_shown += 24 * s_hour;
    s_pass(s_hour);
}

static void test_a_small_difference_is_gone_at_once(void **state)
{
    (void)state;
    s_shown += 2000;
    s_pass(s_second / 10);
    assert_true(clock_time_us() == s_shown);
}

static void test_a_long_silence_is_no_reason_to_leap(void **state)
{
    (void)state;
    int64_t before = clock_time_us();
    s_ticks += s_hour;
    s_shown += 2 * s_hour;
    assert_in_range(clock_time_us() - before, s_hour, s_hour + s_second);
    s_shown -= s_hour;
    s_pass(s_second);
}

static void test_it_goes_on_from_what_was_written(void **state)
{
    (void)state;
    s_pass(s_hour);
    clock_go_on_from(s_shown - s_hour);
    assert_true(clock_time_us() == s_shown);
    clock_go_on_from(s_shown + s_hour);
    assert_true(clock_time_us() == s_shown + s_hour);
    s_pass(s_second);
    assert_in_range(clock_time_us() - s_shown, s_hour - s_second, s_hour - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_the_machines_at_first),
        cmocka_unit_test(test_a_clock_that_is_set_is_neared),
        cmocka_unit_test(test_it_never_goes_back),
        cmocka_unit_test(test_a_small_difference_is_gone_at_once),
        cmocka_unit_test(test_a_long_silence_is_no_reason_to_leap),
        cmocka_unit_test(test_it_goes_on_from_what_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
