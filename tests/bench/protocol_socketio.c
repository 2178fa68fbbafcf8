/* protocol_socketio.c - Socket.IO 4: Engine.IO 4 on a WebSocket, one packet a frame.
 *
 * Spoken to two servers: to Kith, whose native calls and events are in namespace "/", with
 * the scene and the messages of protocol_kith.c; and to the package of that name, which
 * has the same events (socketio/server.mjs).  The number of an acknowledgement is the
 * message's own (post_id.h). */
#include "tests/bench/peers.h"
#include "tools/bench/frame.h"
#include "tools/bench/post_id.h"

enum { ACK_AT = 2 }; /* its number stands behind the types of both layers */

static void s_target(const client_t *client, buf_t *out)
{
    (void)client;
    buf_append_text(out, "/socket.io/?EIO=4&transport=websocket");
}

/* Engine.IO is open: into the namespace, with nothing appended to events.  Each server
 * reads what is for it. */
static void s_connect(client_t *client)
{
    const char *token = client->token != NULL ? client->token : "";
    buf_t words = {0};
    buf_printf(&words, "40{\"token\":\"%s\",\"recovery\":\"0\",\"room\":%u}", token, client->room);
    client_send_frame(client, buf_slice(&words));
    buf_free(&words);
}

/* 43<id>[…] */
static void s_take_ack(client_t *client, slice_t packet)
{
    bool refused = memmem(packet.ptr, packet.len, "[{\"error\"", 10) != NULL;
    if (refused || !post_id_acked(client, slice_from(packet, ACK_AT)))
        protocol_refused(client, packet);
}

static size_t s_take(client_t *client, slice_t packet)
{
    if (slice_starts(packet, slice_of("42[\"room.posted\"")))
        protocol_delivered(client, packet);
    else if (slice_starts(packet, slice_of("43")))
        s_take_ack(client, packet);
    else if (slice_starts(packet, slice_of("0")))
        s_connect(client);
    else if (slice_starts(packet, slice_of("40")))
        client_ready(client);
    else if (slice_is(packet, "2"))
        client_send_frame(client, slice_of("3"));
    else if (slice_starts(packet, slice_of("44")))
        protocol_refused(client, packet);
    return packet.len;
}

/* 421000000000000000["room.post",{"room":5,"client_id":"…","text":"…"}] */
static void s_render(client_t *client, slice_t payload, buf_t *out)
{
    const swarm_t *swarm = client->swarm;
    uint64_t room = swarm->room_ids != NULL ? swarm->room_ids[client->room] : client->room;
    buf_append_text(out, "42");
    client->post.id_at = out->len;
    buf_printf(out, "%0*d[\"room.post\",{\"room\":%llu,\"client_id\":\"%08x-", POST_ID_DIGITS, 0,
               (unsigned long long)room, swarm->nonce);
    client->post.client_id_at = out->len;
    buf_printf(out, "%0*x\",\"text\":\"%.*s\"}]", POST_CLIENT_ID_DIGITS, 0, SLICE_ARG(payload));
}

#define SOCKETIO(name_)                                                                  \
    {                                                                                    \
        .name = (name_), .opcode = FRAME_TEXT, .acknowledges = true, .target = s_target, \
        .take = s_take, .render = s_render, .patch = post_id_patch,                      \
    }

const protocol_t protocol_kith_socketio = SOCKETIO("kith-socketio");
const protocol_t protocol_socketio = SOCKETIO("socketio");
