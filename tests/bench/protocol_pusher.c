/* protocol_pusher.c - Kith as Pusher's clients hear it: protocol 7, a room's channel (docs/pusher.md).
 *
 * Such clients cannot say anything that is kept, so the first of each room speaks the native API,
 * and hears its room that way; all the others are Pusher's.  Each asks for the signature of its
 * channel while it connects, one request at a time, since nothing is measured yet. */
#include "tests/bench/peers.h"
#include "tools/bench/frame.h"
#include "tools/bench/http.h"
#include "tools/bench/json.h"

#define KEY "bench" /* the application's, which tests/bench/run gives the server */

enum { HEAD_BYTES = 96 /* of a frame, in which its event's name stands */ };

static bool s_is_native(const client_t *client)
{
    return client->seat == 0;
}

static void s_target(const client_t *client, buf_t *out)
{
    if (s_is_native(client))
        protocol_kith.target(client, out);
    else
        buf_append_text(out, "/app/" KEY "?protocol=7&client=bench&version=1");
}

static uint64_t s_room(const client_t *client)
{
    return client->swarm->room_ids[client->room];
}

/* ---- The channel ---- */

typedef struct asking {
    client_t *client;
    slice_t socket_id;
} asking_t;

static void s_auth_request(void *ctx, size_t number, buf_t *out)
{
    const asking_t *asking = ctx;
    buf_t body = {0};
    (void)number;
    buf_printf(&body, "{\"socket_id\":\"%.*s\",\"channel_name\":\"private-chat_%llu\"}",
               SLICE_ARG(asking->socket_id), (unsigned long long)s_room(asking->client));
    http_ask(out, "POST", "/api/pusher/auth", asking->client->token, buf_slice(&body));
    buf_free(&body);
}

static void s_auth_answer(void *ctx, size_t number, slice_t answer)
{
    client_t *client = ((asking_t *)ctx)->client;
    slice_t auth = json_value(answer, "\"auth\"", '"');
    buf_t words = {0};
    (void)number;
    buf_printf(&words,
               "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-chat_%llu\","
               "\"auth\":\"%.*s\"}}",
               (unsigned long long)s_room(client), SLICE_ARG(auth));
    client_send_frame(client, buf_slice(&words));
    buf_free(&words);
}

/* {"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",…}"} */
static void s_subscribe(client_t *client, slice_t established)
{
    asking_t asking = {client, json_value(established, "socket_id\\\":\\", '\\')};
    http_run(
        &(http_batch_t){&asking, &client->swarm->plan.server, 1, s_auth_request, s_auth_answer});
}

static size_t s_take(client_t *client, slice_t json)
{
    if (s_is_native(client))
        return protocol_kith.take(client, json);
    slice_t head = slice_new(json.ptr, json.len < HEAD_BYTES ? json.len : HEAD_BYTES);
    slice_t event = json_value(head, "\"event\"", '"');
    if (slice_is(event, "new_message"))
        protocol_delivered(client, json);
    else if (slice_is(event, "pusher:connection_established"))
        s_subscribe(client, json);
    else if (slice_is(event, "pusher_internal:subscription_succeeded"))
        client_ready(client);
    else if (slice_is(event, "pusher:ping"))
        client_send_frame(client, slice_of("{\"event\":\"pusher:pong\"}"));
    else if (slice_is(event, "pusher:error") || slice_is(event, "pusher:subscription_error"))
        protocol_refused(client, json);
    return json.len;
}

static void s_render(client_t *client, slice_t payload, buf_t *out)
{
    protocol_kith.render(client, payload, out);
}

static void s_patch(client_t *client, uint64_t time_ns)
{
    protocol_kith.patch(client, time_ns);
}

const protocol_t protocol_kith_pusher = {
    .name = "kith-pusher",
    .opcode = FRAME_TEXT,
    .one_sender = true,
    .acknowledges = true,
    .target = s_target,
    .take = s_take,
    .render = s_render,
    .patch = s_patch,
};
