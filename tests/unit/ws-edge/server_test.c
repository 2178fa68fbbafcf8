/* server_test.c - WebSockets over real sockets, on both ways of writing, and the way down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/echo.h"

enum { TEXT = 0x81, BINARY = 0x82, CLOSE = 0x88, PING = 0x89, PONG = 0x8a, FIN = 0x80 };
enum { TAKE_MAX = 1 << 20 };
enum { PATIENT_MS = 60000 }; /* where silence is not what a test is about */

static char s_taken[TAKE_MAX];
static size_t s_len;
static unsigned s_official;

static int s_start_with(void **state, unsigned official)
{
    server_options_t options = echo_options();
    options.official_writes = s_official = official;
    options.ping_ms = options.silent_ms = PATIENT_MS;
    if (official) /* its writes wait for WRITEABLE, so a whole turn must fit */
        options.queue_bytes_max = 1 << 20;
    *state = echo_start(&options);
    return 0;
}

static int s_start_direct(void **state)
{
    return s_start_with(state, 0);
}

static int s_start_official(void **state)
{
    return s_start_with(state, 1);
}

static int s_stop(void **state)
{
    echo_t *echo = *state;
    echo_stop(&echo);
    return 0;
}

static int s_take(int fd)
{
    return client_take(fd, s_taken, sizeof(s_taken), &s_len);
}

/* The server answers pings of ours; its own pings are skipped. */
static int s_take_message(int fd)
{
    int first;
    while ((first = s_take(fd)) == PING)
        client_frame(fd, PONG, s_taken, s_len);
    return first;
}

static void s_assert_echo(int fd, unsigned first, const void *payload, size_t len)
{
    client_frame(fd, first, payload, len);
    assert_int_equal(s_take_message(fd), first);
    assert_int_equal(s_len, len);
    assert_memory_equal(s_taken, payload, len);
}

static void s_hang_up(echo_t *echo, int fd)
{
    close(fd);
    assert_int_equal(echo_closed_code(echo), CLOSED_ABNORMALLY);
}

static void echoes_messages_of_all_lengths(void **state)
{
    static const size_t lengths[] = {0, 1, 125, 126, 127, 1023, 1024, 1025, 65535, 65536};
    static char payload[65536];
    int fd = client_upgrade(*state, "/x");

    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (char)('!' + i % 90);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        s_assert_echo(fd, TEXT, payload, lengths[i]);
        s_assert_echo(fd, BINARY, payload, lengths[i]);
    }
    s_hang_up(*state, fd);
}

static void names_the_subprotocol(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: other, kith.v1.json\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    client_reply(fd, s_taken, sizeof(s_taken));
    assert_non_null(strcasestr(s_taken, "\r\nSec-WebSocket-Protocol: kith.v1.json\r\n"));
    s_assert_echo(fd, TEXT, "a", 1);
    s_hang_up(*state, fd);
}

static void takes_frames_that_come_with_the_request(void **state)
{
    int fd = client_dial(*state);
    client_send(fd, "GET /x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                    "\x81\x85\x01\x02\x03\x04igohn"
                    "\x81\x81\x01\x02\x03\x04`");
    client_reply(fd, s_taken, sizeof(s_taken));
    assert_int_equal(s_take(fd), TEXT);
    assert_string_equal(s_taken, "hello");
    assert_int_equal(s_take(fd), TEXT);
    assert_string_equal(s_taken, "a");
    s_hang_up(*state, fd);
}

static void joins_fragments_around_a_ping(void **state)
{
    int fd = client_upgrade(*state, "/x");
    client_frame(fd, TEXT & ~FIN, "one ", 4);
    client_frame(fd, PING, "?", 1);
    client_frame(fd, 0, "two ", 4);
    client_frame(fd, FIN, "three", 5);
    for (int i = 0; i < 2; i++) { /* in any order */
        int first = s_take(fd);
        assert_string_equal(s_taken, first == PONG ? "?" : "one two three");
    }
    s_hang_up(*state, fd);
}

static void closes_on_large_messages(void **state)
{
    static char payload[65537];
    int fd = client_upgrade(*state, "/x");
    client_frame(fd, BINARY, payload, sizeof(payload));
    assert_int_equal(client_close_code(fd), 1009);
    close(fd);
    assert_int_equal(echo_closed_code(*state), 1009);
    fd = client_upgrade(*state, "/x");
    client_frame(fd, BINARY & ~FIN, payload, 40000);
    client_frame(fd, FIN, payload, 40000);
    assert_int_equal(client_close_code(fd), 1009);
    close(fd);
    assert_int_equal(echo_closed_code(*state), 1009);
}

