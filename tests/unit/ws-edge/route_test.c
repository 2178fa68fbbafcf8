/* route_test.c - which paths a pattern matches. */
#include "ws-edge/route.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema/mem.h"

static const route_t s_route = {METHOD_GET, "/v1/rooms/:room/members/:account", 0, .status = 200};
static const route_t s_plain = {METHOD_GET, "/users", 0, .status = 200};

static bool s_matches(const route_t *route, const char *path, slice_t params[ROUTE_PARAMS_MAX])
{
    return route_matches(route, slice_of(path), params);
}

static void test_parameters_are_taken_in_order(void **state)
{
    slice_t params[ROUTE_PARAMS_MAX];
    (void)state;
    assert_true(s_matches(&s_route, "/v1/rooms/5/members/77", params));
    assert_true(slice_is(params[0], "5"));
    assert_true(slice_is(params[1], "77"));
    assert_true(slice_is(route_param_name(&s_route, 0), "room"));
    assert_true(slice_is(route_param_name(&s_route, 1), "account"));
    assert_int_equal(route_param_name(&s_route, 2).len, 0);
}

static void test_a_slash_at_the_end_is_as_good_as_none(void **state)
{
    slice_t params[ROUTE_PARAMS_MAX];
    (void)state;
    assert_true(s_matches(&s_plain, "/users", params));
    assert_true(s_matches(&s_plain, "/users/", params));
    assert_true(s_matches(&s_route, "/v1/rooms/5/members/77/", params));
}

static void test_everything_else_does_not_match(void **state)
{
    static const char *const paths[] = {
        "/", "", "/user", "/userss", "/users/me", "/users//", "//users", "users", "/Users",
    };
    static const char *const more[] = {
        "/v1/rooms/5/members",  "/v1/rooms//members/7",  "/v1/rooms/5/members/7/x",
        "/v1/rooms/5/member/7", "/v1/rooms/5/members//",
    };
    slice_t params[ROUTE_PARAMS_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        assert_false(s_matches(&s_plain, paths[i], params));
    for (size_t i = 0; i < COUNT_OF(more); i++)
        assert_false(s_matches(&s_route, more[i], params));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_are_taken_in_order),
        cmocka_unit_test(test_a_slash_at_the_end_is_as_good_as_none),
        cmocka_unit_test(test_everything_else_does_not_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
