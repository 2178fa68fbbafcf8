/* origin_test.c - which pages are named, and which are not. */
#include "ws-edge/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

/* The origin that is allowed for a request which says that it comes from `from`. */
static bool s_allows(const origins_t *origins, const char *from)
{
    char head[256];
    uint8_t path[256];
    request_t request;
    int len = snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: x\r\nOrigin: %s\r\n\r\n", from);
    assert_int_equal(request_parse(slice_new(head, (size_t)len), path, &request), ERR_OK);
    slice_t origin = origin_of(origins, &request);
    assert_true(origin.len == 0 || slice_is(origin, from));
    return origin.len > 0;
}

static void test_this_machine_is_allowed_by_any_port(void **state)
{
    static const char *const here[] = {
        "http://localhost",
        "https://localhost:3000",
        "http://127.0.0.1:1",
        "http://[::1]:65535",
    };
    static const char *const elsewhere[] = {
        "null",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "ftp://localhost",
        "http://localhost:",
        "http://localhost:port",
        "http://localhost:123456",
        "localhost",
        "http://localhost/",
        "http://evil.example",
    };
    origins_t *origins = origins_new(NULL, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(here); i++)
        assert_true(s_allows(origins, here[i]));
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
        assert_false(s_allows(origins, elsewhere[i]));
    origins_destroy(&origins);
}

static void test_listed_origins_are_allowed_and_no_others(void **state)
{
    origins_t *origins = origins_new("https://chat.example/path", "https://a.example http://b:8");
    (void)state;
    assert_true(s_allows(origins, "https://chat.example"));
    assert_true(s_allows(origins, "https://a.example"));
    assert_true(s_allows(origins, "http://b:8"));
    assert_false(s_allows(origins, "https://chat.example:444"));
    assert_false(s_allows(origins, "http://a.example"));
    assert_false(s_allows(origins, "http://b"));
    origins_destroy(&origins);
}

static void test_a_public_server_is_not_asked_by_its_visitors_machine(void **state)
{
    (void)state;
    origins_t *origins = origins_new("https://chat.example", "http://localhost:3000");
    assert_true(s_allows(origins, "http://localhost:3000"));
    assert_false(s_allows(origins, "http://localhost:3001"));
    assert_false(s_allows(origins, "http://127.0.0.1"));
    origins_destroy(&origins);
    origins = origins_new("http://localhost:8080", "");
    assert_true(s_allows(origins, "http://127.0.0.1:3000"));
    origins_destroy(&origins);
}

static void test_a_reply_names_an_allowed_origin_only(void **state)
{
    buf_t headers = {0};
    (void)state;
    origin_put_headers(&headers, (slice_t){0});
    assert_true(slice_is(buf_slice(&headers), "Vary: Origin\r\n"));
    origin_put_headers(&headers, SLICE_LIT("http://localhost"));
    assert_non_null(
        memmem(headers.data, headers.len, "Access-Control-Allow-Origin: http://localhost\r\n", 47));
    buf_free(&headers);
}

/* Whether a request with these lines has its cookies believed. */
static bool s_trusts(const origins_t *origins, const char *lines)
{
    char head[256];
    uint8_t path[256];
    request_t request;
    int len = snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", lines);
    assert_int_equal(request_parse(slice_new(head, (size_t)len), path, &request), ERR_OK);
    return origin_trusts_cookie(origins, &request);
}

static void test_cookies_count_for_allowed_pages_and_for_no_page(void **state)
{
    origins_t *origins = origins_new("https://chat.example", NULL);
    (void)state;
    assert_true(s_trusts(origins, ""));
    assert_true(s_trusts(origins, "Origin: https://chat.example\r\n"));
    assert_false(s_trusts(origins, "Origin: http://localhost:3000\r\n"));
    assert_true(s_trusts(origins, "Sec-Fetch-Site: same-origin\r\n"));
    assert_true(s_trusts(origins, "Sec-Fetch-Site: none\r\n"));
    assert_false(s_trusts(origins, "Sec-Fetch-Site: cross-site\r\n"));
    assert_false(s_trusts(origins, "Sec-Fetch-Site: same-site\r\n"));
    assert_false(s_trusts(origins, "Sec-Fetch-Site:\r\n"));
    assert_false(s_trusts(origins, "Origin: null\r\n"));
    assert_false(s_trusts(origins, "Origin:\r\n"));
    assert_false(s_trusts(origins, "Origin: https://evil.example\r\n"));
    assert_false(s_trusts(origins, "Origin: https://chat.example.evil.example\r\n"));
    origins_destroy(&origins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_this_machine_is_allowed_by_any_port),
        cmocka_unit_test(test_listed_origins_are_allowed_and_no_others),
        cmocka_unit_test(test_a_public_server_is_not_asked_by_its_visitors_machine),
        cmocka_unit_test(test_a_reply_names_an_allowed_origin_only),
        cmocka_unit_test(test_cookies_count_for_allowed_pages_and_for_no_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
