/* protocol_limit.c - servers that relay bytes: the payload itself in binary frames, and nothing else.
 *
 * The room is the path of the upgrade.  What comes back from kith-limit with a disk is on
 * that disk, so the sender's own copy is the acknowledgement too. */
#include "tests/bench/peers.h"
#include "tools/bench/frame.h"

static void s_target(const client_t *client, buf_t *out)
{
    buf_printf(out, "/%u", client->room);
}

static size_t s_take(client_t *client, slice_t packet)
{
    protocol_delivered(client, packet);
    return packet.len;
}

static size_t s_take_kept(client_t *client, slice_t packet)
{
    stamp_t stamp;
    protocol_delivered(client, packet);
    if (stamp_read(packet, &stamp) && stamp.sender == client->number)
        protocol_acked(client, stamp.seq, client->swarm->now_ns - stamp.time_ns);
    return packet.len;
}

static void s_render(client_t *client, slice_t payload, buf_t *out)
{
    (void)client;
    buf_append(out, payload);
}

#define RELAY(name_, ...)                                                                   \
    {                                                                                       \
        .name = (name_), .opcode = FRAME_BINARY, .target = s_target, .greet = client_ready, \
        .render = s_render, __VA_ARGS__                                                     \
    }

const protocol_t protocol_limit = RELAY("limit", .take = s_take);
const protocol_t protocol_disk = RELAY("disk", .take = s_take_kept, .acknowledges = true);
const protocol_t protocol_uwebsockets = RELAY("uwebsockets", .take = s_take);
