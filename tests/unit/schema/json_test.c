/* json_test.c - what was read is written again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/json.h"

static void s_assert_written(const char *text, const char *expected)
{
    const json_node_t *root;
    buf_t out = {0};
    assert_int_equal(json_parse(slice_of(text), &root), ERR_OK);
    json_put_node(&out, root);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    json_free(&root);
    buf_free(&out);
}

static void test_a_node_is_written_as_it_was_without_white_space(void **state)
{
    (void)state;
    s_assert_written("{ \"b\": [1, -2, true, null], \"a\" : {\"x\": \"y\"} }",
                     "{\"b\":[1,-2,true,null],\"a\":{\"x\":\"y\"}}");
    s_assert_written("\"caf\\u00e9 \\n \\\" \"", "\"caf\u00e9 \\n \\\" \"");
    s_assert_written("9007199254740991", "9007199254740991");
    s_assert_written("0.5", "0.5");
    s_assert_written("[]", "[]");
}

static void test_no_text_is_an_empty_one(void **state)
{
    buf_t out = {0};
    (void)state;
    json_put_text(&out, (slice_t){0});
    json_put_text(&out, SLICE_LIT("\n"));
    assert_true(slice_is(buf_slice(&out), "\"\"\"\\n\""));
    buf_free(&out);
}

static void test_only_what_has_a_fraction_is_a_double(void **state)
{
    const json_node_t *root;
    double value = 0;
    (void)state;
    assert_int_equal(json_parse(SLICE_LIT("[0.25, 1, \"2\"]"), &root), ERR_OK);
    assert_true(json_double(json_item(root, 0), &value));
    assert_true(value == 0.25);
    assert_false(json_double(json_item(root, 1), &value));
    assert_false(json_double(json_item(root, 2), &value));
    assert_false(json_double(NULL, &value));
    json_free(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_node_is_written_as_it_was_without_white_space),
        cmocka_unit_test(test_no_text_is_an_empty_one),
        cmocka_unit_test(test_only_what_has_a_fraction_is_a_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
