/* protocol_kith.c - Kith: its native API, JSON in text frames (ws-edge/NATIVE.md).
 *
 * Every client has an account of its own and is in its room before its socket opens.
 * Each message has a client id, so the server does all that it promises: commits the
 * message, remembers the id, then replies and fans out.
 *
 * A reply echoes the frame's id (post_id.h).
 *
 * The server writes "type" before "body", and escapes quotes in texts, so the first
 * `"type"` of a frame is the frame's own. */
#include "tools/bench/fail.h"
#include "tools/bench/frame.h"
#include "tools/bench/json.h"
#include "tools/bench/post_id.h"
#include "tools/bench/protocol.h"

enum { TYPE_WITHIN = 128 }; /* "type" stands among the first bytes of a frame */

static void s_target(const client_t *client, buf_t *out)
{
    buf_printf(out, "/v1/ws?token=%s", client->token);
}

static void s_take_reply(client_t *client, slice_t json)
{
    if (!post_id_acked(client, json_value(json, "\"id\"", ',')))
        fail("kith: a reply without an id of ours: %.*s", SLICE_ARG(json));
}

static size_t s_take(client_t *client, slice_t json)
{
    slice_t start = slice_new(json.ptr, json.len < TYPE_WITHIN ? json.len : TYPE_WITHIN);
    slice_t type = json_value(start, "\"type\"", '"');
    if (slice_is(type, "room.posted"))
        protocol_delivered(client, json);
    else if (slice_is(type, "reply"))
        s_take_reply(client, json);
    else if (slice_is(type, "welcome"))
        client_ready(client);
    else if (slice_is(type, "error"))
        protocol_refused(client, json);
    return json.len;
}

/* {"id":1000000000000000,"type":"room.post","body":{"room":5,"client_id":"…","text":"…"}} */
static void s_render(client_t *client, slice_t payload, buf_t *out)
{
    const swarm_t *swarm = client->swarm;
    buf_append_text(out, "{\"id\":");
    client->post.id_at = out->len;
    buf_printf(out, "%0*d,\"type\":\"room.post\",\"body\":{\"room\":%llu,\"client_id\":\"%08x-",
               POST_ID_DIGITS, 0, (unsigned long long)swarm->room_ids[client->room], swarm->nonce);
    client->post.client_id_at = out->len;
    buf_printf(out, "%0*x\",\"text\":\"%.*s\"}}", POST_CLIENT_ID_DIGITS, 0, SLICE_ARG(payload));
}

const protocol_t protocol_kith = {
    .name = "kith",
    .subprotocol = "kith.v1.json",
    .opcode = FRAME_TEXT,
    .acknowledges = true,
    .target = s_target,
    .take = s_take,
    .render = s_render,
    .patch = post_id_patch,
};
