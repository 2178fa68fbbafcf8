/* ledger_test.c - numbers as Prometheus reads them. */
#include "actors/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schema/mem.h"

static ledger_t s_ledger;
static buf_t s_out;

static int s_setup(void **state)
{
    (void)state;
    s_ledger = (ledger_t){.arena = arena_new()};
    return 0;
}

static int s_teardown(void **state)
{
    (void)state;
    ledger_free(&s_ledger);
    arena_destroy(&s_ledger.arena);
    buf_free(&s_out);
    return 0;
}

static const char *s_print(void)
{
    buf_reset(&s_out);
    ledger_print(&s_out, ledger_list(&s_ledger));
    buf_append_byte(&s_out, 0);
    return (const char *)s_out.data;
}

static void test_families_and_labels(void **state)
{
    (void)state;
    ledger_family(&s_ledger, metric_kind_COUNTER, "a_total", "How many", false);
    ledger_value(&s_ledger, "reason=\"x\"", 3);
    ledger_value(&s_ledger, NULL, 4);
    ledger_one(&s_ledger, metric_kind_GAUGE, "b", "Now", 5);
    assert_string_equal(s_print(), "# HELP a_total How many\n# TYPE a_total counter\n"
                                   "a_total{reason=\"x\"} 3\na_total 4\n"
                                   "# HELP b Now\n# TYPE b gauge\nb 5\n");
}

static void test_times_are_shown_in_seconds(void **state)
{
    (void)state;
    ledger_family(&s_ledger, metric_kind_COUNTER, "cpu", "CPU", true);
    ledger_value(&s_ledger, NULL, 1500000);
    assert_non_null(strstr(s_print(), "cpu 1.500000\n"));
}

/* Every bound holds what is equal to it. */
static void test_a_histogram_counts_up_to_its_bounds(void **state)
{
    (void)state;
    histogram_t histogram = {0};
    static const uint64_t values[] = {0, 1, 2, 3, 4, 5, 1000000000000};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        histogram_add(&histogram, values[i]);
    ledger_histogram(&s_ledger, "size", "Sizes", false, &histogram);
    const char *page = s_print();
    assert_non_null(strstr(page, "# TYPE size histogram\nsize_bucket{le=\"1\"} 2\n"));
    assert_non_null(strstr(page, "size_bucket{le=\"2\"} 3\n"));
    assert_non_null(strstr(page, "size_bucket{le=\"4\"} 5\n"));
    assert_non_null(strstr(page, "size_bucket{le=\"8\"} 6\n"));
    assert_non_null(strstr(page, "size_bucket{le=\"4194304\"} 6\n"));
    assert_non_null(strstr(page, "size_bucket{le=\"+Inf\"} 7\n"));
    assert_non_null(strstr(page, "size_sum 1000000000015\nsize_count 7\n"));
}

static void test_numbers_without_a_family_are_passed_over(void **state)
{
    (void)state;
    ledger_value(&s_ledger, "x=\"1\"", 3);
    assert_string_equal(s_print(), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_families_and_labels),
        TEST(test_times_are_shown_in_seconds),
        TEST(test_a_histogram_counts_up_to_its_bounds),
        TEST(test_numbers_without_a_family_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
