/* edge_test.c - an edge before a broker that does what the test wants.
 *
 * The order of things on the pipe is the point here: what happens between a question
 * and its answer, and what a connection is shown then. */
#include "ws-edge/edge.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/scratch.h"
#include "tests/unit/ws-edge/stub_broker.h"

enum { PATIENCE_MS = 8000, REPLY_SIZE = 4096, SESSION = 70 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    stub_t *stub;
    edge_t *edge;
    char token[1024];
} world_t;

/* ---- a client on a socket ---- */

static int s_dial_at(const world_t *world, size_t endpoint)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)edge_port(world->edge, endpoint)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int s_dial(const world_t *world)
{
    return s_dial_at(world, 0);
}

/* So many bytes, while the broker does its part. */
static void s_read(world_t *world, int fd, void *to, size_t len)
{
    size_t got = 0;
    for (int waited = 0; got < len && waited < PATIENCE_MS; waited++) {
        ssize_t more = recv(fd, (char *)to + got, len - got, MSG_DONTWAIT);
        assert_int_not_equal(more, 0);
        got += more > 0 ? (size_t)more : 0;
        stub_pump(world->stub, got < len ? 1 : 0);
    }
    assert_int_equal(got, len);
}

/* Head and body of a reply to a request on a connection of its own. */
static void s_ask(world_t *world, const char *request, char reply[REPLY_SIZE])
{
    size_t len = 0;
    ssize_t more = -1;
    int fd = s_dial(world);
    assert_true(send(fd, request, strlen(request), 0) > 0);
    for (int waited = 0; more != 0 && waited < PATIENCE_MS; waited++) {
        more = recv(fd, reply + len, REPLY_SIZE - 1 - len, MSG_DONTWAIT);
        len += more > 0 ? (size_t)more : 0;
        stub_pump(world->stub, 1);
    }
    reply[len] = '\0';
    close(fd);
}

static int s_status(world_t *world, const char *path)
{
    char request[256], reply[REPLY_SIZE];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             path);
    s_ask(world, request, reply);
    return atoi(reply + strlen("HTTP/1.1 "));
}

static void s_sign_in(world_t *world)
{
    char reply[REPLY_SIZE];
    s_ask(world,
          "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 36\r\n\r\n"
          "{\"login\":\"ann\",\"password\":\"secret1\"} ",
          reply);
    const char *token = strstr(reply, "\"token\":\"");
    assert_non_null(token);
    sscanf(token, "\"token\":\"%1000[^\"]", world->token);
}

/* The status of the upgrade's answer. */
static int s_upgrade(world_t *world, const char *query, int *ret_fd)
{
    char request[2048], head[REPLY_SIZE];
    size_t len = 0;
    snprintf(request, sizeof request,
             "GET /v1/ws?token=%s%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
             "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
             world->token, query);
    *ret_fd = s_dial(world);
    assert_true(send(*ret_fd, request, strlen(request), 0) > 0);
    while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0)
        s_read(world, *ret_fd, head + len++, 1);
    return atoi(head + strlen("HTTP/1.1 "));
}

static int s_open(world_t *world, const char *query)
{
    int fd;
    assert_int_equal(s_upgrade(world, query, &fd), 101);
    return fd;
}

/* The next frame's payload as text; its first byte. */
static int s_frame(world_t *world, int fd, char payload[REPLY_SIZE])
{
    uint8_t head[4];
    s_read(world, fd, head, 2);
    size_t len = head[1];
    if (len == 126) {
        s_read(world, fd, head + 2, 2);
        len = (size_t)head[2] << 8 | head[3];
    }
    assert_true(len < REPLY_SIZE);
    s_read(world, fd, payload, len);
    payload[len] = '\0';
    return head[0];
}

static void s_expect(world_t *world, int fd, const char *part)
{
    char payload[REPLY_SIZE];
    int first = s_frame(world, fd, payload);
    if (first != 0x81 || strstr(payload, part) == NULL)
        fail_msg("%02x %s, not %s", first, payload, part);
}

