/* line_test.c - plain TCP connections: the first word, frames, and all the ways to end. */
#include "ws-edge/line.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 3000, HAIL_MS = 150 };

/* A server of lines, whose application keeps the last one. */
typedef struct world {
    loop_t *loop;
    server_t *server;
    int port;
    bool refuses;
    line_t *line; /* NULL once it is closed */
    char hail[32];
    size_t opened, closed;
    bool drained;
} world_t;

static void *s_on_line(void *ctx, slice_t address, slice_t hail, line_t *line)
{
    world_t *world = ctx;
    assert_true(slice_is(address, "127.0.0.1"));
    snprintf(world->hail, sizeof world->hail, "%.*s", SLICE_ARG(hail));
    world->opened++;
    if (world->refuses)
        return NULL;
    world->line = line;
    return world;
}

static void s_on_closed(void *user, int code)
{
    world_t *world = user;
    (void)code;
    world->line = NULL;
    world->closed++;
}

static void s_on_drained(void *ctx)
{
    ((world_t *)ctx)->drained = true;
}

/* What HTTP would bring; nobody speaks it here. */
static void s_on_request(void *ctx, const request_t *request, exchange_t exchange)
{
    (void)ctx;
    (void)request;
    (void)exchange;
    fail();
}

static bool s_on_upgrade(void *ctx, const request_t *request, upgrade_t *ret_upgrade)
{
    (void)ctx;
    (void)request;
    (void)ret_upgrade;
    return false;
}

static void s_on_opened(void *user, socket_t *socket)
{
    (void)user;
    (void)socket;
}

static void s_on_message(void *user, bool text, slice_t payload)
{
    (void)user;
    (void)text;
    (void)payload;
}

static void s_on_error(void *ctx, err_t err, const request_t *request, buf_t *headers, buf_t *body)
{
    (void)ctx;
    (void)err;
    (void)request;
    (void)headers;
    (void)body;
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    server_options_t options = server_options_default();
    server_events_t events = {
        .ctx = world,
        .on_request = s_on_request,
        .on_upgrade = s_on_upgrade,
        .on_opened = s_on_opened,
        .on_message = s_on_message,
        .on_closed = s_on_closed,
        .on_line = s_on_line,
        .on_error = s_on_error,
    };
    options.hail_ms = HAIL_MS;
    options.queue_bytes_max = 64 * 1024;
    options.sndbuf_bytes = 4096;
    world->loop = loop_new();
    assert_int_equal(server_new(world->loop, &options, &events, &world->server), ERR_OK);
    assert_int_equal(server_listen(world->server, "127.0.0.1:0", TONGUE_LINE, &world->port, NULL),
                     ERR_OK);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    server_destroy(&world->server);
    loop_destroy(&world->loop);
    mem_free(world);
    return 0;
}

/* ---- a client in the same thread ---- */

static int s_dial(const world_t *world)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)world->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int s_say(const world_t *world, const char *text)
{
    int fd = s_dial(world);
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
    return fd;
}

static void s_turn(world_t *world)
{
    loop_poll(world->loop);
    usleep(1000);
}

static void s_await(world_t *world, const size_t *count, size_t wanted)
{
    for (int waited = 0; *count < wanted && waited < PATIENCE_MS; waited++)
        s_turn(world);
    assert_int_equal(*count, wanted);
}

/* What comes until the server closes, or `wanted` bytes have come; how many. */
static size_t s_read(world_t *world, int fd, char *to, size_t wanted)
{
    size_t len = 0;
    for (int waited = 0; len < wanted && waited < PATIENCE_MS; waited++) {
        ssize_t more = recv(fd, to + len, wanted - len, MSG_DONTWAIT);
        if (more == 0)
            break;
        len += more > 0 ? (size_t)more : 0;
        s_turn(world);
    }
    return len;
}

static void s_assert_end(world_t *world, int fd)
{
    char byte;
    ssize_t got = -1;
    for (int waited = 0; got < 0 && waited < PATIENCE_MS; waited++) {
        s_turn(world);
        got = recv(fd, &byte, 1, MSG_DONTWAIT);
    }
    assert_int_equal(got, 0);
    close(fd);
}

static void s_send_text(line_t *line, const char *text)
{
    body_t *frame = frame_new(FRAME_STREAM, slice_of(text));
    line_send(line, frame);
    body_unref(&frame);
}

/* ---- tests ---- */

static void test_the_first_object_opens_it(void **state)
{
    world_t *world = *state;
    char heard[16] = "";
    int fd = s_say(world, " {\"a\"");
    for (int i = 0; i < 5; i++)
        s_turn(world);
    assert_int_equal(world->opened, 0);
    assert_int_equal(send(fd, ":1}{\"b\":2}", 10, 0), 10);
    s_await(world, &world->opened, 1);
    assert_string_equal(world->hail, "{\"a\":1}");
    s_send_text(world->line, "one\n");
    s_send_text(world->line, "two\n");
    assert_int_equal(line_queued(world->line), 8);
    assert_int_equal(s_read(world, fd, heard, 8), 8);
    assert_string_equal(heard, "one\ntwo\n");
    assert_int_equal(line_queued(world->line), 0);
    assert_int_equal(world->opened, 1);
    close(fd);
}

