/* tunnel.c - a session's life, its heartbeats, and what a packet means to it.
 *
 *     OPEN ── closed by either side, silence, an offence ──► CLOSING ──► OVER
 *
 * CLOSING lasts no longer than the turn, except for a client that polls and has no poll
 * waiting: it hears what is left, and that it is over, with its next one.
 *
 * Heartbeats: in EIO 4 we ping and the client has to answer within the timeout; in EIO 3
 * it pings, and whatever it says is a sign of life.  Who sends the other's part is closed.
 *
 * Invariants: the user hears `closed` once and nothing behind it; frames are queued here
 * only while the session polls. */
#include "ws-edge/tunnel_parts.h"

#include <assert.h>

#include "actors/crypto.h"

/* ---- life ---- */

static uint64_t s_now_us(const tunnel_t *tunnel)
{
    return tunnel->ports->now_us(tunnel->ports->ctx);
}

static void s_stir(tunnel_t *tunnel)
{
    tunnel->ports->stir(tunnel->ports->ctx, tunnel);
}

void tunnel_make_sid(char sid[TUNNEL_SID_SIZE])
{
    uint8_t bytes[TUNNEL_SID_SIZE / 4 * 3];
    buf_t text = {0};
    crypto_random(bytes, sizeof bytes);
    crypto_base64url(&text, slice_new(bytes, sizeof bytes));
    assert(text.len == TUNNEL_SID_SIZE);
    memcpy(sid, text.data, TUNNEL_SID_SIZE);
    buf_free(&text);
}

tunnel_t *tunnel_new(const tunnel_ports_t *ports, eio_peer_t peer)
{
    tunnel_t *tunnel = mem_new(tunnel_t);
    tunnel->ports = ports;
    tunnel->peer = peer;
    tunnel_make_sid(tunnel->sid);
    queue_init(&tunnel->queue);
    tunnel->heard_us = s_now_us(tunnel);
    tunnel->pinged_us = tunnel->heard_us;
    return tunnel;
}

void tunnel_free(tunnel_t **tunnel_p)
{
    tunnel_t *tunnel = *tunnel_p;
    assert(tunnel->state == TUNNEL_OVER && tunnel->carrier == NULL && tunnel->probe == NULL);
    queue_drop(&tunnel->queue, tunnel->queue.count);
    mem_free(tunnel);
    *tunnel_p = NULL;
}

void tunnel_begin(tunnel_t *tunnel, const tunnel_events_t *events, void *user)
{
    buf_t data = {0};
    eio_open_t open = {
        .sid = tunnel_sid(tunnel),
        .upgrades = tunnel->carrier == NULL,
        .ping_interval_ms = tunnel->ports->interval_ms,
        .ping_timeout_ms = tunnel->ports->timeout_ms,
    };
    assert(tunnel->events == NULL);
    tunnel->events = events;
    tunnel->user = user;
    eio_open_put(&data, &open);
    tunnel_send_packet(tunnel, EIO_OPEN, buf_slice(&data));
    buf_free(&data);
}

void tunnel_close(tunnel_t *tunnel, int code, const char *reason)
{
    if (tunnel->state != TUNNEL_OPEN)
        return;
    tunnel->state = TUNNEL_CLOSING;
    tunnel->close_code = code;
    tunnel->reason = reason;
    tunnel->until_us = s_now_us(tunnel) + TUNNEL_FAREWELL_US;
    s_stir(tunnel);
}

void tunnel_cut(strand_t **strand_p, int code, const char *reason)
{
    strand_t *strand = TAKE(*strand_p);
    if (strand == NULL)
        return;
    strand->tunnel = NULL; /* freed once its WebSocket has closed */
    if (strand->socket != NULL)
        strand->ports->close(strand->socket, code, reason);
}

static void s_tell_closed(tunnel_t *tunnel)
{
    const tunnel_events_t *events = TAKE(tunnel->events);
    if (events != NULL)
        events->closed(TAKE(tunnel->user), tunnel->close_code);
}

