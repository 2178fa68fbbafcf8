/* hail_test.c - where the first object ends, in whatever pieces it comes. */
#include "ws-edge/hail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/mem.h"

/* Every beginning of it is a part, and what follows it is not its own. */
static void s_assert_whole(const char *lead, const char *object)
{
    char text[HAIL_SIZE_MAX * 2];
    size_t size = strlen(lead) + strlen(object);
    slice_t hail = {0};
    snprintf(text, sizeof text, "%s%s{} }\"x", lead, object);
    for (size_t len = 0; len < size; len++)
        assert_int_equal(hail_read(slice_new(text, len), &hail), HAIL_PART);
    for (size_t len = size; len <= strlen(text); len++) {
        assert_int_equal(hail_read(slice_new(text, len), &hail), HAIL_WHOLE);
        assert_true(slice_is(hail, object));
    }
}

static void test_it_ends_with_its_last_brace(void **state)
{
    (void)state;
    s_assert_whole("", "{}");
    s_assert_whole(" \r\n\t", "{\"uuid\":\"1\",\"room_gid\":\"2\"}");
    s_assert_whole("", "{\"a\":{\"b\":[{},{}]},\"c\":{}}");
}

static void test_braces_in_texts_do_not_count(void **state)
{
    (void)state;
    s_assert_whole("", "{\"a\":\"}\"}");
    s_assert_whole("", "{\"}\":\"{{{\"}");
    s_assert_whole("", "{\"a\":\"\\\"}\",\"b\":\"\\\\\"}");
}

static void test_what_begins_otherwise_is_none(void **state)
{
    static const char *const bad[] = {
        "x", "[", "\"", "}", " \n1", "GET / HTTP/1.1", "\xef\xbb\xbf{}"};
    slice_t hail;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(hail_read(slice_of(bad[i]), &hail), HAIL_BAD);
    assert_int_equal(hail_read(SLICE_LIT("\0"), &hail), HAIL_BAD);
}

static void test_it_has_a_kibibyte_with_the_space_before_it(void **state)
{
    char text[HAIL_SIZE_MAX + 1];
    slice_t hail;
    (void)state;
    memset(text, ' ', sizeof text);
    assert_int_equal(hail_read(slice_new(text, HAIL_SIZE_MAX - 1), &hail), HAIL_PART);
    assert_int_equal(hail_read(slice_new(text, HAIL_SIZE_MAX), &hail), HAIL_BAD);
    text[0] = '{';
    assert_int_equal(hail_read(slice_new(text, HAIL_SIZE_MAX - 1), &hail), HAIL_PART);
    assert_int_equal(hail_read(slice_new(text, HAIL_SIZE_MAX), &hail), HAIL_BAD);
    text[HAIL_SIZE_MAX] = '}';
    assert_int_equal(hail_read(slice_new(text, sizeof text), &hail), HAIL_BAD);
    text[HAIL_SIZE_MAX - 1] = '}';
    assert_int_equal(hail_read(slice_new(text, sizeof text), &hail), HAIL_WHOLE);
    assert_int_equal(hail.len, HAIL_SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_ends_with_its_last_brace),
        cmocka_unit_test(test_braces_in_texts_do_not_count),
        cmocka_unit_test(test_what_begins_otherwise_is_none),
        cmocka_unit_test(test_it_has_a_kibibyte_with_the_space_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
