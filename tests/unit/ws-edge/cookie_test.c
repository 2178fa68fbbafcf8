/* cookie_test.c - how a cookie is set, taken back, and not given at all. */
#include "ws-edge/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void s_expect(buf_t *headers, const char *line)
{
    assert_true(slice_is(buf_slice(headers), line));
    buf_reset(headers);
}

static void test_a_cookie_keeps_out_of_sight(void **state)
{
    buf_t headers = {0};
    (void)state;
    cookie_put(&headers, "session", SLICE_LIT("a.b.c"), false);
    s_expect(&headers, "Set-Cookie: session=a.b.c; Path=/; HttpOnly; SameSite=Lax\r\n");
    cookie_put(&headers, "session", SLICE_LIT("a.b.c"), true);
    s_expect(&headers, "Set-Cookie: session=a.b.c; Path=/; HttpOnly; SameSite=Lax; Secure\r\n");
    cookie_put(&headers, "session", (slice_t){0}, false);
    s_expect(&headers, "Set-Cookie: session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\r\n");
    buf_free(&headers);
}

static void test_who_is_not_believed_gets_none(void **state)
{
    buf_t headers = {0};
    visit_t visit = {.headers = &headers};
    (void)state;
    cookie_give(&visit, "session", SLICE_LIT("a.b.c"));
    s_expect(&headers, "");
    visit.sets_cookies = true;
    cookie_give(&visit, "session", SLICE_LIT("a.b.c"));
    s_expect(&headers, "Set-Cookie: session=a.b.c; Path=/; HttpOnly; SameSite=Lax\r\n");
    buf_free(&headers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cookie_keeps_out_of_sight),
        cmocka_unit_test(test_who_is_not_believed_gets_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
