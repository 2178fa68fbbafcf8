/* http_test.c - HTTP over real sockets: replies in order, limits, deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/echo.h"

enum { REPLY_MAX = 512 * 1024, MUCH = 8 * 1024 * 1024 };

static char s_reply[REPLY_MAX];
static char s_much[MUCH + 1];

static int s_start(void **state)
{
    server_options_t options = echo_options();
    *state = echo_start(&options);
    return 0;
}

static int s_stop(void **state)
{
    echo_t *echo = *state;
    echo_stop(&echo);
    return 0;
}

/* Send one request on a connection of its own and read until the server closes. */
static const char *s_ask_to_the_end(const echo_t *echo, const char *request)
{
    int fd = client_dial(echo);
    client_send(fd, request);
    client_read(fd, s_reply, sizeof(s_reply) - 1);
    close(fd);
    return s_reply;
}

static void s_assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in \"%s\"", part, text);
}

static void s_assert_refused(void **state, const char *request, const char *status,
                             const char *error)
{
    const char *reply = s_ask_to_the_end(*state, request);
    s_assert_has(reply, status);
    s_assert_has(reply, error);
    s_assert_has(reply, "Connection: close\r\n");
    s_assert_has(reply, "X-Content-Type-Options: nosniff\r\n");
}

static void keeps_a_connection_alive(void **state)
{
    int fd = client_dial(*state);
    for (int i = 0; i < 3; i++) {
        client_send(fd, "GET /echo?q=a%20b HTTP/1.1\r\nHost: h\r\n\r\n");
        client_reply(fd, s_reply, sizeof(s_reply));
        s_assert_has(s_reply, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n");
        s_assert_has(s_reply, "\r\n\r\nGET /echo q=a b ok from 127.0.0.1");
    }
    close(fd);
}

static void closes_when_asked(void **state)
{
    s_assert_has(
        s_ask_to_the_end(*state, "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
        "Connection: close\r\n");
    s_assert_has(s_ask_to_the_end(*state, "GET /echo HTTP/1.0\r\n\r\n"), "GET /echo");
}

static void answers_pipelined_requests_in_order(void **state)
{
    s_ask_to_the_end(*state, "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none"
                             "GET /later HTTP/1.1\r\nHost: h\r\n\r\n"
                             "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nthree"
                             "HEAD /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const char *one = strstr(s_reply, "\r\n\r\none");
    const char *two = strstr(s_reply, "\r\n\r\nlater");
    const char *three = strstr(s_reply, "\r\n\r\nthree");
    assert_non_null(one);
    assert_true(two > one);
    assert_true(three > two);
    s_assert_has(three + 1, "Content-Length: 39\r\nConnection: close\r\n\r\n");
    assert_null(strstr(three, "HEAD /echo")); /* a length, but no body */
}

static void takes_a_body_in_pieces(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "POST /body HTTP/1.1\r\nHo");
    usleep(5000);
    client_send(fd, "st: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    assert_string_equal(s_reply, "HTTP/1.1 100 Continue\r\n\r\n");
    client_send(fd, "01234");
    usleep(5000);
    client_send(fd, "56789");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "\r\n\r\n0123456789");
    close(fd);
}

static void takes_and_gives_large_bodies(void **state)
{
    static char body[256 * 1024 + 1];
    int fd = client_dial(*state);

    memset(body, 'b', sizeof(body) - 1);
    snprintf(s_reply, sizeof(s_reply),
             "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", sizeof(body) - 1);
    client_send(fd, s_reply);
    client_send(fd, body);
    usleep(50000); /* the reply does not fit into the kernel meanwhile */
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, " 200 ");
    s_assert_has(s_reply, body);
    close(fd);
}

static void refuses_what_it_cannot_read(void **state)
{
    s_assert_refused(state, "GET / HTTP/1.1\nHost: h\n\n", " 400 ", "malformed");
    s_assert_refused(state, "\x16\x03\x01", " 400 ", "malformed");
    s_assert_refused(state, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", " 400 ", "malformed");
    s_assert_refused(state, "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", " 405 ", "method_not_allowed");
    s_assert_refused(state, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                     " 411 ", "length_required");
}

static void refuses_large_heads(void **state)
{
    char request[40000] = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    memset(request + strlen(request), 'x', 17000);
    s_assert_refused(state, request, " 431 ", "headers_too_large"); /* before its end */
    strcat(request, "\r\n\r\n");
    s_assert_refused(state, request, " 431 ", "headers_too_large");
}

static void shows_nothing_of_a_request_with_the_refusal_of_the_next(void **state)
{
    char requests[40000] = "GET /echo HTTP/1.1\r\nHost: h\r\nOrigin: first\r\n\r\n"
                           "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    memset(requests + strlen(requests), 'x', 17000);
    strcat(requests, "\r\n\r\n");
    s_assert_refused(state, requests, " 431 ", "headers_too_large");
    assert_null(strstr(s_reply, "X-Origin"));
    s_assert_refused(state, "GET / HTTP/1.1\r\nHost: h\r\nOrigin: own\r\nbad\r\n\r\n", " 400 ",
                     "X-Origin: own\r\n");
}

static void refuses_large_bodies_before_they_are_read(void **state)
{
    static char request[1024 * 1024] =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n";
    s_assert_refused(state, request, " 413 ", "too_large");
    memset(request + strlen(request), 'x', sizeof(request) - strlen(request) - 1);
    s_assert_refused(state, request, " 413 ", "too_large"); /* no reset, though much is unread */
}

static void gives_up_on_slow_requests(void **state)
{
    s_assert_refused(state, "GET / HTTP/1.1\r\nHost: ", " 408 ", "timeout");
    s_assert_refused(state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc", " 408 ",
                     "timeout");
    assert_string_equal(s_ask_to_the_end(*state, ""), "");
}

static void counts_the_head_deadline_from_its_first_byte(void **state)
{
    int fd = client_dial(*state);
    for (int i = 0; i < 20; i++) { /* a byte every 25 ms: each in time, all of them not */
        client_write(fd, &"GET / HTTP/1.1\r\nHost"[i], 1);
        usleep(25000);
    }
    client_read(fd, s_reply, sizeof(s_reply) - 1);
    s_assert_has(s_reply, " 408 ");
    close(fd);
}

static void closes_idle_connections(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    assert_int_equal(client_read(fd, s_reply, 1), 0);
    close(fd);
}

static void drops_replies_that_find_nobody(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    close(fd);
    fd = client_dial(*state);
    client_send(fd, "GET /gone HTTP/1.1\r\nHost: h\r\n\r\nGET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "GET /gone");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "GET /echo");
    close(fd);
}

static void refuses_upgrades_in_words(void **state)
{
#define UPGRADE "Host: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    int fd = client_dial(*state);
    client_send(fd, "GET /deny HTTP/1.1\r\n" UPGRADE KEY "Sec-WebSocket-Version: 13\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n");
    s_assert_has(s_reply, "\r\n\r\n{\"no\":1}");
    client_send(fd, "GET /x HTTP/1.1\r\n" UPGRADE KEY "Sec-WebSocket-Version: 8\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, " 426 ");
    s_assert_has(s_reply, "Sec-WebSocket-Version: 13\r\n");
    client_send(fd, "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "GET /echo"); /* as if it had not asked */
    client_send(fd, "GET /x HTTP/1.1\r\n" UPGRADE
                    "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, " 400 ");
    close(fd);
}

/* Whoever has announced much and sends none of it is in nobody's way. */
static void bounds_all_bodies_together(void **state)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    static char body[700];
    server_options_t options = echo_options();
    options.bodies_bytes_max = 1000;
    options.body_ms = 60000;
    echo_t *echo = echo_start(&options);
    const char *head = "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 700\r\n"
                       "Expect: 100-continue\r\n\r\n";
    int fds[2];
    (void)state;

    for (int i = 0; i < 2; i++) {
        fds[i] = client_dial(echo);
        client_send(fds[i], head);
        assert_int_equal(client_read(fds[i], s_reply, sizeof go_on - 1), sizeof go_on - 1);
        s_assert_has(s_reply, go_on);
    }
    client_reply(fds[0], s_reply, sizeof s_reply);
    s_assert_has(s_reply, " 503 ");
    client_write(fds[1], body, sizeof body);
    client_reply(fds[1], s_reply, sizeof s_reply);
    s_assert_has(s_reply, " 200 ");
    close(fds[0]);
    close(fds[1]);
    echo_stop(&echo);
}

/* However many huge ones are on their way, there is room for others. */
static void bounds_huge_bodies_apart(void **state)
{
    server_options_t options = echo_options();
    options.head_bytes_max = 500;
    options.large_bytes_max = 500;
    options.huge_bytes_max = 2000;
    options.huge_bodies_bytes_max = 3000;
    echo_t *echo = echo_start(&options);
    const char *huge = "POST /huge HTTP/1.1\r\nHost: h\r\nContent-Length: 1800\r\n\r\n";
    const char *other = "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 400\r\n\r\n";
    const char *too_large = "POST /huge HTTP/1.1\r\nHost: h\r\nContent-Length: 2001\r\n\r\n";
    int first = client_dial(echo);
    (void)state;

    client_send(first, huge);
    usleep(20000);
    s_assert_has(s_ask_to_the_end(echo, huge), " 503 ");
    s_assert_has(s_ask_to_the_end(echo, other), " 408 ");
    s_assert_has(s_ask_to_the_end(echo, too_large), " 413 ");
    close(first);
    usleep(20000);
    s_assert_has(s_ask_to_the_end(echo, huge), " 408 ");
    echo_stop(&echo);
}

/* Ask for a large reply, and take nothing of it. */
static int s_ask_for_much(const echo_t *echo)
{
    char head[128];
    int fd = client_dial(echo);
    snprintf(head, sizeof head, "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n",
             MUCH);
    client_send(fd, head);
    client_write(fd, s_much, MUCH);
    return fd;
}

static void cuts_off_the_slowest_when_replies_are_too_much(void **state)
{
    server_options_t options = echo_options();
    options.body_bytes_max = MUCH;
    options.body_ms = 5000;
    options.replies_bytes_max = MUCH * 3 / 2;
    echo_t *echo = echo_start(&options);
    int slowest = s_ask_for_much(echo), next = s_ask_for_much(echo);
    (void)state;

    assert_int_equal(client_read(next, s_much, MUCH), MUCH);
    assert_true(client_read(slowest, s_much, MUCH) < MUCH);
    close(slowest);
    close(next);
    echo_stop(&echo);
}

static void lets_clients_wait_when_full(void **state)
{
    server_options_t options = echo_options();
    options.connections_max = 1;
    echo_t *echo = echo_start(&options);
    int first = client_dial(echo);
    (void)state;

    usleep(10000);
    int second = client_dial(echo);
    client_send(second, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    close(first);
    client_reply(second, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "GET /echo");
    close(second);
    echo_stop(&echo);
}

/* Two requests in one go: the second is not looked at before the pause is over. */
static void reads_nothing_in_a_pause(void **state)
{
    static const char requests[] = "GET /pause HTTP/1.1\r\nHost: h\r\n\r\n"
                                   "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n";
    server_options_t options = echo_options();
    char byte;
    (void)state;
    options.pause_ms = 60000;
    echo_t *echo = echo_start(&options);
    int fd = client_dial(echo), other = client_dial(echo);
    client_send(fd, requests);
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "GET /pause");
    for (int i = 0; i < 5; i++) {
        client_send(other, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
        client_reply(other, s_reply, sizeof(s_reply));
    }
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    close(fd);
    close(other);
    echo_stop(&echo);
}

static void s_assert_read_on(const echo_t *echo, const char *first)
{
    int fd = client_dial(echo);
    client_send(fd, first);
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "GET /pause");
    client_send(fd, "st: h\r\n\r\n");
    client_reply(fd, s_reply, sizeof(s_reply));
    s_assert_has(s_reply, "GET /echo");
    close(fd);
}

/* Wherever the pause falls; and of a proxy, which brings many, there is none. */
static void reads_on_after_a_pause(void **state)
{
    server_options_t options = echo_options();
    s_assert_read_on(*state, "GET /pause HTTP/1.1\r\nHost: h\r\n\r\nGET /echo HTTP/1.1\r\nHo");
    options.pause_ms = 60000;
    echo_t *echo = echo_start_at(&options, "127.0.0.1:0", "127.0.0.1");
    s_assert_read_on(echo, "GET /pause HTTP/1.1\r\nHost: h\r\n\r\nGET /echo HTTP/1.1\r\nHo");
    echo_stop(&echo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_connection_alive),
        cmocka_unit_test(closes_when_asked),
        cmocka_unit_test(answers_pipelined_requests_in_order),
        cmocka_unit_test(takes_a_body_in_pieces),
        cmocka_unit_test(takes_and_gives_large_bodies),
        cmocka_unit_test(refuses_what_it_cannot_read),
        cmocka_unit_test(refuses_large_heads),
        cmocka_unit_test(shows_nothing_of_a_request_with_the_refusal_of_the_next),
        cmocka_unit_test(refuses_large_bodies_before_they_are_read),
        cmocka_unit_test(gives_up_on_slow_requests),
        cmocka_unit_test(counts_the_head_deadline_from_its_first_byte),
        cmocka_unit_test(closes_idle_connections),
        cmocka_unit_test(drops_replies_that_find_nobody),
        cmocka_unit_test(refuses_upgrades_in_words),
        cmocka_unit_test(bounds_all_bodies_together),
        cmocka_unit_test(bounds_huge_bodies_apart),
        cmocka_unit_test(cuts_off_the_slowest_when_replies_are_too_much),
        cmocka_unit_test(lets_clients_wait_when_full),
        cmocka_unit_test(reads_nothing_in_a_pause),
        cmocka_unit_test(reads_on_after_a_pause),
    };
    return cmocka_run_group_tests(tests, s_start, s_stop);
}
