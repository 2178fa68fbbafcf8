/* pusher_session.c - frames by their names, a function each.
 *
 * Nothing that a client says is taken for granted: a channel's name, a signature, who it
 * is and how often it speaks are looked at here, so that the hub need not.  What can be
 * refused without a loss is; the connection ends only where the protocol says so. */
#include "ws-edge/pusher_session.h"

#include <stdio.h>

#include "schema/mem.h"
#include "ws-edge/pusher_frame.h"
#include "ws-edge/pusher_grant.h"
#include "ws-edge/pusher_place.h"

static const uint64_t s_second = 1000000; /* µs */

/* ---- saying ---- */

static void s_send(pusher_session_t *session, buf_t *payload)
{
    body_t *frame = pusher_frame(buf_slice(payload));
    session->outlet->verbs->send(session->outlet, frame);
    body_unref(&frame);
    buf_free(payload);
}

void pusher_session_fail(pusher_session_t *session, pusher_code_t code, const char *why)
{
    const pusher_code_info_t *info = pusher_code_info(code);
    buf_t out = {0};
    if (session->failed)
        return;
    pusher_put_error(&out, code, why);
    s_send(session, &out);
    session->failed = info->closes;
    if (info->closes)
        session->outlet->verbs->close(session->outlet, info->number, info->sentence);
}

/* What a client said is passed over, and it is told why. */
static void s_object(pusher_session_t *session, const char *why)
{
    pusher_session_fail(session, PUSHER_TOO_FAST, why);
}

static void s_refuse(pusher_session_t *session, slice_t channel, const pusher_refusal_t *refusal)
{
    buf_t out = {0};
    pusher_put_refusal(&out, channel, refusal);
    s_send(session, &out);
}

static void s_refuse_right(pusher_session_t *session, slice_t channel, const char *why)
{
    s_refuse(session, channel, &(pusher_refusal_t){"AuthError", why, 401});
}

/* ---- coming and going ---- */

pusher_code_t pusher_handshake_fault(const pusher_setup_t *setup,
                                     const pusher_handshake_t *handshake)
{
    pusher_code_t code;
    if (!slice_eq(handshake->key, setup->app.key))
        return PUSHER_NO_APP;
    return pusher_protocol_fits(handshake->protocol, &code) ? PUSHER_CODE_COUNT_ : code;
}

void pusher_session_begin(pusher_session_t *session, pusher_hub_t *hub, outlet_t *outlet,
                          const pusher_session_ports_t *ports, pusher_code_t fault)
{
    buf_t out = {0};
    session->hub = hub;
    session->outlet = outlet;
    session->ports = ports;
    session->heard_us = session->busy_us = pusher_hub_now_us(hub);
    if (fault != PUSHER_CODE_COUNT_) {
        pusher_session_fail(session, fault, NULL);
        return;
    }
    pusher_hub_admit(hub, &session->peer, outlet);
    session->admitted = true;
    pusher_put_established(&out, session->peer.id, pusher_hub_setup(hub)->activity_s);
    s_send(session, &out);
}

void pusher_session_end(pusher_session_t *session)
{
    session->failed = true;
    if (session->admitted)
        pusher_hub_dismiss(session->hub, &session->peer);
    session->admitted = false;
}

void pusher_session_tick(pusher_session_t *session)
{
    uint64_t now_us = pusher_hub_now_us(session->hub);
    const pusher_peer_t *peer = &session->peer;
    bool idle = peer->count == 0 && peer->user == NULL;
    if (session->failed)
        return;
    if (session->asked_us != 0) {
        if (now_us - session->asked_us >= PUSHER_PONG_S * s_second)
            pusher_session_fail(session, PUSHER_NO_PONG, NULL);
    } else if (idle && now_us - session->busy_us >= PUSHER_IDLE_S * s_second) {
        pusher_session_fail(session, PUSHER_INACTIVE, NULL);
    } else if (now_us - session->heard_us >=
               pusher_hub_setup(session->hub)->activity_s * s_second) {
        buf_t out = {0};
        pusher_put_ping(&out);
        s_send(session, &out);
        session->asked_us = now_us;
    }
}

/* ---- subscribing ---- */

