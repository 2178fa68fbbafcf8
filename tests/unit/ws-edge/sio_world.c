#include "tests/unit/ws-edge/sio_world.h"

#include <assert.h>

#include "tests/unit/ws-edge/spare_mint.h"
#include "ws-edge/tunnel_parts.h"

static sio_world_t *s_world;

/* ---- in the place of link.c and edge.c ---- */

bool edge_serves(const edge_t *edge)
{
    (void)edge;
    return !s_world->away;
}

void edge_refuse(edge_t *edge, uint64_t account, err_t err)
{
    (void)edge;
    (void)account;
    (void)err;
}

bool link_is_up(const link_t *link)
{
    (void)link;
    return !s_world->away;
}

err_t link_ask(link_t *link, who_t who, const void *args, const waiter_t *waiter)
{
    const shape_t *shape = call_type(waiter->type)->shape();
    (void)link;
    (void)who;
    fault_t fault = {0};
    err_t err = codec_check(shape, args, &fault);
    assert(err == ERR_OK);
    if (s_world->away || s_world->call_count == SIO_WORLD_CALLS_MAX)
        return ERR_UNAVAILABLE;
    buf_reset(&s_world->args);
    codec_put_json(&s_world->args, shape, args);
    s_world->calls[s_world->call_count++] = *waiter;
    return ERR_OK;
}

void link_tell(link_t *link, uint16_t type, const void *args)
{
    (void)link;
    fault_t fault = {0};
    err_t err = codec_check(call_type(type)->shape(), args, &fault);
    assert(err == ERR_OK);
    s_world->told++;
}

uint64_t link_head(const link_t *link)
{
    (void)link;
    return 100;
}

int64_t link_time(void)
{
    return 1790000000 * INT64_C(1000000);
}

/* ---- the tunnel's ports ---- */

static uint64_t s_now(void *ctx)
{
    const sio_world_t *world = ctx;
    return loop_now_us(world->edge.loop) + world->ahead_us;
}

static bool s_waits(void *ctx, const poll_t *poll)
{
    (void)ctx;
    (void)poll;
    return true;
}

static void s_answer(void *ctx, const tunnel_t *tunnel, const poll_t *poll, bool octets,
                     slice_t payload)
{
    sio_world_t *world = ctx;
    (void)tunnel;
    (void)poll;
    assert(!octets);
    buf_reset(&world->said);
    buf_append(&world->said, payload);
}

static void s_stir(void *ctx, tunnel_t *tunnel)
{
    (void)tunnel;
    ((sio_world_t *)ctx)->stirred = true;
}

/* There is one socket, and nothing of it but its address. */
static char s_socket;

static void s_send(socket_t *socket, body_t *frame)
{
    assert((void *)socket == (void *)&s_socket && s_world->wire != NULL);
    if (s_world->framed != NULL && !s_world->closing)
        s_world->framed(s_world, frame_payload(body_slice(frame)));
}

static void s_close(socket_t *socket, int code, const char *reason)
{
    assert((void *)socket == (void *)&s_socket && s_world->wire != NULL);
    assert(code >= 1000 && code < 5000 && (reason == NULL || strlen(reason) <= 123));
    s_world->closing = true;
}

static uint64_t s_waits_us(const socket_t *socket)
{
    (void)socket;
    return 0;
}

static size_t s_queued(const socket_t *socket)
{
    (void)socket;
    return 0;
}

static void s_tune(void *ctx, bool hear, ids_t rooms, ids_t accounts, uint64_t round)
{
    sio_world_t *world = ctx;
    (void)hear;
    (void)rooms;
    (void)accounts;
    clients_acked(world->edge.clients, hall_acked(world->edge.hall, round));
}

/* ---- turns ---- */

static void s_settle(sio_world_t *world)
{
    while (TAKE(world->stirred) && world->tunnel != NULL) {
        sio_session_settle(world->session);
        int code = world->tunnel->close_code;
        if (!tunnel_settle(world->tunnel))
            continue;
        world->ended_with = code;
        sio_session_free(&world->session);
        tunnel_free(&world->tunnel);
    }
}

/* The end of a turn, and a poll that takes what there is. */
static void s_turn(sio_world_t *world)
{
    hall_flush(world->edge.hall);
    if (world->tunnel != NULL && world->tunnel->state == TUNNEL_CLOSING)
        world->ended_with = world->tunnel->close_code;
    s_settle(world);
    if (world->tunnel == NULL || !tunnel_polls(world->tunnel) ||
        (tunnel_queued(world->tunnel) == 0 && world->ended_with == 0))
        return;
    poll_t poll = {0};
    if (!world->tunnel->waiting && tunnel_poll(world->tunnel, &poll) != ERR_OK)
        return;
    s_settle(world);
}

static void s_hear(sio_world_t *world, const eio_packet_t *packet)
{
    buf_reset(&world->said);
    if (world->tunnel == NULL)
        return;
    tunnel_hear(world->tunnel, packet);
    s_turn(world);
}

void sio_world_hears(sio_world_t *world, slice_t text)
{
    s_hear(world, &(eio_packet_t){.type = EIO_MESSAGE, .data = text});
}

void sio_world_hears_bytes(sio_world_t *world, slice_t bytes)
{
    s_hear(world, &(eio_packet_t){.type = EIO_MESSAGE, .binary = true, .data = bytes});
}

