/* pusher_session_fuzz.c - two connections that say anything to a hub.
 *
 * Each line of the input is one step: who (a or b), what, and its text.
 *   f   a frame                          s   a subscription with a right signature,
 *   t   so many seconds pass                 "channel" or "channel data"
 *   g   a session is let in to a channel     u   signing in with a right signature
 *   k   the server keeps and says an event   h   hanging up, and calling again
 * Whatever comes, every frame that goes out is JSON with an event, nobody hears a channel
 * that they are not in, and nothing is left when both have gone. */
#include <assert.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/json.h"
#include "schema/mem.h"
#include "ws-edge/pusher_frame.h"
#include "ws-edge/pusher_grant.h"
#include "ws-edge/pusher_session.h"
#include "ws-edge/socket_queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct caller {
    pusher_session_t session; /* first */
    outlet_t outlet;
} caller_t;

static uint64_t s_now;

static uint64_t s_now_us(void *ctx)
{
    (void)ctx;
    return s_now;
}

static void s_tell(void *ctx, const pusher_news_t *news)
{
    (void)ctx;
    assert(news->channel.len > 0);
}

/* ---- what goes out ---- */

static caller_t *s_of_outlet(const outlet_t *outlet)
{
    return (caller_t *)((uintptr_t)outlet - offsetof(caller_t, outlet));
}

static void s_look(const caller_t *caller, slice_t payload)
{
    const json_node_t *root;
    slice_t event, channel = {0};
    err_t err = json_parse(payload, &root);
    assert(err == ERR_OK);
    bool named = json_text(json_member(root, "event"), &event);
    assert(named);
    if (json_text(json_member(root, "channel"), &channel) &&
        !slice_is(event, "pusher:subscription_error")) {
        assert(slice_eq(channel, pusher_frame_channel(payload)));
        assert(pusher_hub_seat(&caller->session.peer, channel) != NULL);
    }
    json_free(&root);
}

static void s_send(outlet_t *outlet, body_t *frame)
{
    s_look(s_of_outlet(outlet), frame_payload(body_slice(frame)));
}

static void s_close(outlet_t *outlet, int code, const char *reason)
{
    (void)reason;
    assert(code >= 4000 && code < 4300);
    s_of_outlet(outlet)->session.failed = true;
}

static const outlet_verbs_t s_outlet = {.send = s_send, .close = s_close};

static bool s_belong(pusher_session_t *session, who_t who)
{
    (void)session;
    return who.account == 1;
}

static bool s_hear(pusher_session_t *session, const pusher_grant_t *grant)
{
    if (grant->room % 3 == 0)
        return false;
    if (grant->room % 3 == 1)
        pusher_session_heard(session, slice_of(grant->channel));
    return true;
}

static void s_leave(pusher_session_t *session, slice_t channel)
{
    (void)session;
    assert(pusher_is_own(channel));
}

static const pusher_session_ports_t s_ports = {
    .belong = s_belong, .hear = s_hear, .leave = s_leave};

/* ---- steps ---- */

static void s_call(caller_t *caller, pusher_hub_t *hub)
{
    *caller = (caller_t){.outlet = {&s_outlet}};
    pusher_session_begin(&caller->session, hub, &caller->outlet, &s_ports, PUSHER_CODE_COUNT_);
}

/* A frame with what is signed, and its signature; nothing if that is no text. */
static void s_say_signed(caller_t *caller, const char *event, const char *data_name,
                         pusher_claim_t claim)
{
    buf_t auth = {0}, frame = {0};
    claim.socket_id = slice_of(caller->session.peer.id);
    (void)!pusher_auth_put(&auth, &pusher_hub_setup(caller->session.hub)->app, &claim);
    buf_printf(&frame, "{\"event\":\"%s\",\"data\":{", event);
    json_put_text_member(&frame, "auth", auth.len > 0 ? buf_slice(&auth) : SLICE_LIT(""));
    if (claim.channel.ptr != NULL)
        json_put_text_member(&frame, "channel", claim.channel);
    if (claim.data.ptr != NULL)
        json_put_text_member(&frame, data_name, claim.data);
    buf_append_text(&frame, "}}");
    pusher_session_say(&caller->session, true, buf_slice(&frame));
    buf_free(&auth);
    buf_free(&frame);
}

