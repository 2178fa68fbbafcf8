/* porch_test.c - connections that a proxy introduces, and whom they count for. */
#include "ws-edge/porch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/echo.h"

#define REQUEST "GET /echo HTTP/1.1\r\nHost: h\r\n"
#define LAST "Connection: close\r\n\r\n"
#define ANN "PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n"
#define BOB "PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n"

enum { REPLY_SIZE = 4096 };

static echo_t *s_start(unsigned each_max, const char *trusted)
{
    server_options_t options = echo_options();
    options.connections_per_address_max = each_max;
    options.proxy_ms = 150;
    return echo_start_at(&options, "proxy:127.0.0.1:0", trusted);
}

/* A connection that has said this. */
static int s_say(const echo_t *echo, const char *text)
{
    int fd = client_dial(echo);
    client_send(fd, text);
    return fd;
}

static void s_assert_reply(int fd, const char *part)
{
    char reply[REPLY_SIZE];
    client_read(fd, reply, sizeof reply - 1);
    close(fd);
    if (strstr(reply, part) == NULL)
        fail_msg("no \"%s\" in \"%s\"", part, reply);
}

static void s_assert_closed(int fd)
{
    char reply[REPLY_SIZE];
    assert_int_equal(client_read(fd, reply, sizeof reply - 1), 0);
    close(fd);
}

static void test_the_header_names_the_client(void **state)
{
    echo_t *echo = s_start(0, "127.0.0.1");
    (void)state;
    s_assert_reply(s_say(echo, ANN REQUEST LAST), "192.0.2.7");
    s_assert_reply(s_say(echo, BOB REQUEST LAST), "2001:db8::7");
    s_assert_reply(s_say(echo, "PROXY UNKNOWN\r\n" REQUEST LAST), "127.0.0.1");
    echo_stop(&echo);
}

static void test_it_may_come_in_pieces(void **state)
{
    static const char header[] = ANN;
    echo_t *echo = s_start(0, "127.0.0.1");
    int fd = client_dial(echo);
    (void)state;
    for (size_t i = 0; i < sizeof header - 1; i += 9) {
        client_write(fd, header + i, sizeof header - 1 - i < 9 ? sizeof header - 1 - i : 9);
        usleep(2000);
    }
    client_send(fd, REQUEST LAST);
    s_assert_reply(fd, "192.0.2.7");
    echo_stop(&echo);
}

static void test_without_one_there_is_no_way_in(void **state)
{
    echo_t *echo = s_start(0, "127.0.0.1");
    (void)state;
    s_assert_closed(s_say(echo, REQUEST LAST));
    s_assert_closed(s_say(echo, "PROXY TCP4 192.0.2.7")); /* and no more, for too long */
    s_assert_closed(client_dial(echo));
    echo_stop(&echo);
}

static void test_only_a_trusted_proxy_is_heard(void **state)
{
    echo_t *echo = s_start(0, "192.0.2.1");
    (void)state;
    s_assert_closed(s_say(echo, ANN REQUEST LAST));
    echo_stop(&echo);
}

/* The proxy's own address may have any number, each of its clients may not. */
static void test_limits_count_the_client(void **state)
{
    echo_t *echo = s_start(2, "127.0.0.1");
    int first = s_say(echo, ANN REQUEST "\r\n"), second = s_say(echo, ANN REQUEST "\r\n");
    char reply[REPLY_SIZE];
    (void)state;
    client_reply(first, reply, sizeof reply);
    client_reply(second, reply, sizeof reply);
    s_assert_reply(s_say(echo, ANN), " 429 ");
    s_assert_reply(s_say(echo, BOB REQUEST LAST), " 200 ");
    close(first);
    usleep(20000);
    s_assert_reply(s_say(echo, ANN REQUEST LAST), " 200 ");
    close(second);
    echo_stop(&echo);
}

/* A proxy that speaks HTTP: its connections are its own, a WebSocket is its client's. */
static void test_a_forwarded_websocket_counts_for_its_client(void **state)
{
    static const char upgrade[] =
        "GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "X-Forwarded-For: 192.0.2.7\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    server_options_t options = echo_options();
    options.connections_per_address_max = 1;
    echo_t *echo = echo_start_at(&options, "127.0.0.1:0", "127.0.0.1");
    char reply[REPLY_SIZE];
    (void)state;
    s_assert_reply(s_say(echo, REQUEST "X-Forwarded-For: 192.0.2.7\r\n" LAST), "192.0.2.7");
    int fd = s_say(echo, upgrade);
    client_reply(fd, reply, sizeof reply);
    assert_non_null(strstr(reply, " 101 "));
    s_assert_reply(s_say(echo, upgrade), " 429 ");
    close(fd);
    assert_int_equal(echo_closed_code(echo), CLOSED_ABNORMALLY);
    echo_stop(&echo);
}

static void test_who_waits_is_gone_at_the_end(void **state)
{
    echo_t *echo = s_start(0, "127.0.0.1");
    int fd = s_say(echo, "PROXY");
    (void)state;
    echo_stop(&echo);
    s_assert_closed(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_header_names_the_client),
        cmocka_unit_test(test_it_may_come_in_pieces),
        cmocka_unit_test(test_without_one_there_is_no_way_in),
        cmocka_unit_test(test_only_a_trusted_proxy_is_heard),
        cmocka_unit_test(test_limits_count_the_client),
        cmocka_unit_test(test_a_forwarded_websocket_counts_for_its_client),
        cmocka_unit_test(test_who_waits_is_gone_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