static void s_expect_close(world_t *world, int fd, int code)
{
    char payload[REPLY_SIZE];
    assert_int_equal(s_frame(world, fd, payload), 0x88);
    assert_int_equal((uint8_t)payload[0] << 8 | (uint8_t)payload[1], code);
    close(fd);
}

/* ---- the world ---- */

static void s_until_status(world_t *world, int status)
{
    for (int tries = 0; s_status(world, "/readyz") != status; tries++) {
        assert_true(tries < 400);
        stub_pump(world->stub, 5);
    }
}

static int s_setup(void **state)
{
    static const char *const endpoints[] = {"127.0.0.1:0"};
    static unsigned worlds; /* a name is free again only some time after its socket is closed */
    char bus[64];
    world_t *world = mem_new(world_t);
    snprintf(bus, sizeof bus, "inproc://edge-test-%u", ++worlds);
    scratch_hush();
    scratch_make(world->folder);
    world->stub = stub_new(bus);
    edge_options_t options = edge_options_default();
    options.http = endpoints;
    options.http_count = 1;
    options.line = endpoints;
    options.line_count = 1;
    options.bus = bus;
    options.data = world->folder;
    assert_int_equal(edge_start(&options, &world->edge), ERR_OK);
    *state = world;
    s_until_status(world, 200);
    s_sign_in(world);
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    edge_drain(world->edge);
    edge_destroy(&world->edge);
    stub_destroy(&world->stub);
    scratch_remove(world->folder);
    scratch_speak();
    mem_free(world);
    return 0;
}

/* ---- tests ---- */

static void test_a_connection_hears_its_rooms_after_the_welcome(void **state)
{
    world_t *world = *state;
    world->stub->rooms[world->stub->room_count++] = 5;
    int fd = s_open(world, "");
    s_expect(world, fd, "\"type\":\"welcome\"");
    stub_say(world->stub, 6, "elsewhere", true);
    stub_say(world->stub, 5, "here", true);
    s_expect(world, fd, "\"text\":\"here\"");
    assert_int_equal(world->stub->asked[CALL_presence_set], 1);
    close(fd);
}

static void s_join_8(stub_t *stub)
{
    stub_move(stub, 8, true, true);
}

static void test_a_room_joined_between_question_and_answer_is_heard(void **state)
{
    world_t *world = *state;
    world->stub->trap = CALL_bus_subscribe; /* its account's records come from here on */
    world->stub->sprung = s_join_8;
    int fd = s_open(world, "");
    s_expect(world, fd, "\"type\":\"welcome\"");
    assert_true(world->stub->asked[CALL_room_ids] >= 1);
    stub_say(world->stub, 8, "in time", true);
    s_expect(world, fd, "\"text\":\"in time\"");
    close(fd);
}

static void s_say_live(stub_t *stub)
{
    stub_say(stub, 5, "4", true);
    stub_say(stub, 5, "5", true);
}

/* What comes live while a page is on its way is in a later page: once, in order. */
static void test_a_resume_has_no_gap_and_nothing_twice(void **state)
{
    static const char *const texts[] = {"1", "2", "3", "4", "5", "6"};
    world_t *world = *state;
    world->stub->rooms[world->stub->room_count++] = 5;
    world->stub->page_records = 2;
    for (int i = 0; i < 3; i++)
        stub_say(world->stub, 5, texts[i], false);
    world->stub->trap = CALL_bus_read;
    world->stub->sprung = s_say_live;
    int fd = s_open(world, "&since=0");
    s_expect(world, fd, "\"resumed\":true");
    for (int i = 0; i < 5; i++) {
        char part[32];
        snprintf(part, sizeof part, "\"text\":\"%s\"", texts[i]);
        s_expect(world, fd, part);
    }
    stub_say(world->stub, 5, "6", true);
    s_expect(world, fd, "\"text\":\"6\"");
    close(fd);
}

static void test_a_room_is_hidden_until_it_was_joined(void **state)
{
    world_t *world = *state;
    world->stub->rooms[world->stub->room_count++] = 5;
    stub_say(world->stub, 5, "before", false);
    stub_move(world->stub, 5, true, false);
    stub_say(world->stub, 5, "after", false);
    int fd = s_open(world, "&since=0");
    s_expect(world, fd, "\"resumed\":true");
    s_expect(world, fd, "\"type\":\"room.joined\"");
    s_expect(world, fd, "\"text\":\"after\"");
    close(fd);
}

