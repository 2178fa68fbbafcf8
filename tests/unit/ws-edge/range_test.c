#include "ws-edge/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

static void s_fits(const char *header, uint64_t size, uint64_t first, uint64_t count)
{
    uint64_t got_first = 0, got_count = 0;
    range_t range = range_read(slice_of(header));
    if (!range_fit(&range, size, &got_first, &got_count))
        fail_msg("%s does not fit", header);
    if (got_first != first || got_count != count)
        fail_msg("%s of %d is %d, %d bytes", header, (int)size, (int)got_first, (int)got_count);
}

static void test_one_range_of_bytes(void **state)
{
    (void)state;
    s_fits("bytes=0-0", 10, 0, 1);
    s_fits("bytes=2-5", 10, 2, 4);
    s_fits("Bytes=2-", 10, 2, 8);
    s_fits("bytes=2-99", 10, 2, 8);
    s_fits("bytes=-3", 10, 7, 3);
    s_fits("bytes=-99", 10, 0, 10);
    s_fits("bytes=9-9", 10, 9, 1);
}

static void test_what_is_no_single_range_is_all(void **state)
{
    static const char *const headers[] = {
        "",           "bytes=",
        "bytes=-",    "bytes=a-b",
        "bytes=5-2",  "bytes=0-1,3-4",
        "items=0-1",  "bytes=0-1 ",
        "bytes=+1-2", "bytes=9999999999999999999-",
        "bytes",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        s_fits(headers[i], 10, 0, 10);
    s_fits("", 0, 0, 0);
}

static void test_a_range_behind_the_end_fits_nothing(void **state)
{
    static const char *const headers[] = {"bytes=10-", "bytes=10-12", "bytes=-0"};
    uint64_t first, count;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        range_t range = range_read(slice_of(headers[i]));
        assert_false(range_fit(&range, 10, &first, &count));
    }
    range_t any = range_read(slice_of("bytes=0-"));
    assert_false(range_fit(&any, 0, &first, &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_range_of_bytes),
        cmocka_unit_test(test_what_is_no_single_range_is_all),
        cmocka_unit_test(test_a_range_behind_the_end_fits_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
