#include "tests/unit/ws-edge/tunnel_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "actors/crypto.h"

/* Sockets are never looked into: their addresses tell them apart. */
static char s_sockets[2];
static world_t *s_world;

static socket_t *s_socket(int number)
{
    return (socket_t *)(void *)&s_sockets[number];
}

static int s_number(const socket_t *socket)
{
    return (int)((const char *)(const void *)socket - s_sockets);
}

static uint64_t s_now(void *ctx)
{
    return ((world_t *)ctx)->now_us;
}

static bool s_waits(void *ctx, const poll_t *poll)
{
    (void)poll;
    return !((world_t *)ctx)->deaf;
}

static void s_on_answer(void *ctx, const tunnel_t *tunnel, const poll_t *poll, bool octets,
                        slice_t payload)
{
    world_t *world = ctx;
    (void)tunnel;
    (void)poll;
    assert_false(octets);
    world->answers++;
    buf_reset(&world->answered);
    buf_append(&world->answered, payload);
}

static void s_on_stir(void *ctx, tunnel_t *tunnel)
{
    (void)tunnel;
    ((world_t *)ctx)->stirred = true;
}

static void s_on_opened(void *ctx, tunnel_t *tunnel)
{
    (void)tunnel;
    ((world_t *)ctx)->opened = true;
}

static void s_on_send(socket_t *socket, body_t *frame)
{
    buf_t *sent = &s_world->sent[s_number(socket)];
    assert_int_equal(s_world->closed_with[s_number(socket)], 0);
    buf_append(sent, frame_payload(body_slice(frame)));
    buf_append_byte(sent, '|');
}

static void s_on_close(socket_t *socket, int code, const char *reason)
{
    (void)reason;
    assert_int_equal(s_world->closed_with[s_number(socket)], 0);
    s_world->closed_with[s_number(socket)] = code;
}

static uint64_t s_waits_us(const socket_t *socket)
{
    (void)socket;
    return 0;
}

static size_t s_on_queued(const socket_t *socket)
{
    return s_world->sent[s_number(socket)].len;
}

static void s_on_message(void *user, bool binary, slice_t data)
{
    world_t *world = user;
    if (binary)
        buf_append_byte(&world->heard, '!');
    buf_append(&world->heard, data);
    buf_append_byte(&world->heard, '|');
}

static void s_on_beat(void *user, uint64_t now_us)
{
    world_t *world = user;
    (void)now_us;
    world->beats++;
}

static void s_on_closed(void *user, int code)
{
    world_t *world = user;
    assert_int_equal(world->ended_with, 0);
    world->ended_with = code;
}

const tunnel_events_t world_events = {
    .message = s_on_message,
    .beat = s_on_beat,
    .closed = s_on_closed,
};

world_t *world_make(eio_version_t version)
{
    world_t *world = mem_new(world_t);
    err_t err = crypto_start();
    assert_int_equal(err, ERR_OK);
    world->now_us = 1000000;
    world->ports = (tunnel_ports_t){
        .ctx = world,
        .arena = arena_new(),
        .interval_ms = INTERVAL_MS,
        .timeout_ms = TIMEOUT_MS,
        .now_us = s_now,
        .waits = s_waits,
        .answer = s_on_answer,
        .stir = s_on_stir,
        .opened = s_on_opened,
        .send = s_on_send,
        .close = s_on_close,
        .queued = s_on_queued,
        .waits_us = s_waits_us,
    };
    world->tunnel = tunnel_new(&world->ports, (eio_peer_t){.version = version});
    s_world = world;
    return world;
}

/* The end of a turn. */
void world_turn(world_t *world)
{
    while (TAKE(world->stirred) && world->tunnel != NULL)
        if (tunnel_settle(world->tunnel))
            tunnel_free(&world->tunnel);
}

void world_pass(world_t *world, unsigned ms)
{
    world->now_us += ms * UINT64_C(1000);
    if (world->tunnel != NULL)
        tunnel_look(world->tunnel);
    world_turn(world);
}

err_t world_poll(world_t *world)
{
    poll_t poll = {0};
    err_t err = tunnel_poll(world->tunnel, &poll);
    world_turn(world);
    return err;
}

err_t world_post(world_t *world, const char *payload)
{
    err_t err = tunnel_post(world->tunnel, false, slice_of(payload));
    world_turn(world);
    return err;
}

void world_say(world_t *world, const char *packet)
{
    body_t *frame = frame_new(FRAME_TEXT, slice_of(packet));
    tunnel_send(world->tunnel, frame);
    body_unref(&frame);
}

void assert_text(const buf_t *buf, const char *text)
{
    assert_int_equal(buf->len, strlen(text));
    assert_memory_equal(buf->data, text, buf->len);
}

void world_assert_answer(const world_t *world, unsigned answers, const char *payload)
{
    assert_int_equal(world->answers, answers);
    assert_text(&world->answered, payload);
}

/* A session that polls, its first packet taken. */
world_t *world_polling(eio_version_t version)
{
    world_t *world = world_make(version);
    tunnel_begin(world->tunnel, &world_events, world);
    err_t err = world_poll(world);
    assert_int_equal(err, ERR_OK);
    assert_int_equal(world->answers, 1);
    world->answers = 0;
    return world;
}

void world_open_wire(world_t *world, int number)
{
    world->wire[number] = tunnel_wire(world->tunnel);
    assert_non_null(world->wire[number]);
    world->wire[number]->events->opened(world->wire[number], s_socket(number));
    world_turn(world);
}

void world_frame(world_t *world, int number, const char *text)
{
    world->wire[number]->events->message(world->wire[number], true, slice_of(text));
    world_turn(world);
}

void world_hang_up(world_t *world, int number)
{
    wire_t *wire = TAKE(world->wire[number]);
    wire->events->closed(wire, CLOSED_ABNORMALLY);
    world_turn(world);
}

/* Polling first, then a WebSocket. */
world_t *world_upgraded(eio_version_t version)
{
    world_t *world = world_polling(version);
    world_open_wire(world, 0);
    world_frame(world, 0, "2probe");
    world_frame(world, 0, "5");
    assert_text(&world->sent[0], "3probe|");
    buf_reset(&world->sent[0]);
    return world;
}

void world_end(world_t *world)
{
    for (int i = 0; i < 2; i++)
        if (world->wire[i] != NULL)
            world_hang_up(world, i);
    if (world->tunnel != NULL) {
        tunnel_abandon(world->tunnel);
        tunnel_free(&world->tunnel);
    }
    buf_free(&world->answered);
    buf_free(&world->sent[0]);
    buf_free(&world->sent[1]);
    buf_free(&world->heard);
    arena_destroy(&world->ports.arena);
    mem_free(world);
}
