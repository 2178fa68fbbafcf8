/* tunnel_wire.c - WebSockets of a session: the one that carries it, and one that would.
 *
 *     a new one ── its ping `2probe`, our `3probe` ──► proven ── its `5` ──► the carrier
 *         └── anything else, or 10 s ──► closed, and the session polls on
 *
 * A client stops polling once it is proven, and for that its poll has to come back: so
 * until the `5` every poll gets what is there, or a noop.  What is queued at the `5` goes
 * out first. */
#include "ws-edge/tunnel_parts.h"

#include <assert.h>

static strand_t *s_strand(wire_t *wire)
{
    return (strand_t *)(void *)wire; /* its first member */
}

bool tunnel_probes(const tunnel_t *tunnel)
{
    return tunnel->probe != NULL;
}

/* ---- taking over ---- */

static void s_prove(tunnel_t *tunnel)
{
    body_t *frame = frame_new(FRAME_TEXT, SLICE_LIT("3probe"));
    tunnel->probe->proven = true;
    tunnel->ports->send(tunnel->probe->socket, frame);
    tunnel->ports->stir(tunnel->ports->ctx, tunnel);
    body_unref(&frame);
}

static void s_take_over(tunnel_t *tunnel)
{
    const queue_t *queue = &tunnel->queue;
    if (tunnel->waiting)
        tunnel_answer_noop(tunnel); /* its client no longer reads what comes this way */
    tunnel->carrier = TAKE(tunnel->probe);
    for (size_t i = 0; i < queue->count; i++)
        tunnel->ports->send(tunnel->carrier->socket, queue->frames[queue->first + i]);
    queue_drop(&tunnel->queue, queue->count);
}

static void s_refuse_probe(tunnel_t *tunnel)
{
    tunnel_cut(&tunnel->probe, err_info(ERR_INVALID)->close_code, "not a probe");
}

static void s_hear_probe(tunnel_t *tunnel, const eio_packet_t *packet)
{
    if (packet->type == EIO_PING && slice_is(packet->data, "probe"))
        s_prove(tunnel);
    else if (packet->type == EIO_UPGRADE && tunnel->probe->proven)
        s_take_over(tunnel);
    else
        s_refuse_probe(tunnel);
}

/* ---- the wire's events ---- */

static void s_opened(wire_t *wire, socket_t *socket)
{
    strand_t *strand = s_strand(wire);
    tunnel_t *tunnel = strand->tunnel;
    strand->socket = socket;
    if (tunnel == NULL)
        strand->ports->close(socket, err_info(ERR_UNAVAILABLE)->close_code, NULL);
    else if (tunnel->carrier == strand && tunnel->state == TUNNEL_OPEN)
        strand->ports->opened(strand->ports->ctx, tunnel);
}

static void s_message(wire_t *wire, bool text, slice_t payload)
{
    strand_t *strand = s_strand(wire);
    tunnel_t *tunnel = strand->tunnel;
    eio_packet_t packet;
    if (tunnel == NULL)
        return;
    arena_t *arena = strand->ports->arena;
    arena_reset(arena);
    err_t err = eio_frame_read(tunnel->peer.version, !text, payload, arena, &packet);
    if (strand == tunnel->probe && err == ERR_OK)
        s_hear_probe(tunnel, &packet);
    else if (strand == tunnel->probe)
        s_refuse_probe(tunnel);
    else if (err == ERR_OK)
        tunnel_hear(tunnel, &packet);
    else
        tunnel_close(tunnel, err_info(err)->close_code, "a packet that cannot be read");
}

static void s_closed(wire_t *wire, int code)
{
    strand_t *strand = s_strand(wire);
    tunnel_t *tunnel = strand->tunnel;
    if (tunnel != NULL && strand == tunnel->carrier) {
        tunnel->filled_us = strand->socket != NULL ? tunnel->ports->waits_us(strand->socket) : 0;
        tunnel->lossy = tunnel->filled_us != 0;
        tunnel->carrier = NULL;
        tunnel->gone = true;
        tunnel_close(tunnel, code, NULL);
        tunnel->ports->stir(tunnel->ports->ctx, tunnel);
    } else if (tunnel != NULL) {
        tunnel->probe = NULL;
    }
    mem_free(strand);
}

static const wire_events_t s_wire = {.opened = s_opened, .message = s_message, .closed = s_closed};

wire_t *tunnel_wire(tunnel_t *tunnel)
{
    bool first = tunnel->events == NULL && tunnel->carrier == NULL;
    const tunnel_ports_t *ports = tunnel->ports;
    if (tunnel->state != TUNNEL_OPEN || tunnel->probe != NULL || tunnel->carrier != NULL)
        return NULL;
    strand_t *strand = mem_new(strand_t);
    strand->wire.events = &s_wire;
    strand->ports = ports;
    strand->tunnel = tunnel;
    strand->until_us = ports->now_us(ports->ctx) + TUNNEL_PROBE_US;
    if (first)
        tunnel->carrier = strand;
    else
        tunnel->probe = strand;
    return &strand->wire;
}
