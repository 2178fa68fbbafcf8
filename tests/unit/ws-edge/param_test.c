/* param_test.c - a parameter is one whichever way it travels; a password is not. */
#include "ws-edge/param.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct world {
    arena_t *arena;
    request_t request;
    const json_node_t *json;
    visit_t visit;
} world_t;

static world_t s_world(const char *query, const char *json, const char *form)
{
    world_t world = {.arena = arena_new(), .request = {.query = slice_of(query)}};
    if (json != NULL)
        assert_int_equal(json_parse(slice_of(json), &world.json), ERR_OK);
    world.visit = (visit_t){.arena = world.arena, .json = world.json, .form = slice_of(form)};
    return world;
}

static void s_end(world_t *world)
{
    json_free(&world->json);
    arena_destroy(&world->arena);
}

/* What the parameter `x` is: its text, or the error's name. */
static void s_expect(const char *query, const char *json, const char *form, const char *expected)
{
    world_t world = s_world(query, json, form);
    slice_t text = {0};
    world.visit.request = &world.request;
    err_t err = param_text(&world.visit, "x", &text);
    if (err != ERR_OK)
        text = slice_of(err_info(err)->name);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
    s_end(&world);
}

static void test_three_ways_are_one(void **state)
{
    (void)state;
    s_expect("x=a+b", NULL, NULL, "a b");
    s_expect(NULL, "{\"x\":\"a b\"}", NULL, "a b");
    s_expect(NULL, NULL, "y=1&x=a%20b", "a b");
    s_expect(NULL, "{\"x\":17}", NULL, "17");
    s_expect(NULL, "{\"x\":-3}", NULL, "-3");
    s_expect(NULL, "{\"x\":48.8566}", NULL, "48.8566");
    s_expect(NULL, "{\"x\":true}", NULL, "true");
}

static void test_the_body_wins_and_of_two_the_first(void **state)
{
    (void)state;
    s_expect("x=query", "{\"x\":\"body\"}", NULL, "body");
    s_expect("x=query", NULL, "x=body", "body");
    s_expect("x=query", "{\"y\":1}", NULL, "query");
    s_expect("x=query", "{\"x\":null}", NULL, "query");
    s_expect("x=one&x=two", NULL, NULL, "one");
}

static void test_what_is_none_is_refused(void **state)
{
    (void)state;
    s_expect(NULL, NULL, NULL, "not_found");
    s_expect(NULL, "[1]", NULL, "not_found");
    s_expect(NULL, "{\"x\":[1]}", NULL, "invalid");
    s_expect(NULL, "{\"x\":{}}", NULL, "invalid");
    s_expect("x=%zz", NULL, NULL, "malformed");
    s_expect("x=%ff", NULL, NULL, "malformed");
}

static void test_secrets_come_in_bodies(void **state)
{
    world_t world = s_world("x=secret", "{\"y\":1}", NULL);
    slice_t text;
    (void)state;
    world.visit.request = &world.request;
    assert_int_equal(param_secret(&world.visit, "x", &text), ERR_NOT_FOUND);
    s_end(&world);
    world = s_world(NULL, NULL, "x=secret");
    world.visit.request = &world.request;
    assert_int_equal(param_secret(&world.visit, "x", &text), ERR_OK);
    assert_true(slice_is(text, "secret"));
    s_end(&world);
}

static void test_numbers_are_digits(void **state)
{
    static const char *const bad[] = {"",    "-1", "+1",  "1.5",
                                      "1e3", " 1", "0x1", "1000000000000000"};
    uint64_t number = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(param_number(slice_of(bad[i]), &number));
    assert_true(param_number(SLICE_LIT("999999999999999"), &number));
    assert_true(number == UINT64_C(999999999999999));
    assert_true(param_number(SLICE_LIT("007"), &number));
    assert_int_equal(number, 7);
}

static void test_a_field_takes_its_parameter(void **state)
{
    world_t world = s_world("n=5&bad=x", NULL, NULL);
    account_list_call_t args = {.after = 3};
    const shape_t *shape = shape_account_list_call();
    fault_t fault = {0};
    (void)state;
    world.visit.request = &world.request;
    assert_int_equal(param_field(&world.visit, "n", shape, "after", &args, &fault), ERR_OK);
    assert_int_equal(args.after, 5);
    assert_int_equal(param_field(&world.visit, "none", shape, "after", &args, &fault), ERR_OK);
    assert_int_equal(args.after, 5);
    assert_int_equal(param_field(&world.visit, "bad", shape, "after", &args, &fault), ERR_INVALID);
    assert_string_equal(fault.field, "bad");
    s_end(&world);
}

static bool s_is_form(const char *type, const char *body)
{
    request_t request = {.body = slice_of(body), .header_count = 1};
    request.headers[0] = (header_t){SLICE_LIT("Content-Type"), slice_of(type)};
    return param_is_form(&request);
}

static void test_what_is_a_form(void **state)
{
    static const char type[] = "application/x-www-form-urlencoded";
    (void)state;
    assert_true(s_is_form(type, "a=1"));
    assert_true(s_is_form("Application/X-WWW-Form-URLEncoded; charset=utf-8", "a=1"));
    assert_false(s_is_form(type, "{\"a\":1}")); /* as curl -d sends it */
    assert_false(s_is_form(type, ""));
    assert_false(s_is_form("application/json", "a=1"));
    assert_false(s_is_form("multipart/form-data", "a=1"));
}

static void test_forms_are_bounded(void **state)
{
    arena_t *arena = arena_new();
    buf_t form = {0};
    (void)state;
    for (int i = 0; i < PARAM_FIELDS_MAX; i++)
        buf_printf(&form, "%sf%d=%d", i > 0 ? "&" : "", i, i);
    assert_int_equal(param_check_form(buf_slice(&form), arena), ERR_OK);
    buf_append_text(&form, "&more=1");
    assert_int_equal(param_check_form(buf_slice(&form), arena), ERR_MALFORMED);
    assert_int_equal(param_check_form(SLICE_LIT("a=%4"), arena), ERR_MALFORMED);
    assert_int_equal(param_check_form(SLICE_LIT("%00=1"), arena), ERR_MALFORMED);
    buf_free(&form);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_ways_are_one),
        cmocka_unit_test(test_the_body_wins_and_of_two_the_first),
        cmocka_unit_test(test_what_is_none_is_refused),
        cmocka_unit_test(test_secrets_come_in_bodies),
        cmocka_unit_test(test_numbers_are_digits),
        cmocka_unit_test(test_a_field_takes_its_parameter),
        cmocka_unit_test(test_what_is_a_form),
        cmocka_unit_test(test_forms_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