static void s_join_8_too(stub_t *stub)
{
    stub_move(stub, 8, true, true);
    stub_say(stub, 8, "in the new room", true);
}

/* The page was asked for without that room: it is asked for again. */
static void test_a_room_joined_while_a_page_is_on_its_way_has_no_gap(void **state)
{
    world_t *world = *state;
    stub_say(world->stub, 5, "nothing of ours", false);
    world->stub->trap = CALL_bus_read;
    world->stub->sprung = s_join_8_too;
    int fd = s_open(world, "&since=0");
    s_expect(world, fd, "\"resumed\":true");
    s_expect(world, fd, "\"type\":\"room.joined\"");
    s_expect(world, fd, "\"text\":\"in the new room\"");
    close(fd);
}

/* A broker that dies in a resume has not said that there is nothing to resume from. */
static void test_a_resume_that_is_refused_is_to_be_tried_again(void **state)
{
    world_t *world = *state;
    stub_say(world->stub, 5, "missed", false);
    world->stub->blind = true;
    int fd = s_open(world, "&since=1");
    s_expect_close(world, fd, 1013);
    close(fd);
}

static void test_a_point_in_the_future_is_not_resumed_from(void **state)
{
    world_t *world = *state;
    int fd = s_open(world, "&since=12345");
    s_expect(world, fd, "\"resumed\":false");
    close(fd);
}

static void s_fall_silent(stub_t *stub)
{
    stub->mute = true;
}

/* Nobody has said that its point is too old, or ahead: it comes again with it. */
static void test_who_gets_no_page_is_told_nothing_of_its_point(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 3; i++)
        stub_say(world->stub, 5, "missed", false);
    world->stub->trap = CALL_room_ids;
    world->stub->sprung = s_fall_silent;
    int fd = s_open(world, "&since=2");
    s_expect_close(world, fd, 1013);
}

static void test_a_session_that_ends_closes_its_sockets(void **state)
{
    world_t *world = *state;
    int fd = s_open(world, "");
    s_expect(world, fd, "\"type\":\"welcome\"");
    stub_end_session(world->stub, SESSION + 1);
    stub_end_session(world->stub, SESSION);
    s_expect_close(world, fd, 4401);
    assert_int_equal(s_upgrade(world, "", &fd), 401);
    close(fd);
}

static void test_a_silent_broker_closes_all_until_it_is_back(void **state)
{
    world_t *world = *state;
    int fd = s_open(world, "");
    s_expect(world, fd, "\"type\":\"welcome\"");
    world->stub->mute = true;
    s_expect_close(world, fd, 1013);
    assert_int_equal(s_status(world, "/readyz"), 503);
    assert_int_equal(s_status(world, "/healthz"), 200);
    assert_int_equal(s_upgrade(world, "", &fd), 503);
    close(fd);

    size_t hellos = world->stub->asked[CALL_bus_hello];
    world->stub->mute = false;
    s_until_status(world, 200);
    assert_true(world->stub->asked[CALL_bus_hello] > hellos);
    assert_int_equal(world->stub->asked[CALL_presence_announce], 2);
    fd = s_open(world, "");
    s_expect(world, fd, "\"type\":\"welcome\"");
    close(fd);
}

static void test_a_broker_that_takes_no_calls_is_not_ready(void **state)
{
    world_t *world = *state;
    world->stub->busy = true; /* a full disk, say */
    s_until_status(world, 503);
    assert_int_equal(s_status(world, "/healthz"), 200);
    world->stub->busy = false;
    s_until_status(world, 200);
}

