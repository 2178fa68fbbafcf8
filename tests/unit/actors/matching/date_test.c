/* date_test.c - days, dates and ages, against the C library and by hand. */
#include "actors/matching/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static const int64_t DAY_S = 24 * 3600;

static int64_t s_read(const char *text)
{
    return date_read(slice_of(text));
}

static void test_days_are_what_the_library_says(void **state)
{
    arena_t *arena = arena_new();
    (void)state;
    for (int64_t day = s_read("1970-01-01"); day <= s_read("2199-12-31"); day++) {
        time_t time = (time_t)((day - s_read("1970-01-01")) * DAY_S);
        struct tm utc;
        char text[16];
        assert_non_null(gmtime_r(&time, &utc));
        strftime(text, sizeof text, "%Y-%m-%d", &utc);
        assert_int_equal(s_read(text), day);
        assert_true(slice_is(date_text(day, arena), text));
        assert_int_equal(date_of_time((int64_t)time * 1000000 + 1), day);
    }
    arena_destroy(&arena);
}

static void test_what_is_no_date(void **state)
{
    (void)state;
    assert_int_equal(s_read("1900-01-01"), 1);
    assert_int_equal(s_read("1899-12-31"), 0);
    assert_int_equal(s_read("1990-02-29"), 0);
    assert_int_equal(s_read("1990-13-01"), 0);
    assert_int_equal(s_read("1990-00-10"), 0);
    assert_int_equal(s_read("1990-01-00"), 0);
    assert_int_equal(s_read("1990-1-010"), 0);
    assert_int_equal(s_read("199a-01-01"), 0);
    assert_int_equal(s_read("1990-01-011"), 0);
    assert_int_equal(s_read(""), 0);
}

static void test_ages(void **state)
{
    int64_t leap = s_read("2000-02-29");
    (void)state;
    assert_int_equal(date_age(leap, s_read("2001-02-28")), 0);
    assert_int_equal(date_age(leap, s_read("2001-03-01")), 1);
    assert_int_equal(date_age(leap, s_read("2004-02-29")), 4);
    assert_int_equal(date_age(leap, s_read("1999-01-01")), 0);
    assert_int_equal(date_age(s_read("1990-06-15"), s_read("2026-06-14")), 35);
    assert_int_equal(date_age(s_read("1990-06-15"), s_read("2026-06-15")), 36);
    assert_int_equal(date_age(0, s_read("2026-06-15")), 0);
}

/* Whoever was born by that day is so old, and whoever came a day later is not. */
static void test_born_by(void **state)
{
    (void)state;
    for (int64_t today = s_read("2023-12-01"); today < s_read("2025-04-01"); today++)
        for (uint64_t age = 1; age < 100; age++) {
            int64_t born = date_born_by(today, age);
            assert_int_equal(date_age(born, today), age);
            assert_int_equal(date_age(born + 1, today), age - 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_are_what_the_library_says),
        cmocka_unit_test(test_what_is_no_date),
        cmocka_unit_test(test_ages),
        cmocka_unit_test(test_born_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
