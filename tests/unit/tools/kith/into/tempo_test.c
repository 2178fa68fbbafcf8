/* tempo_test.c - when a deed is due, at any pace. */
#include "tools/kith/into/tempo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { SECOND_US = 1000000 };
#define SECOND_NS UINT64_C(1000000000)

static void test_speeds_are_read(void **state)
{
    tempo_t tempo;
    (void)state;
    assert_true(tempo_read("max", &tempo));
    assert_true(tempo.at_once);
    assert_true(tempo_read("1", &tempo));
    assert_int_equal(tempo.percent, 100);
    assert_true(tempo_read("0.5", &tempo));
    assert_int_equal(tempo.percent, 50);
    assert_true(tempo_read("20", &tempo));
    assert_int_equal(tempo.percent, 2000);
    assert_true(tempo_read("1.259", &tempo)); /* two digits count */
    assert_int_equal(tempo.percent, 125);
}

static void test_what_is_no_speed_is_refused(void **state)
{
    static const char *const texts[] = {"", "fast", "0", "0.0", "-1", "1x", "1.x", ".5", "1234567"};
    tempo_t tempo;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_false(tempo_read(texts[i], &tempo));
}

static void test_the_first_is_due_at_once(void **state)
{
    tempo_t tempo = {.percent = 100};
    (void)state;
    assert_int_equal(tempo_due(&tempo, 7 * SECOND_US, 100), 100);
    assert_int_equal(tempo_due(&tempo, 9 * SECOND_US, 500), 100 + 2 * SECOND_NS);
    assert_int_equal(tempo_due(&tempo, 6 * SECOND_US, 500), 100); /* the clock had gone back */
}

static void test_a_pace_divides_what_lies_between(void **state)
{
    tempo_t fast = {.percent = 400}, slow = {.percent = 50};
    (void)state;
    (void)tempo_due(&fast, SECOND_US, 0);
    (void)tempo_due(&slow, SECOND_US, 0);
    assert_int_equal(tempo_due(&fast, 5 * SECOND_US, 0), SECOND_NS);
    assert_int_equal(tempo_due(&slow, 5 * SECOND_US, 0), 8 * SECOND_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_speeds_are_read),
        cmocka_unit_test(test_what_is_no_speed_is_refused),
        cmocka_unit_test(test_the_first_is_due_at_once),
        cmocka_unit_test(test_a_pace_divides_what_lies_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
