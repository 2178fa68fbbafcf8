/* peer_kith.c - Kith: its native API, JSON in text frames (ws-edge/NATIVE.md).
 *
 * Every client has an account of its own, and joins its room over REST before
 * its socket opens.  Each message has a client id, so the server does all that
 * it promises: commits the message, remembers the id, then replies and fans out.
 *
 * The server writes "type" before "body", and escapes quotes in texts, so the
 * first `"type"` of a frame is the frame's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/mem.h"
#include "tests/bench/fail.h"
#include "tests/bench/frame.h"
#include "tests/bench/http.h"
#include "tests/bench/peer.h"

enum {
    TARGET_BYTES = 64,
    TYPE_WITHIN = 128,  /* "type" stands among the first bytes of a frame */
    ID_FIRST = 1000000, /* so that all ids have seven digits … */
    ID_COUNT = 9000000, /* … and come round again after so many */
    ID_DIGITS = 7,
    CLIENT_ID_SEQ_DIGITS = 8,
};

/* ---- Accounts, rooms, members ---- */

static void s_account_request(void *ctx, size_t number, buf_t *out)
{
    const swarm_t *swarm = ctx;
    buf_t body = {0};
    buf_printf(&body, "{\"login\":\"bench-%08x-%zu\",\"password\":\"bench-password\"}",
               swarm->nonce, number);
    http_post(out, "/v1/accounts", NULL, buf_slice(&body));
    buf_free(&body);
}

/* What stands behind `"name":` where that first occurs, up to `end`. */
static slice_t s_value(slice_t json, const char *name, char end)
{
    const char *at = memmem(json.ptr, json.len, name, strlen(name));
    if (at == NULL)
        return (slice_t){0};
    at += strlen(name);
    const char *json_end = (const char *)json.ptr + json.len;
    while (at < json_end && (*at == ' ' || *at == ':' || *at == '"'))
        at++;
    const char *stop = memchr(at, end, (size_t)(json_end - at));
    return stop ? slice_new(at, (size_t)(stop - at)) : (slice_t){0};
}

static void s_account_answer(void *ctx, size_t number, slice_t body)
{
    swarm_t *swarm = ctx;
    slice_t token = s_value(body, "\"token\"", '"');
    if (token.len == 0)
        fail("kith: an account without a token: %.*s", SLICE_ARG(body));
    swarm->clients[number].token = strndup((const char *)token.ptr, token.len);
}

/* The first client of each room makes it … */
static void s_room_request(void *ctx, size_t number, buf_t *out)
{
    swarm_t *swarm = ctx;
    http_post(out, "/v1/rooms", swarm_client(swarm, (uint32_t)number, 0)->token,
              slice_of("{\"kind\":\"open\",\"name\":\"bench\"}"));
}

static void s_room_answer(void *ctx, size_t number, slice_t body)
{
    swarm_t *swarm = ctx;
    slice_t id = s_value(body, "\"id\"", ',');
    if (id.len == 0)
        fail("kith: a room without an id: %.*s", SLICE_ARG(body));
    swarm->room_ids[number] = strtoull((const char *)id.ptr, NULL, 10); /* ends at the comma */
}

/* … and the others join it. */
static client_t *s_joiner(swarm_t *swarm, size_t number)
{
    size_t others = swarm->plan.seats - 1;
    return swarm_client(swarm, (uint32_t)(number / others), (uint32_t)(number % others) + 1);
}

static void s_join_request(void *ctx, size_t number, buf_t *out)
{
    swarm_t *swarm = ctx;
    const client_t *client = s_joiner(swarm, number);
    char target[TARGET_BYTES];
    snprintf(target, sizeof target, "/v1/rooms/%llu/members",
             (unsigned long long)swarm->room_ids[client->room]);
    http_post(out, target, client->token, slice_of("{}"));
}

static void s_join_answer(void *ctx, size_t number, slice_t body)
{
    (void)ctx, (void)number, (void)body;
}

static void s_prepare(swarm_t *swarm)
{
    const swarm_plan_t *plan = &swarm->plan;
    http_run(&(http_batch_t){swarm, plan->port, swarm->count, s_account_request, s_account_answer});
    if (!plan->in_rooms)
        return;
    swarm->room_ids = mem_zeroed(plan->rooms * sizeof *swarm->room_ids);
    http_run(&(http_batch_t){swarm, plan->port, plan->rooms, s_room_request, s_room_answer});
    http_run(&(http_batch_t){swarm, plan->port, swarm->count - plan->rooms, s_join_request,
                             s_join_answer});
}

static void s_target(const client_t *client, buf_t *out)
{
    buf_printf(out, "/v1/ws?token=%s", client->token);
}

/* ---- Frames ---- */

static void s_take_reply(client_t *client, slice_t json)
{
    slice_t id = s_value(json, "\"id\"", ',');
    if (id.len == 0)
        fail("kith: a reply without an id: %.*s", SLICE_ARG(json));
    peer_acked(client, strtoull((const char *)id.ptr, NULL, 10) - ID_FIRST);
}

static size_t s_take(client_t *client, slice_t json)
{
    slice_t start = slice_new(json.ptr, json.len < TYPE_WITHIN ? json.len : TYPE_WITHIN);
    slice_t type = s_value(start, "\"type\"", '"');
    if (slice_is(type, "room.posted"))
        peer_delivered(client, json);
    else if (slice_is(type, "reply"))
        s_take_reply(client, json);
    else if (slice_is(type, "welcome"))
        client_ready(client);
    else if (slice_is(type, "error"))
        peer_refused(client, json);
    return json.len;
}

/* {"id":1000000,"type":"room.post","body":{"room":5,"client_id":"…","text":"…"}} */
static void s_render(client_t *client, slice_t payload, buf_t *out)
{
    const swarm_t *swarm = client->swarm;
    buf_append_text(out, "{\"id\":");
    client->post.id_at = out->len;
    buf_printf(out, "%d,\"type\":\"room.post\",\"body\":{\"room\":%llu,\"client_id\":\"%08x-",
               ID_FIRST, (unsigned long long)swarm->room_ids[client->room], swarm->nonce);
    client->post.client_id_at = out->len;
    buf_printf(out, "%0*x\",\"text\":\"%.*s\"}}", CLIENT_ID_SEQ_DIGITS, 0, SLICE_ARG(payload));
}

static void s_patch(client_t *client)
{
    post_t *post = &client->post;
    stamp_hex(post->frame.data + post->client_id_at, CLIENT_ID_SEQ_DIGITS, client->sent);

    uint32_t id = ID_FIRST + client->sent % ID_COUNT;
    for (size_t i = ID_DIGITS; i-- > 0; id /= 10)
        post->frame.data[post->id_at + i] = (uint8_t)('0' + id % 10);
}

const peer_t peer_kith = {
    .name = "kith",
    .subprotocol = "kith.v1.json",
    .opcode = FRAME_TEXT,
    .acknowledges = true,
    .prepare = s_prepare,
    .target = s_target,
    .take = s_take,
    .render = s_render,
    .patch = s_patch,
};
