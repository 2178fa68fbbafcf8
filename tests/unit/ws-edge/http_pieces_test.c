/* http_pieces_test.c - bodies that pass through piece by piece, and streams of events. */
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/echo.h"

enum { REPLY_MAX = 1024 * 1024 };

static char s_reply[REPLY_MAX];
static char s_bytes[3 * PIECE_SIZE];

static int s_start(void **state)
{
    server_options_t options = echo_options();
    options.beat_ms = 50;
    options.ping_ms = 100; /* looks are made five times in it */
    *state = echo_start(&options);
    return 0;
}

static int s_stop(void **state)
{
    echo_t *echo = *state;
    echo_stop(&echo);
    return 0;
}

static void s_assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in \"%.200s\"", part, text);
}

static int s_post(const echo_t *echo, size_t size)
{
    char head[128];
    int fd = client_dial(echo);
    snprintf(head, sizeof head, "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
             size);
    client_send(fd, head);
    return fd;
}

static void s_assert_counted(void **state, size_t size, const char *counted)
{
    int fd = s_post(*state, size);
    client_write(fd, s_bytes, size);
    client_reply(fd, s_reply, sizeof s_reply);
    s_assert_has(s_reply, counted);
    client_send(fd, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"); /* the connection lives on */
    client_reply(fd, s_reply, sizeof s_reply);
    s_assert_has(s_reply, "GET /echo");
    close(fd);
}

static void test_a_body_comes_in_pieces(void **state)
{
    s_assert_counted(state, 0, "0 bytes in 0");
    s_assert_counted(state, 1, "1 bytes in 1");
    s_assert_counted(state, PIECE_SIZE, "65536 bytes in 1");
    s_assert_counted(state, PIECE_SIZE + 1, "65537 bytes in 2");
    s_assert_counted(state, sizeof s_bytes, "196608 bytes in 3");
}

static void test_a_body_may_be_larger_than_what_is_gathered(void **state)
{
    size_t size = (size_t)server_options_default().body_bytes_max * 2;
    int fd = s_post(*state, size);
    for (size_t sent = 0; sent < size; sent += PIECE_SIZE)
        client_write(fd, s_bytes, PIECE_SIZE);
    client_reply(fd, s_reply, sizeof s_reply);
    s_assert_has(s_reply, "524288 bytes in 8");
    close(fd);
}

static void test_a_body_that_stops_coming_is_a_timeout(void **state)
{
    int fd = s_post(*state, 10);
    client_send(fd, "three");
    client_read(fd, s_reply, sizeof s_reply - 1);
    s_assert_has(s_reply, "HTTP/1.1 408 ");
    assert_int_equal(echo_gone(*state), 1);
    close(fd);
}

/* Each piece comes in time, and all of them would take for ever. */
static void test_a_body_that_drips_is_a_timeout(void **state)
{
    enum { PIECES = 1000, WAIT_MS = 30 };
    server_options_t options = echo_options();
    options.body_rate_min = UINT_MAX;
    echo_t *echo = echo_start(&options);
    int fd = s_post(echo, (size_t)PIECES * PIECE_SIZE), sent = 0;
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    (void)state;
    for (; poll(&answer, 1, WAIT_MS) == 0 && sent < PIECES; sent++)
        client_write(fd, s_bytes, PIECE_SIZE);
    assert_true(sent < PIECES);
    client_read(fd, s_reply, sizeof s_reply - 1);
    s_assert_has(s_reply, "HTTP/1.1 408 ");
    close(fd);
    echo_stop(&echo);
}

static void test_who_asks_for_a_piece_hears_that_the_client_has_gone(void **state)
{
    int fd = s_post(*state, 10);
    client_send(fd, "three");
    close(fd);
    assert_int_equal(echo_gone(*state), 1);
}

static void test_who_asks_first_is_told_once(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                    "Expect: 100-continue\r\n\r\n");
    client_read(fd, s_reply, strlen("HTTP/1.1 100 Continue\r\n\r\n"));
    s_assert_has(s_reply, "HTTP/1.1 100 Continue\r\n\r\n");
    client_send(fd, "abc");
    client_reply(fd, s_reply, sizeof s_reply);
    s_assert_has(s_reply, "HTTP/1.1 200 OK\r\n");
    s_assert_has(s_reply, "3 bytes in 1");
    close(fd);
}

static void test_a_reply_goes_out_in_pieces(void **state)
{
    int fd = client_dial(*state);
    for (int i = 0; i < 2; i++) { /* the second on the same connection */
        client_send(fd, "GET /pour?200000 HTTP/1.1\r\nHost: h\r\n\r\n");
        client_reply(fd, s_reply, sizeof s_reply);
        s_assert_has(s_reply, "Content-Length: 200000\r\n");
        const char *body = strstr(s_reply, "\r\n\r\n") + 4;
        assert_int_equal(strspn(body, "p"), 200000);
    }
    close(fd);
}

static void test_head_tells_the_length_alone(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "HEAD /pour?200000 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    client_read(fd, s_reply, sizeof s_reply - 1);
    s_assert_has(s_reply, "Content-Length: 200000\r\n");
    assert_string_equal(strstr(s_reply, "\r\n\r\n"), "\r\n\r\n");
    close(fd);
}

static void test_a_reply_that_is_cut_ends_the_connection(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /cut?200000 HTTP/1.1\r\nHost: h\r\n\r\n");
    size_t len = client_read(fd, s_reply, sizeof s_reply - 1);
    s_assert_has(s_reply, "Content-Length: 200000\r\n");
    assert_true(len > 100000 && len < 200000);
    close(fd);
}

static void test_who_writes_hears_that_the_client_has_gone(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /pour?900000000 HTTP/1.1\r\nHost: h\r\n\r\n");
    client_read(fd, s_reply, 1000);
    close(fd);
    assert_int_equal(echo_gone(*state), 1);
}

static void test_a_stream_has_its_events_a_heartbeat_and_an_end(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
    static const char first[] = "data: one\n\n:\n\n";
    client_read(fd, s_reply, sizeof head - 1 + sizeof first - 1);
    s_assert_has(s_reply, head);
    s_assert_has(s_reply, first);
    echo_drain(*state);
    client_read(fd, s_reply, sizeof s_reply - 1);
    s_assert_has(s_reply, "event: close\ndata: {\"code\":1012,\"reason\":\"server restarts\"}\n\n");
    close(fd);
    assert_int_equal(echo_closed_code(*state), 1012);
}

static void test_a_stream_takes_no_body(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    client_read(fd, s_reply, sizeof s_reply - 1);
    s_assert_has(s_reply, "HTTP/1.1 400 ");
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_start, s_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_body_comes_in_pieces),
        TEST(test_a_body_may_be_larger_than_what_is_gathered),
        TEST(test_a_body_that_stops_coming_is_a_timeout),
        TEST(test_a_body_that_drips_is_a_timeout),
        TEST(test_who_asks_for_a_piece_hears_that_the_client_has_gone),
        TEST(test_who_asks_first_is_told_once),
        TEST(test_a_reply_goes_out_in_pieces),
        TEST(test_head_tells_the_length_alone),
        TEST(test_a_reply_that_is_cut_ends_the_connection),
        TEST(test_who_writes_hears_that_the_client_has_gone),
        TEST(test_a_stream_has_its_events_a_heartbeat_and_an_end),
        TEST(test_a_stream_takes_no_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
