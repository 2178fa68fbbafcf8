/* codec_whole_test.c - every shape of the schema to JSON and back with all that is in it. */
#include "schema/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/schema/specimen.h"

enum { ROUNDS = 20 };

static arena_t *s_arena;
static buf_t s_out;

static int s_setup(void **state)
{
    (void)state;
    s_arena = arena_new();
    return 0;
}

static int s_teardown(void **state)
{
    (void)state;
    arena_destroy(&s_arena);
    buf_free(&s_out);
    return 0;
}

static void s_through_whole_json(const shape_t *shape, specimen_t how)
{
    void *seen;
    fault_t fault = {0};
    const json_node_t *root = NULL;
    const void *object = specimen_new(shape, how, s_arena);
    s_out.len = 0;
    codec_put_json_whole(&s_out, shape, object);
    assert_int_equal(json_parse(buf_slice(&s_out), &root), ERR_OK);
    err_t err = codec_from_json_whole(root, shape, UNKNOWN_REFUSED, s_arena, &fault, &seen);
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", shape->name, fault.field, fault.problem);
    if (!specimen_equal(shape, object, seen, true))
        fail_msg("%s came back otherwise", shape->name);
    json_free(&root);
}

static void s_shape_through_whole_json(const shape_t *shape)
{
    if (shape_has_secrets(shape))
        return;
    s_through_whole_json(shape, SPECIMEN_LEAST);
    s_through_whole_json(shape, SPECIMEN_MOST);
    for (int i = 0; i < ROUNDS; i++)
        s_through_whole_json(shape, SPECIMEN_RANDOM);
    arena_reset(s_arena);
}

static void test_every_shape_survives_whole_json(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_through_whole_json);
}

static void s_shape_keeps_secrets(const shape_t *shape)
{
    const json_node_t *root = NULL;
    s_out.len = 0;
    codec_put_json_whole(&s_out, shape, specimen_new(shape, SPECIMEN_MOST, s_arena));
    assert_int_equal(json_parse(buf_slice(&s_out), &root), ERR_OK);
    for (size_t i = 0; i < shape->count; i++)
        if (shape->fields[i].need == NEED_SEC)
            assert_null(json_member(root, shape->fields[i].name));
    json_free(&root);
    arena_reset(s_arena);
}

static void test_whole_json_has_no_secrets(void **state)
{
    (void)state;
    specimen_each_shape(s_shape_keeps_secrets);
}

static void s_assert_no_bytes(const char *text, const char *why)
{
    void *seen;
    fault_t fault = {0};
    const json_node_t *root = NULL;
    assert_int_equal(json_parse(slice_of(text), &root), ERR_OK);
    err_t err =
        codec_from_json_whole(root, shape_bus_page(), UNKNOWN_REFUSED, s_arena, &fault, &seen);
    if (err != ERR_INVALID || strcmp(fault.field, "records") != 0)
        fail_msg("taken although it is %s: %s", why, text);
    json_free(&root);
}

static void test_bytes_are_hexadecimal(void **state)
{
    (void)state;
    s_assert_no_bytes("{\"records\":\"abc\"}", "half a byte");
    s_assert_no_bytes("{\"records\":\"0g\"}", "no digit");
    s_assert_no_bytes("{\"records\":\"AB\"}", "in capitals");
    s_assert_no_bytes("{\"records\":7}", "no text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape_survives_whole_json),
        cmocka_unit_test(test_whole_json_has_no_secrets),
        cmocka_unit_test(test_bytes_are_hexadecimal),
    };
    return cmocka_run_group_tests(tests, s_setup, s_teardown);
}