static void test_what_is_no_object_is_closed(void **state)
{
    world_t *world = *state;
    s_assert_end(world, s_say(world, "[]"));
    int fd = s_say(world, "{");
    shutdown(fd, SHUT_WR);
    s_assert_end(world, fd);
    assert_int_equal(world->opened, 0);
    assert_int_equal(server_counts(world->server).connections, 0);
}

static void test_what_is_late_is_closed(void **state)
{
    world_t *world = *state;
    s_assert_end(world, s_say(world, "{\"a\":"));
    s_assert_end(world, s_dial(world));
    assert_int_equal(world->opened, 0);
}

static void test_who_is_refused_is_closed(void **state)
{
    world_t *world = *state;
    world->refuses = true;
    s_assert_end(world, s_say(world, "{}"));
    assert_int_equal(world->opened, 1);
    assert_int_equal(world->closed, 0);
}

static void test_what_is_queued_goes_before_the_end(void **state)
{
    world_t *world = *state;
    char heard[16] = "";
    int fd = s_say(world, "{}");
    s_await(world, &world->opened, 1);
    line_t *line = world->line;
    s_send_text(line, "last\n");
    line_close(line);
    s_send_text(line, "more\n");
    assert_ptr_equal(world->line, line); /* nothing is called back inside */
    assert_int_equal(s_read(world, fd, heard, sizeof heard - 1), 5);
    assert_string_equal(heard, "last\n");
    assert_int_equal(world->closed, 1);
    close(fd);
}

static void test_half_of_it_may_end(void **state)
{
    world_t *world = *state;
    char heard[8] = "";
    int fd = s_say(world, "{}");
    shutdown(fd, SHUT_WR);
    s_await(world, &world->opened, 1);
    for (int i = 0; i < 10; i++)
        s_turn(world);
    s_send_text(world->line, "yes\n");
    assert_int_equal(s_read(world, fd, heard, 4), 4);
    close(fd);
    while (world->line != NULL) { /* the first one finds nobody, the second hears of it */
        s_send_text(world->line, "no\n");
        s_turn(world);
    }
    assert_int_equal(world->closed, 1);
}

static void test_a_slow_reader_is_cut_off(void **state)
{
    static char text[32 * 1024];
    world_t *world = *state;
    int fd = s_say(world, "{}");
    memset(text, 'x', sizeof text - 1);
    s_await(world, &world->opened, 1);
    for (int sent = 0; world->line != NULL; sent++) {
        assert_true(sent < 1000);
        assert_true(line_queued(world->line) <= 64 * 1024);
        s_send_text(world->line, text);
        s_turn(world);
    }
    assert_int_equal(world->closed, 1);
    assert_int_equal(server_counts(world->server).connections, 0);
    close(fd);
}

/* A frame that the kernel takes in parts arrives whole, and in its place. */
static void test_a_long_burst_arrives_in_order(void **state)
{
    enum { LINES = 4000, SIZE = 15 };
    static char heard[LINES * SIZE + 1];
    world_t *world = *state;
    char text[2 * SIZE]; /* so that gcc sees that any number fits */
    int fd = s_say(world, "{}");
    s_await(world, &world->opened, 1);
    for (int i = 0; i < LINES; i++) {
        snprintf(text, sizeof text, "line %09d\n", i);
        s_send_text(world->line, text);
    }
    assert_int_equal(s_read(world, fd, heard, LINES * SIZE), LINES * SIZE);
    for (int i = 0; i < LINES; i++) {
        snprintf(text, sizeof text, "line %09d\n", i);
        assert_memory_equal(heard + i * SIZE, text, SIZE);
    }
    close(fd);
}

static void test_draining_closes_all(void **state)
{
    world_t *world = *state;
    int first = s_say(world, "{}"), second = s_say(world, "{");
    s_await(world, &world->opened, 1);
    server_drain(world->server, 1000, s_on_drained, world);
    s_assert_end(world, first);
    s_assert_end(world, second);
    for (int waited = 0; !world->drained && waited < PATIENCE_MS; waited++)
        s_turn(world);
    assert_true(world->drained);
    assert_int_equal(world->closed, 1);
}

int main(void)
{
#define LINE_TEST(test) cmocka_unit_test_setup_teardown(test, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        LINE_TEST(test_the_first_object_opens_it),
        LINE_TEST(test_what_is_no_object_is_closed),
        LINE_TEST(test_what_is_late_is_closed),
        LINE_TEST(test_who_is_refused_is_closed),
        LINE_TEST(test_what_is_queued_goes_before_the_end),
        LINE_TEST(test_half_of_it_may_end),
        LINE_TEST(test_a_slow_reader_is_cut_off),
        LINE_TEST(test_a_long_burst_arrives_in_order),
        LINE_TEST(test_draining_closes_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
