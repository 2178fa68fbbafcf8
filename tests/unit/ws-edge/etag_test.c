#include "ws-edge/etag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static bool s_names(const char *header)
{
    return etag_names(slice_of(header), SLICE_LIT("abc"));
}

static void test_a_tag_is_named_in_quotes(void **state)
{
    (void)state;
    assert_true(s_names("\"abc\""));
    assert_true(s_names("W/\"abc\""));
    assert_true(s_names("\"x\", \"abc\""));
    assert_true(s_names("\"xabc\", W/\"abc\", \"y\""));
    assert_true(s_names("*"));
}

static void test_what_only_looks_like_it_names_nothing(void **state)
{
    (void)state;
    assert_false(s_names(NULL));
    assert_false(s_names(""));
    assert_false(s_names("abc"));
    assert_false(s_names("\"abc"));
    assert_false(s_names("abc\""));
    assert_false(s_names("\"abcd\""));
    assert_false(s_names("\"xabc\""));
    assert_false(s_names("\"*\""));
}

static void test_other_bodies_have_other_tags(void **state)
{
    char one[ETAG_SIZE], other[ETAG_SIZE], again[ETAG_SIZE];
    (void)state;
    etag_of(SLICE_LIT("{\"seq\":1}"), one);
    etag_of(SLICE_LIT("{\"seq\":2}"), other);
    etag_of(SLICE_LIT("{\"seq\":1}"), again);
    assert_string_not_equal(one, other);
    assert_string_equal(one, again);
    assert_true(slice_of(one).len == ETAG_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tag_is_named_in_quotes),
        cmocka_unit_test(test_what_only_looks_like_it_names_nothing),
        cmocka_unit_test(test_other_bodies_have_other_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