/* What `pusher:subscribe` asks for. */
typedef struct wish {
    pusher_channel_t channel;
    slice_t auth;
    slice_t channel_data;
    pusher_person_info_t person;
    char number[24]; /* room for a user id that came as one */
    buf_t info;
} wish_t;

static void s_show_kept(pusher_session_t *session, slice_t channel)
{
    body_t *kept = pusher_hub_kept(session->hub, channel);
    if (kept != NULL) {
        session->outlet->verbs->send(session->outlet, kept);
        return;
    }
    buf_t out = {0};
    pusher_put_plain(&out, channel, "pusher:cache_miss");
    s_send(session, &out);
    pusher_hub_tell(session->hub,
                    &(pusher_news_t){.kind = PUSHER_NEWS_CACHE_MISS, .channel = channel});
}

static void s_welcome(pusher_session_t *session, const pusher_channel_t *channel)
{
    buf_t out = {0};
    if (channel->kind == PUSHER_PRESENCE)
        pusher_put_presence(&out, channel->name, session->hub);
    else
        pusher_put_subscribed(&out, channel->name);
    s_send(session, &out);
    if (channel->cache)
        s_show_kept(session, channel->name);
}

static bool s_enter(pusher_session_t *session, const wish_t *wish)
{
    const char *why;
    const pusher_person_info_t *person =
        wish->channel.kind == PUSHER_PRESENCE ? &wish->person : NULL;
    err_t err = pusher_hub_enter(session->hub, &session->peer, &wish->channel, person, &why);
    if (err != ERR_OK)
        s_refuse(session, wish->channel.name, &(pusher_refusal_t){"LimitReached", why, 403});
    return err == ERR_OK;
}

/* A session was let into it by /api/pusher/auth, for this one time. */
static void s_enter_own(pusher_session_t *session, const wish_t *wish)
{
    pusher_grant_t grant;
    slice_t channel = wish->channel.name;
    if (!pusher_use_grant(&session->peer, channel, &grant)) {
        s_refuse_right(session, channel, "nobody was let in here: ask /api/pusher/auth");
        return;
    }
    if (!s_enter(session, wish) || session->ports->hear(session, &grant))
        return;
    pusher_hub_leave(session->hub, &session->peer, channel);
    s_refuse_right(session, channel, "this session has ended, or the connection is another's");
}

void pusher_session_heard(pusher_session_t *session, slice_t channel)
{
    pusher_channel_t read;
    bool sits = pusher_hub_seat(&session->peer, channel) != NULL;
    if (!session->failed && sits && pusher_channel_read(channel, &read) == ERR_OK)
        s_welcome(session, &read);
}

void pusher_session_vouched(pusher_session_t *session)
{
    if (!session->failed && !session->ports->belong(session, session->peer.who))
        pusher_session_fail(session, PUSHER_UNAUTHORIZED, NULL);
}

void pusher_session_expel(pusher_session_t *session, slice_t channel)
{
    pusher_hub_leave(session->hub, &session->peer, channel);
    if (!session->failed)
        s_refuse_right(session, channel, "the right to this channel has ended");
}

/* The member's id and what it is shown with; false if they will not do. */
static bool s_read_person(wish_t *wish, const json_node_t *data)
{
    const json_node_t *id = json_member(data, "user_id"), *info = json_member(data, "user_info");
    int64_t number;
    if (json_i64(id, &number)) {
        int len = snprintf(wish->number, sizeof wish->number, "%lld", (long long)number);
        wish->person.id = slice_new(wish->number, (size_t)len);
    } else if (!json_text(id, &wish->person.id)) {
        return false;
    }
    if (info != NULL && !json_is_null(info)) {
        json_put_node(&wish->info, info);
        wish->person.info = buf_slice(&wish->info);
    }
    return wish->person.id.len > 0 && wish->person.id.len <= PUSHER_USER_ID_SIZE_MAX &&
           wish->info.len <= PUSHER_INFO_SIZE_MAX;
}

/* The person's texts are in the tree, which has to be freed after them. */
static void s_enter_presence(pusher_session_t *session, wish_t *wish)
{
    const json_node_t *data = NULL;
    bool good = json_parse(wish->channel_data, &data) == ERR_OK && s_read_person(wish, data);
    if (!good)
        s_refuse_right(session, wish->channel.name,
                       "channel_data must be an object with a `user_id` of at most 128 bytes, and "
                       "a `user_info` of at most 1 KB");
    else if (s_enter(session, wish))
        s_welcome(session, &wish->channel);
    buf_free(&wish->info);
    json_free(&data);
}

