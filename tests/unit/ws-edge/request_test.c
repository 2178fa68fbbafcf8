/* request_test.c - heads that are read, and heads that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ws-edge/request.h"

static request_t s_request;
static uint8_t s_path[4096];

static err_t s_parse(const char *head)
{
    return request_parse(slice_of(head), s_path, &s_request);
}

static void s_assert_slice(slice_t slice, const char *text)
{
    assert_int_equal(slice.len, strlen(text));
    assert_memory_equal(slice.ptr, text, slice.len);
}

static void reads_a_request(void **state)
{
    (void)state;
    assert_int_equal(
        s_parse("POST /a%20b/%C3%A9?x=1&y HTTP/1.1\r\nHost: h\r\nCONTENT-length: 12\r\n"
                "X-Empty:\r\nAccept:\t text/plain \r\n\r\n"),
        ERR_OK);
    assert_int_equal(s_request.method, METHOD_POST);
    s_assert_slice(s_request.path, "/a b/\xc3\xa9");
    s_assert_slice(s_request.query, "x=1&y");
    assert_int_equal(s_request.body_size, 12);
    assert_true(s_request.keep_alive);
    assert_false(s_request.upgrade);
    s_assert_slice(request_header(&s_request, "accept"), "text/plain");
    s_assert_slice(request_header(&s_request, "x-empty"), "");
    assert_null(request_header(&s_request, "absent").ptr);
}

static void reads_other_targets(void **state)
{
    (void)state;
    assert_int_equal(s_parse("GET http://h:80/p?q HTTP/1.1\r\nHost: h\r\n\r\n"), ERR_OK);
    s_assert_slice(s_request.path, "/p");
    s_assert_slice(s_request.query, "q");
    assert_int_equal(s_parse("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n"), ERR_OK);
    s_assert_slice(s_request.path, "/");
    assert_int_equal(s_parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), ERR_OK);
    s_assert_slice(s_request.path, "*");
    assert_int_equal(s_parse("GET / HTTP/1.0\r\n\r\n"), ERR_OK);
    assert_false(s_request.keep_alive);
    assert_int_equal(s_parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"), ERR_OK);
    assert_false(s_request.keep_alive);
    assert_int_equal(s_parse("GET /w HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n"
                             "Upgrade: WebSocket\r\n\r\n"),
                     ERR_OK);
    assert_true(s_request.upgrade);
    assert_int_equal(s_parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                             "Upgrade: h2c\r\n\r\n"),
                     ERR_OK);
    assert_false(s_request.upgrade);
}

static void refuses(void **state)
{
    static const struct {
        err_t err;
        const char *head;
    } cases[] = {
        {ERR_METHOD_NOT_ALLOWED, "BREW / HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_METHOD_NOT_ALLOWED, "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_LENGTH_REQUIRED, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {ERR_MALFORMED, "PRI * HTTP/2.0\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\nHost : h\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"},
        {ERR_MALFORMED,
         "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"},
        {ERR_MALFORMED,
         "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n"},
        {ERR_MALFORMED, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET a HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET /%f HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET /a/%2e%2E HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n"},
        {ERR_MALFORMED, "\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (s_parse(cases[i].head) != cases[i].err)
            fail_msg("%s", cases[i].head);
}

static void refuses_too_many_headers(void **state)
{
    char head[4096] = "GET / HTTP/1.1\r\nHost: h\r\n";
    (void)state;
    for (int i = 0; i < REQUEST_HEADERS_MAX; i++)
        strcat(head, "X: y\r\n");
    strcat(head, "\r\n");
    assert_int_equal(s_parse(head), ERR_HEADERS_TOO_LARGE);
}

static void finds_the_end_of_a_head_piece_by_piece(void **state)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\nbody";
    size_t scanned = 0, whole = sizeof(head) - 1 - 4;
    (void)state;
    for (size_t len = 0; len < whole; len++)
        assert_int_equal(request_head_size(slice_new(head, len), &scanned), 0);
    assert_int_equal(request_head_size(slice_new(head, whole + 4), &scanned), whole);
}

static void looks_up_query_parameters(void **state)
{
    arena_t *arena = arena_new();
    slice_t value;
    (void)state;
    assert_int_equal(
        s_parse("GET /?a=1&b=x%20y+z&c=&d&e=%zz&f=%ff&aa=2 HTTP/1.1\r\nHost: h\r\n\r\n"), ERR_OK);
    assert_int_equal(request_query(&s_request, "a", arena, &value), ERR_OK);
    s_assert_slice(value, "1");
    assert_int_equal(request_query(&s_request, "b", arena, &value), ERR_OK);
    s_assert_slice(value, "x y z");
    assert_int_equal(request_query(&s_request, "c", arena, &value), ERR_OK);
    s_assert_slice(value, "");
    assert_int_equal(request_query(&s_request, "d", arena, &value), ERR_OK);
    s_assert_slice(value, "");
    assert_int_equal(request_query(&s_request, "e", arena, &value), ERR_MALFORMED);
    assert_int_equal(request_query(&s_request, "f", arena, &value), ERR_MALFORMED);
    assert_int_equal(request_query(&s_request, "g", arena, &value), ERR_NOT_FOUND);
    arena_destroy(&arena);
}

static void reads_query_parameters_in_turn(void **state)
{
    slice_t rest = SLICE_LIT("a=1%202&b%3D&&c=%4"), name, value;
    arena_t *arena = arena_new();
    (void)state;
    assert_int_equal(request_query_next(&rest, arena, &name, &value), ERR_OK);
    s_assert_slice(name, "a");
    s_assert_slice(value, "1 2");
    assert_int_equal(request_query_next(&rest, arena, &name, &value), ERR_OK);
    s_assert_slice(name, "b=");
    s_assert_slice(value, "");
    assert_int_equal(request_query_next(&rest, arena, &name, &value), ERR_OK);
    s_assert_slice(name, "");
    assert_int_equal(request_query_next(&rest, arena, &name, &value), ERR_MALFORMED);
    assert_int_equal(request_query_next(&rest, arena, &name, &value), ERR_NOT_FOUND);
    arena_destroy(&arena);
}

static void looks_up_cookies(void **state)
{
    (void)state;
    assert_int_equal(s_parse("GET / HTTP/1.1\r\nHost: h\r\nCookie: a=1; token=\"t=u\";b\r\n"
                             "Cookie: c=3\r\n\r\n"),
                     ERR_OK);
    s_assert_slice(request_cookie(&s_request, "token"), "t=u");
    s_assert_slice(request_cookie(&s_request, "a"), "1");
    s_assert_slice(request_cookie(&s_request, "c"), "3");
    assert_null(request_cookie(&s_request, "d").ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_request),
        cmocka_unit_test(reads_other_targets),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_too_many_headers),
        cmocka_unit_test(finds_the_end_of_a_head_piece_by_piece),
        cmocka_unit_test(looks_up_query_parameters),
        cmocka_unit_test(reads_query_parameters_in_turn),
        cmocka_unit_test(looks_up_cookies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
