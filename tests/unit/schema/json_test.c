/* json_test.c - what is read, what is refused, and how it is written again. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/json.h"
#include "schema/limits.h"

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
    s_assert_written("1e300", "1.0000000000000001e+300");
    s_assert_written("2.0", "2.0");
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

static void test_what_is_no_document_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "nul",
        "truex",
        "1 2",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "[1",
        "{\"a\":1",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\n\"",
        "\"\x80\"",
        "\"\xc0\x80\"",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "1e999",
        "NaN",
        "\xef\xbb\xbf{}",
        "{\"a\":1,\"\\u0061\":2}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const json_node_t *root = NULL;
        if (json_parse(slice_of(bad[i]), &root) != ERR_MALFORMED)
            fail_msg("`%s` is taken", bad[i]);
    }
    const json_node_t *root = NULL;
    assert_int_equal(json_parse(SLICE_LIT("1\0"), &root), ERR_MALFORMED);
}

static void test_texts_are_unescaped(void **state)
{
    const json_node_t *root;
    slice_t text;
    (void)state;
    assert_int_equal(
        json_parse(SLICE_LIT("\"a\\u00e9\\u20ac\\ud83d\\ude00\\/\\\\\\b\\f\\n\\r\\t\""), &root),
        ERR_OK);
    assert_true(json_text(root, &text));
    assert_true(slice_is(text, "a\u00e9\u20ac\U0001f600/\\\b\f\n\r\t"));
    assert_int_equal(text.ptr[text.len], 0);
    json_free(&root);
}

static void test_whole_numbers_have_64_bits(void **state)
{
    const json_node_t *root;
    int64_t value;
    uint64_t number;
    double real;
    (void)state;
    assert_int_equal(json_parse(SLICE_LIT("[9223372036854775807,-9223372036854775808,"
                                          "9223372036854775808,-9223372036854775809,-0]"),
                                &root),
                     ERR_OK);
    assert_true(json_i64(json_item(root, 0), &value) && value == INT64_MAX);
    assert_false(json_u64(json_item(root, 0), &number)); /* not every reader has that many */
    assert_true(json_i64(json_item(root, 1), &value) && value == INT64_MIN);
    assert_true(json_double(json_item(root, 2), &real) && real == 0x1p63);
    assert_true(json_double(json_item(root, 3), &real) && real == -0x1p63);
    assert_true(json_i64(json_item(root, 4), &value) && value == 0);
    assert_null(json_item(root, 5));
    json_free(&root);
}

static void test_numbers_of_every_length_are_written(void **state)
{
    char expected[32];
    buf_t out = {0};
    (void)state;
    for (uint64_t power = 1, next = 0; next != power; power = next) {
        const uint64_t numbers[] = {power - 1, power, power + 5};
        next = power <= UINT64_MAX / 10 ? power * 10 : power;
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            out.len = 0;
            json_put_u64(&out, numbers[i]);
            snprintf(expected, sizeof expected, "%" PRIu64, numbers[i]);
            assert_true(slice_is(buf_slice(&out), expected));
        }
    }
    out.len = 0;
    json_put_u64(&out, UINT64_MAX);
    json_put_i64(&out, INT64_MIN);
    assert_true(slice_is(buf_slice(&out), "18446744073709551615-9223372036854775808"));
    buf_free(&out);
}

/* Wider than what is read without an allocation. */
static void test_many_members_are_found_and_differ(void **state)
{
    enum { MEMBERS = 1000 };
    const json_node_t *root;
    buf_t out = {0};
    char name[16];
    (void)state;
    buf_append_byte(&out, '{');
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "m%d", i);
        json_put_key(&out, name);
        json_put_i64(&out, i);
    }
    size_t len = out.len;
    buf_append_byte(&out, '}');
    assert_int_equal(json_parse(buf_slice(&out), &root), ERR_OK);
    for (int i = 0; i < MEMBERS; i++) {
        int64_t value;
        snprintf(name, sizeof name, "m%d", i);
        assert_true(json_i64(json_member(root, name), &value) && value == i);
    }
    json_free(&root);
    out.len = len;
    buf_append_text(&out, ",\"m500\":0}");
    assert_int_equal(json_parse(buf_slice(&out), &root), ERR_MALFORMED);
    buf_free(&out);
}

static void test_nesting_has_a_bound(void **state)
{
    char text[2 * LIMIT_JSON_DEPTH + 3] = {0};
    const json_node_t *root;
    (void)state;
    memset(text, '[', LIMIT_JSON_DEPTH);
    memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    assert_int_equal(json_parse(slice_of(text), &root), ERR_OK);
    json_free(&root);
    memset(text, '[', LIMIT_JSON_DEPTH + 1);
    memset(text + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    assert_int_equal(json_parse(slice_of(text), &root), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_node_is_written_as_it_was_without_white_space),
        cmocka_unit_test(test_no_text_is_an_empty_one),
        cmocka_unit_test(test_only_what_has_a_fraction_is_a_double),
        cmocka_unit_test(test_what_is_no_document_is_refused),
        cmocka_unit_test(test_texts_are_unescaped),
        cmocka_unit_test(test_whole_numbers_have_64_bits),
        cmocka_unit_test(test_numbers_of_every_length_are_written),
        cmocka_unit_test(test_many_members_are_found_and_differ),
        cmocka_unit_test(test_nesting_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
