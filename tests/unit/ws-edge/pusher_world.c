/* pusher_world.c - what a session sends is kept as its payload; nothing is a socket here. */
#include "tests/unit/ws-edge/pusher_world.h"

#include "schema/json.h"
#include "schema/mem.h"
#include "ws-edge/socket_queue.h"

static const pusher_app_t s_app = {SLICE_LIT(WORLD_KEY), SLICE_LIT("7ad3773142a6692b25b8")};

static uint64_t s_now_us(void *ctx)
{
    return ((const pusher_world_t *)ctx)->now_us;
}

static uint64_t s_time_s(void *ctx)
{
    return ((const pusher_world_t *)ctx)->time_s;
}

static void s_put(buf_t *out, slice_t text)
{
    if (text.ptr == NULL)
        return;
    buf_append_byte(out, ' ');
    buf_append(out, text);
}

static void s_tell(void *ctx, const pusher_news_t *news)
{
    static const char *const names[] = {
#define NEWS(id, name) [PUSHER_NEWS_##id] = (name),
        PUSHER_NEWS(NEWS)
#undef NEWS
    };
    buf_t *out = &((pusher_world_t *)ctx)->news;
    buf_append_text(out, names[news->kind]);
    s_put(out, news->channel);
    s_put(out, news->user);
    s_put(out, news->event);
    s_put(out, news->data);
    buf_append_byte(out, '\n');
}

static void s_relay(void *ctx, const pusher_relay_t *relay)
{
    buf_t *out = &((pusher_world_t *)ctx)->relayed;
    s_put(out, relay->channels);
    s_put(out, relay->name);
    s_put(out, relay->data);
    s_put(out, relay->except);
    s_put(out, relay->user);
    buf_append_byte(out, '\n');
}

pusher_world_t *world_new(void)
{
    pusher_world_t *world = mem_new(pusher_world_t);
    world->now_us = 1000000;
    world->time_s = 1353088179;
    pusher_setup_t setup = {
        .id = SLICE_LIT(WORLD_APP),
        .app = s_app,
        .open_to_all = "private-news presence-lobby-*",
        .activity_s = PUSHER_ACTIVITY_S,
    };
    pusher_hub_ports_t ports = {
        .ctx = world, .now_us = s_now_us, .time_s = s_time_s, .tell = s_tell, .relay = s_relay};
    world->hub = pusher_hub_new(&setup, &ports);
    return world;
}

void world_destroy(pusher_world_t **world_p)
{
    pusher_hub_destroy(&(*world_p)->hub);
    buf_free(&(*world_p)->news);
    buf_free(&(*world_p)->relayed);
    mem_free(*world_p);
    *world_p = NULL;
}

/* The text so far, which is empty for the next who asks. */
static const char *s_take(buf_t *text)
{
    buf_append_byte(text, 0);
    buf_reset(text);
    return (const char *)text->data;
}

const char *world_news(pusher_world_t *world)
{
    return s_take(&world->news);
}

const char *world_relayed(pusher_world_t *world)
{
    return s_take(&world->relayed);
}

/* ---- sessions ---- */

static pusher_caller_t *s_of_outlet(const outlet_t *outlet)
{
    return (pusher_caller_t *)((uintptr_t)outlet - offsetof(pusher_caller_t, outlet));
}

static pusher_caller_t *s_of_session(pusher_session_t *session)
{
    return (pusher_caller_t *)(void *)session;
}

static void s_send(outlet_t *outlet, body_t *frame)
{
    buf_t *said = &s_of_outlet(outlet)->said;
    buf_append(said, frame_payload(body_slice(frame)));
    buf_append_byte(said, '\n');
}

static void s_close(outlet_t *outlet, int code, const char *reason)
{
    pusher_caller_t *caller = s_of_outlet(outlet);
    (void)reason;
    caller->session.failed = true;
    caller->code = code;
}

static size_t s_queued(const outlet_t *outlet)
{
    (void)outlet;
    return 0;
}

static const outlet_verbs_t s_outlet = {.send = s_send, .close = s_close, .queued = s_queued};

static bool s_belong(pusher_session_t *session, who_t who)
{
    pusher_caller_t *caller = s_of_session(session);
    buf_printf(&caller->heard, "be %llu\n", (unsigned long long)who.account);
    return !caller->deaf;
}

static bool s_hear(pusher_session_t *session, const pusher_grant_t *grant)
{
    pusher_caller_t *caller = s_of_session(session);
    if (caller->deaf)
        return false;
    buf_printf(&caller->heard, "hear %llu for %llu\n", (unsigned long long)grant->room,
               (unsigned long long)grant->who.account);
    if (!caller->pending)
        pusher_session_heard(session, slice_of(grant->channel));
    return true;
}

static void s_leave(pusher_session_t *session, slice_t channel)
{
    buf_printf(&s_of_session(session)->heard, "leave %.*s\n", SLICE_ARG(channel));
}

static const pusher_session_ports_t s_ports = {
    .belong = s_belong, .hear = s_hear, .leave = s_leave};

pusher_caller_t *world_call_with(pusher_world_t *world, pusher_code_t fault)
{
    pusher_caller_t *caller = mem_new(pusher_caller_t);
    caller->world = world;
    caller->outlet.verbs = &s_outlet;
    pusher_session_begin(&caller->session, world->hub, &caller->outlet, &s_ports, fault);
    return caller;
}

pusher_caller_t *world_call(pusher_world_t *world)
{
    pusher_caller_t *caller = world_call_with(world, PUSHER_CODE_COUNT_);
    (void)caller_got(caller);
    return caller;
}

void world_dismiss(pusher_caller_t **caller_p)
{
    pusher_caller_t *caller = *caller_p;
    pusher_session_end(&caller->session);
    buf_free(&caller->said);
    buf_free(&caller->heard);
    mem_free(caller);
    *caller_p = NULL;
}

void caller_says(pusher_caller_t *caller, const char *frame)
{
    pusher_session_say(&caller->session, true, slice_of(frame));
}

void caller_subscribes(pusher_caller_t *caller, const char *channel, const char *data)
{
    pusher_claim_t claim = {slice_of(caller->session.peer.id), slice_of(channel), slice_of(data)};
    buf_t auth = {0}, frame = {0};
    err_t err = pusher_auth_put(&auth, &s_app, &claim);
    buf_append_text(&frame, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":");
    json_put_text(&frame, claim.channel);
    buf_append_text(&frame, ",\"auth\":");
    json_put_text(&frame, err == ERR_OK ? buf_slice(&auth) : slice_of(""));
    if (data != NULL) {
        buf_append_text(&frame, ",\"channel_data\":");
        json_put_text(&frame, claim.data);
    }
    buf_append_text(&frame, "}}");
    pusher_session_say(&caller->session, true, buf_slice(&frame));
    buf_free(&auth);
    buf_free(&frame);
}

const char *caller_got(pusher_caller_t *caller)
{
    return s_take(&caller->said);
}

/* ---- two people at one hub ---- */

int pair_setup(void **state)
{
    static pusher_pair_t pair;
    pair.world = world_new();
    pair.ann = world_call(pair.world);
    pair.bob = world_call(pair.world);
    *state = &pair;
    return 0;
}

int pair_teardown(void **state)
{
    pusher_pair_t *pair = *state;
    world_dismiss(&pair->ann);
    world_dismiss(&pair->bob);
    world_destroy(&pair->world);
    return 0;
}
