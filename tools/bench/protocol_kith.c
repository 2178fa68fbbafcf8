/* protocol_kith.c - Kith: its native API, JSON in text frames (ws-edge/NATIVE.md).
 *
 * Every client has an account of its own and is in its room before its socket opens.
 * Each message has a client id, so the server does all that it promises: commits the
 * message, remembers the id, then replies and fans out.
 *
 * A reply echoes the frame's id, which therefore carries what the bench wants to know of
 * the message, so that nothing is kept for those that are under way: sixteen digits, seven
 * of the sequence and nine of the time in µs, both of which come round again; below 2^53.
 *
 * The server writes "type" before "body", and escapes quotes in texts, so the first
 * `"type"` of a frame is the frame's own. */
#include <stdlib.h>

#include "tools/bench/fail.h"
#include "tools/bench/frame.h"
#include "tools/bench/json.h"
#include "tools/bench/protocol.h"

enum {
    TYPE_WITHIN = 128,   /* "type" stands among the first bytes of a frame */
    SEQ_FIRST = 1000000, /* so that all have seven digits … */
    SEQ_COUNT = 8000000, /* … and come round again after so many */
    SPAN_US = 1000000000,
    ID_DIGITS = 16,
    CLIENT_ID_SEQ_DIGITS = 8,
};

static void s_target(const client_t *client, buf_t *out)
{
    buf_printf(out, "/v1/ws?token=%s", client->token);
}

static void s_take_reply(client_t *client, slice_t json)
{
    slice_t text = json_value(json, "\"id\"", ',');
    if (text.len != ID_DIGITS)
        fail("kith: a reply without an id of ours: %.*s", SLICE_ARG(json));
    uint64_t id = strtoull((const char *)text.ptr, NULL, 10); /* ends at the comma */
    uint64_t now_us = client->swarm->now_ns / 1000 % SPAN_US;
    uint64_t age_us = (now_us + SPAN_US - id % SPAN_US) % SPAN_US;
    uint32_t back =
        (client->sent % SEQ_COUNT + SEQ_COUNT + SEQ_FIRST - (uint32_t)(id / SPAN_US)) % SEQ_COUNT;
    protocol_acked(client, client->sent - back, age_us * 1000);
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
               ID_DIGITS, 0, (unsigned long long)swarm->room_ids[client->room], swarm->nonce);
    client->post.client_id_at = out->len;
    buf_printf(out, "%0*x\",\"text\":\"%.*s\"}}", CLIENT_ID_SEQ_DIGITS, 0, SLICE_ARG(payload));
}

static void s_patch(client_t *client, uint64_t time_ns)
{
    post_t *post = &client->post;
    stamp_hex(post->frame.data + post->client_id_at, CLIENT_ID_SEQ_DIGITS, client->sent);

    uint64_t id =
        (uint64_t)(SEQ_FIRST + client->sent % SEQ_COUNT) * SPAN_US + time_ns / 1000 % SPAN_US;
    for (size_t i = ID_DIGITS; i-- > 0; id /= 10)
        post->frame.data[post->id_at + i] = (uint8_t)('0' + id % 10);
}

const protocol_t protocol_kith = {
    .name = "kith",
    .subprotocol = "kith.v1.json",
    .opcode = FRAME_TEXT,
    .acknowledges = true,
    .target = s_target,
    .take = s_take,
    .render = s_render,
    .patch = s_patch,
};
