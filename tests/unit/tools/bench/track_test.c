/* track_test.c - a lost, a late and a doubled message are told apart. */
#include "tools/bench/track.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void s_test_in_order(void **state)
{
    (void)state;
    track_t track = {0};
    for (uint32_t seq = 0; seq < 200; seq++)
        assert_int_equal(track_add(&track, seq), TRACK_IN_ORDER);
    assert_int_equal(track.received, 200);
}

static void s_test_lost(void **state)
{
    (void)state;
    track_t track = {0};
    assert_int_equal(track_add(&track, 0), TRACK_IN_ORDER);
    assert_int_equal(track_add(&track, 3), TRACK_IN_ORDER);
    assert_int_equal(track.next - track.received, 2);
}

static void s_test_late_and_doubled(void **state)
{
    (void)state;
    track_t track = {0};
    assert_int_equal(track_add(&track, 1), TRACK_IN_ORDER);
    assert_int_equal(track_add(&track, 0), TRACK_LATE);
    assert_int_equal(track_add(&track, 0), TRACK_DUPLICATE);
    assert_int_equal(track_add(&track, 1), TRACK_DUPLICATE);
    assert_int_equal(track.received, 2);
}

static void s_test_remembers_64(void **state)
{
    (void)state;
    track_t track = {0};
    for (uint32_t seq = 0; seq < 65; seq++)
        (void)track_add(&track, seq);
    assert_int_equal(track_add(&track, 1), TRACK_DUPLICATE);
    assert_int_equal(track_add(&track, 0), TRACK_LATE);
    assert_int_equal(track_add(&track, 1000), TRACK_IN_ORDER);
    assert_int_equal(track_add(&track, 999), TRACK_LATE);
    assert_int_equal(track.received, 67);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_in_order),
        cmocka_unit_test(s_test_lost),
        cmocka_unit_test(s_test_late_and_doubled),
        cmocka_unit_test(s_test_remembers_64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
