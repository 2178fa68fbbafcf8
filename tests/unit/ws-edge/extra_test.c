/* extra_test.c - what is passed on with a message, and what is not. */
#include "ws-edge/extra.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/limits.h"

static const char *const s_known[] = {"text", "id", NULL};

static void s_expect_taken(const char *json, const char *expected)
{
    const json_node_t *object = NULL;
    arena_t *arena = arena_new();
    assert_int_equal(json_parse(slice_of(json), &object), ERR_OK);
    slice_t extra = extra_take(object, s_known, arena);
    assert_true(slice_is(extra, expected));
    json_free(&object);
    arena_destroy(&arena);
}

static void test_unknown_members_are_taken(void **state)
{
    (void)state;
    s_expect_taken("{\"text\":\"x\",\"type\":\"a\",\"id\":1,\"more\":{\"b\":[1,null]}}",
                   "{\"type\":\"a\",\"more\":{\"b\":[1,null]}}");
    s_expect_taken("{\"a\\\"b\":1}", "{\"a\\\"b\":1}");
    s_expect_taken("{\"text\":\"x\"}", "");
    s_expect_taken("[1]", "");
}

static void test_what_is_too_much_is_left_out(void **state)
{
    const json_node_t *object = NULL, *taken = NULL;
    arena_t *arena = arena_new();
    buf_t json = {0};
    (void)state;
    buf_append_text(&json, "{\"first\":1,\"large\":\"");
    for (int i = 0; i < LIMIT_EXTRA; i++)
        buf_append_byte(&json, 'x');
    buf_append_byte(&json, '"');
    for (int i = 0; i < LIMIT_EXTRAS + 5; i++)
        buf_printf(&json, ",\"key%d\":%d", i, i);
    buf_append_byte(&json, '}');
    assert_int_equal(json_parse(buf_slice(&json), &object), ERR_OK);
    slice_t extra = extra_take(object, s_known, arena);
    assert_true(extra.len <= LIMIT_EXTRA);
    assert_int_equal(json_parse(extra, &taken), ERR_OK);
    assert_null(json_member(taken, "large"));
    assert_non_null(json_member(taken, "first"));
    assert_non_null(json_member(taken, "key14"));
    assert_null(json_member(taken, "key15")); /* the seventeenth */
    json_free(&object);
    json_free(&taken);
    buf_free(&json);
    arena_destroy(&arena);
}

static void s_expect_put(const char *begin, const char *extra, const char *expected)
{
    buf_t out = {0};
    buf_append_text(&out, begin);
    extra_put(&out, slice_of(extra), s_known);
    assert_true(slice_is(buf_slice(&out), expected));
    buf_free(&out);
}

static void test_they_come_back_but_for_ours(void **state)
{
    (void)state;
    s_expect_put("{\"id\":1", "{\"a\":1,\"id\":2,\"b\":\"c\"}", "{\"id\":1,\"a\":1,\"b\":\"c\"");
    s_expect_put("{", "{\"a\":1}", "{\"a\":1");
    s_expect_put("{", "", "{");
    s_expect_put("{", "no json", "{");
    s_expect_put("{", "[1]", "{");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_members_are_taken),
        cmocka_unit_test(test_what_is_too_much_is_left_out),
        cmocka_unit_test(test_they_come_back_but_for_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