void sio_world_posts(sio_world_t *world, slice_t payload)
{
    buf_reset(&world->said);
    if (world->tunnel == NULL || !tunnel_polls(world->tunnel))
        return;
    err_t err = tunnel_post(world->tunnel, false, payload);
    assert(err == ERR_OK || world->tunnel->state != TUNNEL_OPEN);
    s_turn(world);
}

void sio_world_dials(sio_world_t *world)
{
    buf_reset(&world->said);
    if (world->tunnel == NULL || world->wire != NULL)
        return;
    world->wire = tunnel_wire(world->tunnel);
    if (world->wire == NULL)
        return;
    world->closing = false;
    wire_opened(world->wire, (socket_t *)(void *)&s_socket);
    s_turn(world);
}

void sio_world_frames(sio_world_t *world, bool text, slice_t frame)
{
    buf_reset(&world->said);
    if (world->wire == NULL)
        return;
    wire_message(world->wire, text, frame);
    s_turn(world);
}

void sio_world_hangs_up(sio_world_t *world)
{
    buf_reset(&world->said);
    if (world->wire == NULL)
        return;
    wire_closed(TAKE(world->wire), CLOSED_ABNORMALLY);
    s_turn(world);
}

void sio_world_passes(sio_world_t *world, uint64_t us)
{
    buf_reset(&world->said);
    world->ahead_us += us;
    if (world->tunnel == NULL)
        return;
    tunnel_look(world->tunnel);
    s_turn(world);
}

void sio_world_answers(sio_world_t *world, err_t status, const void *object)
{
    assert(world->call_count > 0);
    waiter_t waiter = world->calls[0];
    buf_t body = {0};
    memmove(world->calls, world->calls + 1, --world->call_count * sizeof waiter);
    if (object != NULL)
        codec_pack(&body, call_type(waiter.type)->answer(), object);
    reply_t reply = {
        .type = waiter.type,
        .status = status,
        .as_of = link_head(NULL),
        .body = buf_slice(&body),
    };
    buf_reset(&world->said);
    waiter.answer(waiter.ctx, waiter.tag, &reply);
    buf_free(&body);
    s_turn(world);
}

/* ---- the world ---- */

void sio_world_renews(sio_world_t *world, unsigned seconds)
{
    account_t account = {.id = SIO_WORLD_ACCOUNT, .login = SLICE_LIT("ann")};
    signed_in_t session = {
        .account = &account,
        .session = SIO_WORLD_SESSION,
        .expires = link_time() + (3600 + seconds) * INT64_C(1000000),
    };
    buf_reset(&world->token);
    buf_append(&world->token,
               token_make(world->edge.mint, &session, 0, link_time(), world->edge.arena));
}

/* One for all worlds of a process: its rings are large, and nothing here reads them. */
static diary_t *s_diary(void)
{
    static diary_t *diary;
    if (diary == NULL)
        diary = diary_new();
    return diary;
}

static void s_make_edge(sio_world_t *world)
{
    edge_t *edge = &world->edge;
    edge->loop = loop_new();
    edge->arena = arena_new();
    edge->hall = hall_new(&(hall_ports_t){.ctx = world, .tune = s_tune});
    edge->gate = gate_new();
    edge->clients = clients_new(edge);
    edge->diary = s_diary();
    edge->toll.quota = quota_new();
    edge->adopted = adopted_new();
    edge->mint = spare_mint();
}

sio_world_t *sio_world_new(eio_version_t version, const visitor_t *visitor)
{
    sio_world_t *world = mem_new(sio_world_t);
    visitor_t nobody = {0};
    err_t err = crypto_start();
    assert(err == ERR_OK);
    s_world = world;
    world->version = version;
    s_make_edge(world);
    sio_world_renews(world, 0);
    world->ports = (tunnel_ports_t){
        .ctx = world,
        .arena = arena_new(),
        .interval_ms = HEARTBEAT_MS,
        .timeout_ms = HEARTBEAT_TIMEOUT_MS,
        .now_us = s_now,
        .waits = s_waits,
        .answer = s_answer,
        .stir = s_stir,
        .send = s_send,
        .close = s_close,
        .queued = s_queued,
        .waits_us = s_waits_us,
    };
    world->tunnel = tunnel_new(&world->ports, (eio_peer_t){.version = version});
    world->session = sio_session_new(&world->edge, visitor != NULL ? visitor : &nobody);
    sio_session_begin(world->session, world->tunnel);
    s_turn(world);
    return world;
}

/* Who waits is refused, as the link does at its end. */
static void s_refuse_all(sio_world_t *world)
{
    while (world->call_count > 0)
        sio_world_answers(world, ERR_UNAVAILABLE, NULL);
}

static void s_free_edge(sio_world_t *world)
{
    edge_t *edge = &world->edge;
    clients_destroy(&edge->clients);
    hall_destroy(&edge->hall);
    gate_destroy(&edge->gate);
    adopted_destroy(&edge->adopted);
    quota_destroy(&edge->toll.quota);
    loop_destroy(&edge->loop);
    arena_destroy(&edge->arena);
    buf_free(&edge->body);
}

void sio_world_free(sio_world_t **world_p)
{
    sio_world_t *world = *world_p;
    sio_world_hangs_up(world);
    if (world->tunnel != NULL) {
        tunnel_abandon(world->tunnel);
        sio_session_free(&world->session);
        tunnel_free(&world->tunnel);
    }
    s_refuse_all(world);
    s_free_edge(world);
    arena_destroy(&world->ports.arena);
    buf_free(&world->said);
    buf_free(&world->args);
    buf_free(&world->token);
    mem_free(world);
    *world_p = NULL;
}