static void s_subscribe(caller_t *caller, slice_t text)
{
    const uint8_t *blank = text.len > 0 ? memchr(text.ptr, ' ', text.len) : NULL;
    pusher_claim_t claim = {.channel = text};
    if (blank != NULL) {
        claim.channel = slice_new(text.ptr, (size_t)(blank - text.ptr));
        claim.data = slice_from(text, claim.channel.len + 1);
    }
    s_say_signed(caller, "pusher:subscribe", "channel_data", claim);
}

static void s_grant(caller_t *caller, slice_t channel)
{
    pusher_claim_t claim = {slice_of(caller->session.peer.id), channel, {0}};
    who_t who = {.account = 1 + channel.len % 2, .session = 1};
    buf_t auth = {0};
    (void)!pusher_vouch(caller->session.hub, &claim, who, channel.len, &auth);
    buf_free(&auth);
}

static void s_publish(pusher_hub_t *hub, slice_t name)
{
    pusher_channel_t channel;
    pusher_event_t event = {SLICE_LIT("hi"), name};
    if (pusher_channel_read(name, &channel) != ERR_OK)
        return;
    pusher_hub_keep(hub, &channel, &event);
    pusher_hub_say(hub, name, &event, NULL);
}

static void s_pass(caller_t *callers, slice_t text)
{
    s_now += 1000000 * (uint64_t)(text.len > 0 ? text.ptr[0] : 1);
    pusher_session_tick(&callers[0].session);
    pusher_session_tick(&callers[1].session);
}

static void s_step(caller_t *callers, pusher_hub_t *hub, slice_t line)
{
    caller_t *caller = &callers[line.ptr[0] == 'b'];
    slice_t text = slice_from(line, 2);
    switch (line.ptr[1]) {
    case 'f':
        pusher_session_say(&caller->session, true, text);
        break;
    case 's':
        s_subscribe(caller, text);
        break;
    case 'u':
        s_say_signed(caller, "pusher:signin", "user_data", (pusher_claim_t){.data = text});
        break;
    case 't':
        s_pass(callers, text);
        break;
    case 'g':
        s_grant(caller, text);
        break;
    case 'k':
        s_publish(hub, text);
        break;
    case 'h':
        pusher_session_end(&caller->session);
        s_call(caller, hub);
        break;
    default:
        break;
    }
}

/* What is written into frames here has to be text, as it is wherever the server writes. */
static bool s_is_text(slice_t line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == 0 || line.ptr[i] > 0x7e)
            return line.ptr[1] == 'f';
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pusher_setup_t setup = {
        .id = SLICE_LIT("1"),
        .app = {SLICE_LIT("key"), SLICE_LIT("not its secret")},
        .activity_s = PUSHER_ACTIVITY_S,
    };
    static const pusher_hub_ports_t ports = {.now_us = s_now_us, .tell = s_tell};
    slice_t rest = slice_new(data, size);
    caller_t callers[2];
    if (crypto_start() != ERR_OK)
        abort();
    s_now = 1000000;
    pusher_hub_t *hub = pusher_hub_new(&setup, &ports);
    s_call(&callers[0], hub);
    s_call(&callers[1], hub);
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        slice_t line = slice_new(rest.ptr, end != NULL ? (size_t)(end - rest.ptr) : rest.len);
        rest = slice_from(rest, line.len + (end != NULL));
        pusher_peer_t *peer;
        if (line.len >= 2 && s_is_text(line))
            s_step(callers, hub, line);
        while ((peer = pusher_hub_vouched(hub)) != NULL)
            pusher_session_vouched((pusher_session_t *)(void *)peer);
    }
    pusher_session_end(&callers[0].session);
    pusher_session_end(&callers[1].session);
    pusher_hub_destroy(&hub);
    return 0;
}
