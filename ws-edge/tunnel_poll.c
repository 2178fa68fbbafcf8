/* tunnel_poll.c - packets in requests: a GET waits for ours, a POST brings the client's.
 *
 * A POST is taken whole and answered at once, so that of two at a time neither disturbs
 * the other; of two GETs nobody could say which has to have what, so the second ends the
 * session. */
#include "ws-edge/tunnel_parts.h"

#include <assert.h>

bool tunnel_polls(const tunnel_t *tunnel)
{
    return tunnel->carrier == NULL;
}

/* ---- GET ---- */

err_t tunnel_poll(tunnel_t *tunnel, const poll_t *poll)
{
    const tunnel_ports_t *ports = tunnel->ports;
    assert(tunnel_polls(tunnel));
    if (tunnel->waiting && ports->waits(ports->ctx, &tunnel->poll)) {
        tunnel_close(tunnel, err_info(ERR_INVALID)->close_code, "two polls at once");
        return ERR_INVALID;
    }
    tunnel->poll = *poll;
    tunnel->poll.since_us = ports->now_us(ports->ctx);
    tunnel->waiting = true;
    ports->stir(ports->ctx, tunnel);
    return ERR_OK;
}

static eio_packet_t s_packet(slice_t text)
{
    return (eio_packet_t){.type = (eio_type_t)(text.ptr[0] - '0'), .data = slice_from(text, 1)};
}

static void s_answer(tunnel_t *tunnel, const eio_packet_t *packets, size_t count)
{
    const tunnel_ports_t *ports = tunnel->ports;
    buf_t payload = {0};
    bool octets = eio_payload_put(&payload, tunnel->peer, packets, count);
    assert(tunnel->waiting);
    tunnel->waiting = false;
    ports->answer(ports->ctx, tunnel, &tunnel->poll, octets, buf_slice(&payload));
    buf_free(&payload);
}

void tunnel_answer_noop(tunnel_t *tunnel)
{
    tunnel->noop_us = tunnel->ports->now_us(tunnel->ports->ctx);
    s_answer(tunnel, &(eio_packet_t){.type = EIO_NOOP}, 1);
}

void tunnel_answer(tunnel_t *tunnel)
{
    const queue_t *queue = &tunnel->queue;
    eio_packet_t *packets = mem_zeroed(queue->count * sizeof *packets);
    for (size_t i = 0; i < queue->count; i++)
        packets[i] = s_packet(frame_payload(body_slice(queue->frames[queue->first + i])));
    s_answer(tunnel, packets, queue->count);
    mem_free(packets);
    queue_drop(&tunnel->queue, queue->count);
}

/* ---- POST ---- */

err_t tunnel_post(tunnel_t *tunnel, bool octets, slice_t payload)
{
    eio_packets_t packets = {0};
    arena_t *arena = tunnel->ports->arena;
    assert(tunnel_polls(tunnel));
    arena_reset(arena);
    err_t err = eio_payload_read(tunnel->peer.version, octets, payload, arena, &packets);
    if (err != ERR_OK)
        tunnel_close(tunnel, err_info(err)->close_code, "a payload that cannot be read");
    for (size_t i = 0; i < packets.count; i++)
        tunnel_hear(tunnel, &packets.items[i]);
    return err;
}