/* Of a session that polls, once a poll waits: what is left, and the end. */
static void s_say_goodbye(tunnel_t *tunnel)
{
    body_t *frame = frame_new(FRAME_TEXT, SLICE_LIT("1"));
    queue_push(&tunnel->queue, frame);
    body_unref(&frame);
    tunnel_answer(tunnel);
}

void tunnel_abandon(tunnel_t *tunnel)
{
    s_tell_closed(tunnel);
    tunnel_cut(&tunnel->probe, 0, NULL);
    tunnel_cut(&tunnel->carrier, 0, NULL);
    tunnel->state = TUNNEL_OVER;
}

static void s_wind_up(tunnel_t *tunnel)
{
    bool carried = tunnel->carrier != NULL;
    s_tell_closed(tunnel);
    tunnel_cut(&tunnel->probe, tunnel->close_code, tunnel->reason);
    tunnel_cut(&tunnel->carrier, tunnel->close_code, tunnel->reason);
    if (tunnel->waiting)
        s_say_goodbye(tunnel);
    else if (!carried && !tunnel->gone && s_now_us(tunnel) < tunnel->until_us)
        return;
    tunnel->state = TUNNEL_OVER;
}

static bool s_owes_noop(const tunnel_t *tunnel)
{
    uint64_t now_us = s_now_us(tunnel);
    bool upgrading = tunnel->probe != NULL && tunnel->probe->proven;
    return (upgrading && now_us - tunnel->noop_us >= TUNNEL_NOOP_US) ||
           now_us - tunnel->poll.since_us >= tunnel->ports->interval_ms * UINT64_C(1000);
}

bool tunnel_settle(tunnel_t *tunnel)
{
    if (tunnel->state == TUNNEL_CLOSING)
        s_wind_up(tunnel);
    else if (tunnel->probe != NULL && s_now_us(tunnel) >= tunnel->probe->until_us)
        tunnel_cut(&tunnel->probe, err_info(ERR_TIMEOUT)->close_code, "no upgrade");
    if (tunnel->state == TUNNEL_OPEN && tunnel->waiting) {
        if (tunnel->queue.count > 0)
            tunnel_answer(tunnel);
        else if (s_owes_noop(tunnel))
            tunnel_answer_noop(tunnel);
    }
    return tunnel->state == TUNNEL_OVER;
}

/* ---- facts ---- */

slice_t tunnel_sid(const tunnel_t *tunnel)
{
    return slice_new(tunnel->sid, TUNNEL_SID_SIZE);
}

eio_peer_t tunnel_peer(const tunnel_t *tunnel)
{
    return tunnel->peer;
}

size_t tunnel_queued(const tunnel_t *tunnel)
{
    const strand_t *carrier = tunnel->carrier;
    return carrier != NULL ? tunnel->ports->queued(carrier->socket) : tunnel->queue.bytes;
}

uint64_t tunnel_waits_us(const tunnel_t *tunnel)
{
    const strand_t *carrier = tunnel->carrier;
    if (carrier != NULL && !tunnel->lossy)
        return tunnel->ports->waits_us(carrier->socket);
    return tunnel->queue.count > 0 || tunnel->lossy ? tunnel->filled_us : 0;
}

/* ---- packets out ---- */

/* A single frame may be larger than the limit: an answer of megabytes is one. */
static void s_queue(tunnel_t *tunnel, body_t *frame)
{
    if (tunnel->queue.count == 0)
        tunnel->filled_us = s_now_us(tunnel);
    if (tunnel->queue.bytes > TUNNEL_QUEUE_MAX) {
        tunnel->lossy = true;
        queue_drop(&tunnel->queue, tunnel->queue.count);
        tunnel_close(tunnel, err_info(ERR_UNAVAILABLE)->close_code, "too slow");
        return;
    }
    queue_push(&tunnel->queue, frame);
    s_stir(tunnel);
}