static void closes_on_text_that_is_not_utf8(void **state)
{
    int fd = client_upgrade(*state, "/x");
    s_assert_echo(fd, BINARY, "\xff\xfe", 2);
    client_frame(fd, TEXT & ~FIN, "\xc3", 1); /* one character over two fragments */
    client_frame(fd, FIN, "\xa9", 1);
    assert_int_equal(s_take_message(fd), TEXT);
    assert_string_equal(s_taken, "\xc3\xa9");
    client_frame(fd, TEXT, "\xc3(", 2);
    assert_int_equal(client_close_code(fd), 1007);
    close(fd);
    assert_int_equal(echo_closed_code(*state), 1007);
}

static void closes_from_either_side(void **state)
{
    int fd = client_upgrade(*state, "/x");
    client_frame(fd, TEXT, "close 4001", 10);
    assert_int_equal(s_take_message(fd), CLOSE);
    assert_memory_equal(s_taken,
                        "\x0f\xa1"
                        "as asked",
                        10);
    client_frame(fd, CLOSE, s_taken, 2);
    assert_int_equal(s_take(fd), -1); /* no second close frame */
    assert_int_equal(echo_closed_code(*state), 4001);
    close(fd);

    fd = client_upgrade(*state, "/x");
    client_frame(fd, CLOSE, "\x0f\xa2", 2);
    assert_int_equal(client_close_code(fd), 4002);
    assert_int_equal(echo_closed_code(*state), 4002);
    close(fd);
}

static void cuts_off_who_does_not_answer_a_close(void **state)
{
    int fd = client_upgrade(*state, "/x");
    client_frame(fd, TEXT, "close 4001", 10);
    assert_int_equal(client_close_code(fd), 4001);
    assert_int_equal(s_take(fd), -1);
    assert_int_equal(echo_closed_code(*state), 4001);
    close(fd);
}

/* Frame i of a flood is `size` times the same letter, by turns. */
static void s_assert_flood(int fd, long count, size_t size)
{
    for (long i = 0; i < count; i++) {
        int first;
        while ((first = s_take(fd)) == PONG || first == PING)
            continue;
        assert_int_equal(first, TEXT);
        assert_int_equal(s_len, size);
        char letter = (char)('a' + i % 26);
        for (size_t at = 0; at < size; at++)
            if (s_taken[at] != letter)
                fail_msg("frame %ld of %zu bytes differs at %zu", i, size, at);
    }
}

/* What a turn queues leaves in few writes: every byte must still be in its place, with
 * pongs between and a kernel that takes but a part. */
static void writes_a_turn_byte_for_byte(void **state)
{
    static const size_t sizes[] = {1, 125, 126, 700, 30000, 65536, 200000};
    int fd = client_upgrade(*state, "/x");

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char order[40];
        long count = sizes[i] < 700 ? 1000 : (long)(240000 / sizes[i]);
        int len = snprintf(order, sizeof(order), "flood %ld %zu", count, sizes[i]);
        client_frame(fd, TEXT, order, (size_t)len);
        client_frame(fd, PING, "between", 7);
        client_frame(fd, TEXT, order, (size_t)len);
        usleep(3000);
        s_assert_flood(fd, count, sizes[i]);
        s_assert_flood(fd, count, sizes[i]);
    }
    s_hang_up(*state, fd);
}

static void closes_on_slow_readers(void **state)
{
    int fd = client_upgrade(*state, "/x"), first;
    long whole = 0;

    for (int i = 0; i < 100; i++)
        client_frame(fd, TEXT, "flood 10 20000", 14);
    usleep(50000);
    while ((first = s_take(fd)) == TEXT) {
        assert_int_equal(s_len, 20000);
        whole++;
    }
    assert_int_equal(first, CLOSE);
    assert_memory_equal(s_taken, "\x03\xf5too slow", 10);
    assert_in_range(whole, 1, 999);
    close(fd);
    assert_int_equal(echo_closed_code(*state), 1013);
}