/* Whether the signature, or being signed in, gives the right to it. */
static bool s_may_enter(const pusher_session_t *session, const wish_t *wish)
{
    const pusher_peer_t *peer = &session->peer;
    pusher_claim_t claim = {slice_of(peer->id), wish->channel.name, wish->channel_data};
    if (wish->channel.kind == PUSHER_USER)
        return peer->user != NULL && slice_is(wish->channel.user, peer->user);
    return !pusher_kind_signed(wish->channel.kind) ||
           pusher_auth_fits(&pusher_hub_setup(session->hub)->app, &claim, wish->auth);
}

static void s_subscribe_to(pusher_session_t *session, wish_t *wish)
{
    slice_t name = wish->channel.name;
    bool there = pusher_hub_seat(&session->peer, name) != NULL;
    if (!there && !s_may_enter(session, wish))
        s_refuse_right(session, name, "the signature is not right for this channel and socket id");
    else if (!there && pusher_is_own(name))
        s_enter_own(session, wish);
    else if (!there && wish->channel.kind == PUSHER_PRESENCE)
        s_enter_presence(session, wish);
    else if (s_enter(session, wish)) /* once more changes nothing */
        s_welcome(session, &wish->channel);
}

static void s_on_subscribe(pusher_session_t *session, const pusher_said_t *said)
{
    const json_node_t *text;
    const json_node_t *data = pusher_said_object(said, &text);
    slice_t name = SLICE_LIT("");
    wish_t wish = {0};
    (void)json_text(json_member(data, "channel"), &name);
    (void)json_text(json_member(data, "auth"), &wish.auth);
    (void)json_text(json_member(data, "channel_data"), &wish.channel_data);
    if (pusher_channel_read(name, &wish.channel) == ERR_OK)
        s_subscribe_to(session, &wish);
    else
        s_refuse(
            session, name,
            &(pusher_refusal_t){"InvalidChannel", "there can be no channel of this name", 400});
    json_free(&text);
}

static void s_on_unsubscribe(pusher_session_t *session, const pusher_said_t *said)
{
    const json_node_t *text;
    const json_node_t *data = pusher_said_object(said, &text);
    slice_t name = {0};
    if (json_text(json_member(data, "channel"), &name) &&
        pusher_hub_seat(&session->peer, name) != NULL) {
        pusher_hub_leave(session->hub, &session->peer, name);
        if (pusher_is_own(name))
            session->ports->leave(session, name);
    }
    json_free(&text);
}

/* ---- signing in ---- */

/* The id in the user's data, as a text; the zero slice if there is none that will do. */
static slice_t s_user_id(const json_node_t *user)
{
    slice_t id = {0};
    bool good =
        json_text(json_member(user, "id"), &id) && id.len > 0 && id.len <= PUSHER_USER_ID_SIZE_MAX;
    return good ? id : (slice_t){0};
}

static bool s_be(pusher_session_t *session, slice_t id)
{
    pusher_peer_t *peer = &session->peer;
    if (id.len == 0 || (peer->user != NULL && !slice_is(id, peer->user)))
        return false;
    if (peer->user == NULL)
        peer->user = pusher_place_text(id);
    return true;
}

static void s_on_signin(pusher_session_t *session, const pusher_said_t *said)
{
    const json_node_t *text, *user = NULL;
    const json_node_t *data = pusher_said_object(said, &text);
    slice_t auth = {0};
    pusher_claim_t claim = {.socket_id = slice_of(session->peer.id)};
    (void)json_text(json_member(data, "auth"), &auth);
    (void)json_text(json_member(data, "user_data"), &claim.data);
    if (pusher_auth_fits(&pusher_hub_setup(session->hub)->app, &claim, auth) &&
        json_parse(claim.data, &user) == ERR_OK && s_be(session, s_user_id(user))) {
        buf_t out = {0};
        pusher_put_signed_in(&out, claim.data);
        s_send(session, &out);
    } else {
        pusher_session_fail(session, PUSHER_UNAUTHORIZED, "signing in as this user was refused");
    }
    json_free(&user);
    json_free(&text);
}