void tunnel_send(tunnel_t *tunnel, body_t *frame)
{
    if (tunnel->state != TUNNEL_OPEN)
        return;
    if (tunnel->carrier != NULL)
        tunnel->ports->send(tunnel->carrier->socket, frame);
    else
        s_queue(tunnel, frame);
}

void tunnel_send_packet(tunnel_t *tunnel, eio_type_t type, slice_t data)
{
    buf_t text = {0};
    eio_frame_put(&text, tunnel->peer, &(eio_packet_t){.type = type, .data = data});
    body_t *frame = frame_new(FRAME_TEXT, buf_slice(&text));
    tunnel_send(tunnel, frame);
    body_unref(&frame);
    buf_free(&text);
}

/* ---- packets in ---- */

static void s_offend(tunnel_t *tunnel, const char *reason)
{
    tunnel_close(tunnel, err_info(ERR_INVALID)->close_code, reason);
}

static void s_hear_ping(tunnel_t *tunnel)
{
    if (tunnel->peer.version == EIO_4)
        s_offend(tunnel, "pings are the server's");
    else
        tunnel_send_packet(tunnel, EIO_PONG, (slice_t){0});
}

static void s_hear_pong(tunnel_t *tunnel)
{
    if (tunnel->peer.version == EIO_3)
        s_offend(tunnel, "pongs are the server's");
    else
        tunnel->pinging = false;
}

void tunnel_hear(tunnel_t *tunnel, const eio_packet_t *packet)
{
    if (tunnel->state != TUNNEL_OPEN || tunnel->events == NULL)
        return;
    tunnel->heard_us = s_now_us(tunnel);
    switch (packet->type) {
    case EIO_MESSAGE:
        tunnel->events->message(tunnel->user, packet->binary, packet->data);
        return;
    case EIO_PING:
        s_hear_ping(tunnel);
        return;
    case EIO_PONG:
        s_hear_pong(tunnel);
        return;
    case EIO_NOOP:
        return;
    case EIO_CLOSE:
        tunnel->gone = true;
        tunnel_close(tunnel, err_info(ERR_OK)->close_code, NULL);
        return;
    case EIO_OPEN:
    case EIO_UPGRADE:
    case EIO_COUNT_:
        s_offend(tunnel, "an unexpected packet");
        return;
    }
}

/* ---- heartbeats ---- */

/* A pong may stand behind much that its client has said first, so all of that is a sign of life. */
static void s_ping(tunnel_t *tunnel, uint64_t now_us)
{
    uint64_t since_us = now_us - tunnel->pinged_us;
    uint64_t silent_us = now_us - tunnel->heard_us;
    uint64_t allowed_us = tunnel->ports->timeout_ms * UINT64_C(1000);
    if (tunnel->pinging && since_us >= allowed_us && silent_us >= allowed_us) {
        s_offend(tunnel, "ping timeout");
    } else if (!tunnel->pinging && since_us >= tunnel->ports->interval_ms * UINT64_C(1000)) {
        tunnel->pinging = true;
        tunnel->pinged_us = now_us;
        tunnel_send_packet(tunnel, EIO_PING, (slice_t){0});
    }
}

static void s_await_ping(tunnel_t *tunnel, uint64_t now_us)
{
    uint64_t silent_ms = tunnel->ports->interval_ms + tunnel->ports->timeout_ms;
    if (now_us - tunnel->heard_us >= silent_ms * 1000)
        s_offend(tunnel, "ping timeout");
}

void tunnel_look(tunnel_t *tunnel)
{
    uint64_t now_us = s_now_us(tunnel);
    if (tunnel->state == TUNNEL_OPEN && tunnel->events != NULL) {
        if (tunnel->peer.version == EIO_4)
            s_ping(tunnel, now_us);
        else
            s_await_ping(tunnel, now_us);
        tunnel->events->beat(tunnel->user, now_us);
    }
    s_stir(tunnel);
}