static void closes_the_silent_and_keeps_who_answers(void **state)
{
    server_options_t options = echo_options();
    options.official_writes = s_official;
    echo_t *echo = echo_start(&options);
    int silent = client_upgrade(echo, "/x"), awake = client_upgrade(echo, "/x");
    (void)state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(s_take(awake), PING);
        client_frame(awake, PONG, s_taken, s_len);
    }
    assert_int_equal(s_take(silent), PING);
    assert_int_equal(client_close_code(silent), 1008);
    s_assert_echo(awake, TEXT, "here", 4);
    close(silent);
    close(awake);
    echo_stop(&echo);
}

static void drains(void **state)
{
    server_options_t options = echo_options();
    echo_t *echo = echo_start(&options);
    (void)state;

    int socket = client_upgrade(echo, "/x");
    int idle = client_dial(echo), waiting = client_dial(echo), never = client_dial(echo);
    client_send(idle, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    client_reply(idle, s_taken, sizeof(s_taken));
    client_send(never, "GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
    client_send(waiting, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    echo_drain(echo);
    client_reply(waiting, s_taken, sizeof(s_taken));
    assert_non_null(strstr(s_taken, "\r\n\r\nlater"));
    assert_int_equal(client_read(idle, s_taken, 1), 0);
    assert_int_equal(client_close_code(socket), 1012);
    echo_stop(&echo); /* within its second, though one request has no reply */
    assert_int_equal(client_read(never, s_taken, 1), 0);
    close(socket);
    close(idle);
    close(waiting);
    close(never);
}

static void says_why_it_cannot_listen(void **state)
{
    static const char *const wrong[] = {"", "nonsense", "127.0.0.1:", "300.0.0.1:80",
                                        "127.0.0.1:99999x"};
    server_options_t options = echo_options();
    echo_t *echo = echo_start(&options);
    (void)state;

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_non_null(echo_listen_fault(wrong[i]));
    assert_null(echo_listen_fault("localhost:0"));
    assert_null(echo_listen_fault("[::1]:0"));
    assert_null(echo_listen_fault("0.0.0.0:0"));
    char taken[40];
    snprintf(taken, sizeof(taken), "127.0.0.1:%d", echo_port(echo));
    assert_string_equal(echo_listen_fault(taken), "Address already in use");
    echo_stop(&echo);
}

/* Whoever sends a beginning and no end, be it heard now and then or not. */
static void closes_on_messages_that_take_too_long(void **state)
{
    server_options_t options = echo_options();
    (void)state;
    options.ping_ms = options.silent_ms = PATIENT_MS; /* silence is not it */
    options.message_ms = 200;
    echo_t *echo = echo_start(&options);
    int whole = client_upgrade(echo, "/x"), half = client_upgrade(echo, "/x");
    client_frame(half, TEXT & ~FIN, "half", 4);
    s_assert_echo(whole, TEXT, "whole", 5);
    assert_int_equal(client_close_code(half), 1008);
    s_assert_echo(whole, TEXT, "still", 5);
    close(half);
    close(whole);
    echo_stop(&echo);
}

/* All of it comes at once, and is several reads of libwebsockets. */
static void hears_all_that_came_in_one_turn(void **state)
{
    enum { COUNT = 200 };
    buf_t frames = {0};
    int fd = client_upgrade(*state, "/x");
    for (int i = 0; i < COUNT; i++)
        client_put_frame(&frames, TEXT, "one of many that come together", 30);
    client_put_frame(&frames, TEXT, "count", 5);
    client_write(fd, frames.data, frames.len);
    buf_free(&frames);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(s_take_message(fd), TEXT);
    assert_int_equal(s_take_message(fd), TEXT);
    assert_string_equal(s_taken, "200");
    s_hang_up(*state, fd);
}

/* Everything of it comes, once and in order, however the pauses fall in a read or in a frame. */
static void reads_on_after_a_pause(void **state)
{
    enum { LEN_MAX = 300, COUNT = 60 };
    char sent[LEN_MAX + 1];
    int fd = client_upgrade(*state, "/x");
    for (int i = 0; i < COUNT; i++) {
        snprintf(sent, sizeof sent, "%s %d %*s", i % 10 == 0 ? "pause" : "word", i, 5 * i, "end");
        client_frame(fd, TEXT, sent, strlen(sent));
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(sent, sizeof sent, "%s %d %*s", i % 10 == 0 ? "pause" : "word", i, 5 * i, "end");
        assert_int_equal(s_take_message(fd), TEXT);
        assert_string_equal(s_taken, sent);
    }
    s_hang_up(*state, fd);
}

static void s_assert_nothing_comes(echo_t *echo, int fd)
{
    char byte;
    int other = client_upgrade(echo, "/x");
    for (int i = 0; i < 5; i++)
        s_assert_echo(other, TEXT, "meanwhile", 9);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    s_hang_up(echo, other);
}

/* It still gets what it is sent, and the server may close it, which is answered at once. */
static void reads_nothing_in_a_pause(void **state)
{
    echo_t *echo = *state;
    static const char pause[] = "pause 60000";
    int fd = client_upgrade(echo, "/x");
    client_frame(fd, TEXT, pause, strlen(pause));
    client_frame(fd, TEXT, "unread", 6);
    assert_int_equal(s_take_message(fd), TEXT);
    assert_string_equal(s_taken, pause);
    s_assert_nothing_comes(echo, fd);
    echo_drain(echo);
    assert_int_equal(client_close_code(fd), 1012);
    client_frame(fd, CLOSE, "\x03\xf4", 2);
    assert_int_equal(echo_closed_code(echo), 1012);
    close(fd);
}

/* What it has left behind asks for pauses that would last for more than ten minutes. */
static void does_not_wait_for_who_has_gone(void **state)
{
    enum { PAUSES = 2000, PATIENCE = 30 };
    static const char pause[] = "pause 300";
    int fd = client_upgrade(*state, "/x"), code = 0;
    for (int i = 0; i < PAUSES; i++)
        client_frame(fd, TEXT, pause, strlen(pause));
    shutdown(fd, SHUT_WR);
    for (int i = 0; code == 0 && i < PATIENCE; i++)
        code = echo_closed_code(*state);
    assert_int_equal(code, CLOSED_ABNORMALLY);
    close(fd);
}

static void gives_up_the_oldest_of_too_many_messages(void **state)
{
    static char payload[40000];
    server_options_t options = echo_options();
    (void)state;
    options.ping_ms = options.silent_ms = PATIENT_MS;
    options.messages_bytes_max = 100000;
    echo_t *echo = echo_start(&options);
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = client_upgrade(echo, "/x");
        client_frame(fds[i], BINARY & ~FIN, payload, sizeof payload);
        if (i < 2) { /* the answer shows that it is there */
            client_frame(fds[i], PING, "?", 1);
            assert_int_equal(s_take(fds[i]), PONG);
        }
    }
    assert_int_equal(client_close_code(fds[0]), 1013);
    for (int i = 1; i < 3; i++) {
        client_frame(fds[i], FIN, "!", 1);
        assert_int_equal(s_take_message(fds[i]), BINARY);
        assert_int_equal(s_len, sizeof payload + 1);
    }
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    echo_stop(&echo);
}

#define WEBSOCKET_TESTS                                                                          \
    cmocka_unit_test(echoes_messages_of_all_lengths), cmocka_unit_test(names_the_subprotocol),   \
        cmocka_unit_test(takes_frames_that_come_with_the_request),                               \
        cmocka_unit_test(joins_fragments_around_a_ping),                                         \
        cmocka_unit_test(closes_on_large_messages),                                              \
        cmocka_unit_test(closes_on_text_that_is_not_utf8),                                       \
        cmocka_unit_test(closes_from_either_side),                                               \
        cmocka_unit_test(cuts_off_who_does_not_answer_a_close),                                  \
        cmocka_unit_test(writes_a_turn_byte_for_byte), cmocka_unit_test(closes_on_slow_readers), \
        cmocka_unit_test(closes_the_silent_and_keeps_who_answers),                               \
        cmocka_unit_test(hears_all_that_came_in_one_turn),                                       \
        cmocka_unit_test(reads_on_after_a_pause), cmocka_unit_test(does_not_wait_for_who_has_gone)

int main(void)
{
    const struct CMUnitTest direct[] = {WEBSOCKET_TESTS,
                                        cmocka_unit_test(reads_nothing_in_a_pause),
                                        cmocka_unit_test(drains),
                                        cmocka_unit_test(says_why_it_cannot_listen),
                                        cmocka_unit_test(closes_on_messages_that_take_too_long),
                                        cmocka_unit_test(gives_up_the_oldest_of_too_many_messages)};
    const struct CMUnitTest official[] = {WEBSOCKET_TESTS};
    int failed = cmocka_run_group_tests(direct, s_start_direct, s_stop);
    return failed + cmocka_run_group_tests(official, s_start_official, s_stop);
}