/* ---- what clients say to each other ---- */

static bool s_pays(pusher_session_t *session)
{
    uint64_t now_us = pusher_hub_now_us(session->hub);
    if (now_us - session->window_us >= s_second) {
        session->window_us = now_us;
        session->events = 0;
    }
    return ++session->events <= PUSHER_EVENTS_PER_S;
}

/* Why it may not be said; NULL if it may. */
static const char *s_fault(const pusher_session_t *session, const pusher_said_t *said)
{
    pusher_channel_t channel;
    if (!pusher_client_event_valid(said->event))
        return "events of clients are named client-<name>, in at most 200 bytes";
    if (pusher_channel_read(said->channel, &channel) != ERR_OK || !pusher_kind_spoken(channel.kind))
        return "clients speak in private and presence channels only";
    if (pusher_hub_seat(&session->peer, said->channel) == NULL)
        return "subscribe to the channel first";
    return NULL;
}

static void s_say(pusher_session_t *session, const pusher_said_t *said, slice_t data)
{
    const pusher_seat_t *seat = pusher_hub_seat(&session->peer, said->channel);
    pusher_event_t event = {said->event, data, pusher_seat_user(seat)};
    pusher_news_t news = {
        .kind = PUSHER_NEWS_CLIENT_EVENT,
        .channel = said->channel,
        .user = event.user,
        .event = event.name,
        .data = data,
        .socket_id = slice_of(session->peer.id),
    };
    pusher_hub_say(session->hub, said->channel, &event, &session->peer);
    pusher_hub_tell(session->hub, &news);
}

static void s_on_client_event(pusher_session_t *session, const pusher_said_t *said)
{
    buf_t data = {0};
    const char *fault = s_fault(session, said);
    if (!s_pays(session)) {
        pusher_session_fail(session, PUSHER_TOO_FAST, NULL);
        return;
    }
    pusher_said_put_data(&data, said);
    if (fault == NULL && data.len > PUSHER_DATA_SIZE_MAX)
        fault = "the data of an event has at most 10 KB";
    slice_t given = said->data == NULL
                        ? (slice_t){0}
                        : slice_new(data.len > 0 ? data.data : (const uint8_t *)"", data.len);
    if (fault == NULL)
        s_say(session, said, given);
    else
        s_object(session, fault);
    buf_free(&data);
}

/* ---- frames ---- */

static void s_on_ping(pusher_session_t *session, const pusher_said_t *said)
{
    buf_t out = {0};
    (void)said;
    pusher_put_pong(&out);
    s_send(session, &out);
}

static void s_on_pong(pusher_session_t *session, const pusher_said_t *said)
{
    (void)session;
    (void)said;
}

static const struct {
    const char *event;
    void (*heard)(pusher_session_t *session, const pusher_said_t *said);
} s_protocol[] = {
    {"pusher:subscribe", s_on_subscribe}, {"pusher:unsubscribe", s_on_unsubscribe},
    {"pusher:ping", s_on_ping},           {"pusher:pong", s_on_pong},
    {"pusher:signin", s_on_signin},
};

static void s_hear(pusher_session_t *session, const pusher_said_t *said)
{
    if (!slice_is(said->event, "pusher:pong"))
        session->busy_us = session->heard_us;
    for (size_t i = 0; i < COUNT_OF(s_protocol); i++)
        if (slice_is(said->event, s_protocol[i].event)) {
            s_protocol[i].heard(session, said);
            return;
        }
    if (!slice_starts(said->event, SLICE_LIT("pusher:"))) /* what we do not know of is no fault */
        s_on_client_event(session, said);
}

void pusher_session_say(pusher_session_t *session, bool text, slice_t payload)
{
    pusher_said_t said;
    if (session->failed)
        return;
    session->heard_us = pusher_hub_now_us(session->hub);
    session->asked_us = 0;
    if (!text || pusher_said_read(payload, &said) != ERR_OK) {
        s_object(session, "a frame is a JSON object with an `event`");
        return;
    }
    s_hear(session, &said);
    pusher_said_free(&said);
}
