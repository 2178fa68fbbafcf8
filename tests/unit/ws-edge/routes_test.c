/* routes_test.c - that a walk comes to the routes that match, to all of them, in their order. */
#include "ws-edge/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

/* Every route that matches, found by trying all, is the walk's next. */
static void s_check(const routes_t *routes, const char *path)
{
    routes_walk_t walk = routes_walk(routes, slice_of(path));
    slice_t params[ROUTE_PARAMS_MAX] = {0};
    for (size_t id = 0; id < DIALECT_COUNT; id++)
        for (size_t at = 0; at < dialects[id]->route_count; at++) {
            const route_t *route = &dialects[id]->routes[at];
            if (!route_matches(route, slice_of(path), params))
                continue;
            assert_true(routes_next(&walk));
            assert_ptr_equal(walk.dialect, dialects[id]);
            assert_ptr_equal(walk.route, route);
            for (size_t i = 0; route_param_name(route, i).len > 0; i++)
                assert_true(slice_eq(walk.params[i], params[i]));
        }
    assert_false(routes_next(&walk));
}

/* The pattern with something in the place of its parameters. */
static void s_fill(const char *pattern, const char *value, char *path, size_t size)
{
    size_t len = 0;
    for (const char *at = pattern; *at != '\0' && len + strlen(value) + 2 < size;) {
        if (*at != ':') {
            path[len++] = *at++;
            continue;
        }
        len += (size_t)snprintf(path + len, size - len, "%s", value);
        at += strcspn(at, "/");
    }
    path[len] = '\0';
}

static void test_each_route_is_come_to(void **state)
{
    static const char *const values[] = {"5", "ann", "me", "rooms", ":room"};
    char path[256], longer[300];
    routes_t *routes = routes_new();
    (void)state;
    for (size_t id = 0; id < DIALECT_COUNT; id++)
        for (size_t at = 0; at < dialects[id]->route_count; at++)
            for (size_t i = 0; i < COUNT_OF(values); i++) {
                s_fill(dialects[id]->routes[at].pattern, values[i], path, sizeof path);
                s_check(routes, path);
                snprintf(longer, sizeof longer, "%s/", path);
                s_check(routes, longer);
                snprintf(longer, sizeof longer, "%s/more", path);
                s_check(routes, longer);
            }
    routes_destroy(&routes);
}

static void test_other_paths_come_to_none(void **state)
{
    static const char *const paths[] = {
        "", "/", "//", "/v1", "/v1/", "/v1//", "/nothing", "/v1/nothing", "/v1/rooms//messages",
    };
    routes_t *routes = routes_new();
    char deep[2048];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        s_check(routes, paths[i]);
    for (size_t i = 0; i + 1 < sizeof deep; i++)
        deep[i] = i % 2 == 0 ? '/' : 'a';
    deep[sizeof deep - 1] = '\0';
    s_check(routes, deep);
    routes_destroy(&routes);
}

static void test_a_print_tells_paths_apart(void **state)
{
    print_t pattern = route_print(SLICE_LIT("/v1/rooms/:room/messages"));
    (void)state;
    assert_int_equal(
        (route_print(SLICE_LIT("/v1/rooms/7/messages/")).bits ^ pattern.bits) & pattern.mask, 0);
    static const char *const others[] = {
        "/v1/rooms",
        "/v1/rooms/7/messages/8",
        "/v2/rooms/7/messages",
        "/v1/people/7/messages",
        "/rooms/v1/7/messages",
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_not_equal((route_print(slice_of(others[i])).bits ^ pattern.bits) & pattern.mask,
                             0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_route_is_come_to),
        cmocka_unit_test(test_other_paths_come_to_none),
        cmocka_unit_test(test_a_print_tells_paths_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