static void test_what_is_said_before_the_welcome_is_done_after_it(void **state)
{
    /* `{"id":3,"type":"room.leave","body":{"room":5}}`, masked with zeros */
    static const char text[] = "{\"id\":3,\"type\":\"room.leave\",\"body\":{\"room\":5}}";
    uint8_t frame[6 + sizeof text - 1] = {0x81, 0x80 | (sizeof text - 1)};
    world_t *world = *state;
    int fd = s_open(world, "");
    memcpy(frame + 6, text, sizeof text - 1);
    assert_int_equal(send(fd, frame, sizeof frame, 0), sizeof frame);
    usleep(50 * 1000); /* the edge has it, and no answer from the broker yet */
    s_expect(world, fd, "\"type\":\"welcome\"");
    s_expect(world, fd, "{\"id\":3,\"type\":\"reply\"");
    close(fd);
}

/* ---- ChatBackend's raw socket ---- */

static int s_hail(const world_t *world)
{
    static const char hail[] = "{\"uuid\":\"99f0e998-1360-41e9-ab6c-00e04c681690\","
                               "\"room_gid\":\"wjLJb3Jo\"}";
    int fd = s_dial_at(world, 1);
    assert_int_equal(send(fd, hail, sizeof hail - 1, 0), sizeof hail - 1);
    return fd;
}

static void s_expect_line(world_t *world, int fd, const char *part)
{
    char line[REPLY_SIZE];
    size_t len = 0;
    do
        s_read(world, fd, &line[len], 1);
    while (line[len++] != '\n');
    line[len] = '\0';
    if (strstr(line, part) == NULL)
        fail_msg("no %s in %s", part, line);
}

/* The edge knows how far the journal is once it was told a status. */
static void s_until_status_told(world_t *world)
{
    size_t asked = world->stub->asked[CALL_bus_status];
    while (world->stub->asked[CALL_bus_status] < asked + 2)
        stub_pump(world->stub, 5);
}

static void s_say_early(stub_t *stub)
{
    stub_say(stub, 5, "early", false); /* the broker was not asked for that room yet */
}

static void test_a_line_hears_what_is_said_while_it_comes_in(void **state)
{
    world_t *world = *state;
    world->stub->rooms[world->stub->room_count++] = 5;
    stub_say(world->stub, 5, "before", false);
    s_until_status_told(world);
    world->stub->trap = CALL_room_find;
    world->stub->sprung = s_say_early;
    int fd = s_hail(world);
    s_expect_line(world, fd, "\"txt\":\"early\"");
    stub_say(world->stub, 6, "elsewhere", true);
    stub_say(world->stub, 5, "later", true);
    s_expect_line(world, fd, "\"txt\":\"later\"");
    close(fd);
}

static void s_join_and_say(stub_t *stub)
{
    stub_move(stub, 5, true, false);
    s_say_early(stub);
}

/* Finding the room makes it a reader: what was said before that is for those who were. */
static void test_a_line_hears_nothing_from_before_it_was_let_in(void **state)
{
    world_t *world = *state;
    world->stub->rooms[world->stub->room_count++] = 5;
    s_until_status_told(world);
    stub_say(world->stub, 5, "before", false);
    world->stub->trap = CALL_session_find;
    world->stub->sprung = s_join_and_say;
    int fd = s_hail(world);
    s_expect_line(world, fd, "\"txt\":\"early\"");
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_connection_hears_its_rooms_after_the_welcome),
        TEST(test_a_room_joined_between_question_and_answer_is_heard),
        TEST(test_a_resume_has_no_gap_and_nothing_twice),
        TEST(test_a_room_is_hidden_until_it_was_joined),
        TEST(test_a_room_joined_while_a_page_is_on_its_way_has_no_gap),
        TEST(test_a_resume_that_is_refused_is_to_be_tried_again),
        TEST(test_a_point_in_the_future_is_not_resumed_from),
        TEST(test_who_gets_no_page_is_told_nothing_of_its_point),
        TEST(test_a_session_that_ends_closes_its_sockets),
        TEST(test_a_silent_broker_closes_all_until_it_is_back),
        TEST(test_a_broker_that_takes_no_calls_is_not_ready),
        TEST(test_what_is_said_before_the_welcome_is_done_after_it),
        TEST(test_a_line_hears_what_is_said_while_it_comes_in),
        TEST(test_a_line_hears_nothing_from_before_it_was_let_in),
    };
    bus_start();
    int failed = crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
    bus_stop();
    return failed;
}
