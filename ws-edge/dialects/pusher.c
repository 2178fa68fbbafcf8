/* pusher.c - Pusher's clients and server libraries.
 *
 * Its WebSockets are owned by pusher_wire.c, and what is said on them goes to the hub.  Of
 * Kith's own channels it says here what is said there: a message of a room is `new_message`
 * on the room's channel, a room that is asked for `new_chat` on the channel of who is asked,
 * each as document 003 has it (pusher_chat.h).
 *
 * What its client hears in the place of frames are orders of its wire (pusher_wire.h). */
#include <assert.h>

#include "ws-edge/dialects/pusher_chat.h"
#include "ws-edge/pusher_api.h"
#include "ws-edge/pusher_frame.h"
#include "ws-edge/pusher_wire.h"

/* ---- Kith's own channels ---- */

typedef struct state {
    pusher_session_t *session; /* who gives the orders */
} state_t;

static void s_frame(talk_t *talk, bool text, slice_t payload)
{
    state_t *state = talk->state;
    pusher_order_t order;
    (void)text;
    assert(payload.len == sizeof order);
    memcpy(&order, payload.ptr, sizeof order);
    state->session = order.session;
    if (order.leave)
        talk->verbs->leave(talk, order.room);
    else if (order.room != 0)
        talk->verbs->hear(talk, order.room, order.room);
    else
        pusher_wire_heard(order.session, 0); /* who gets orders hears its account already */
}

static void s_heard(talk_t *talk, uint64_t room)
{
    const state_t *state = talk->state;
    pusher_wire_heard(state->session, room);
}

static void s_lost(talk_t *talk, uint64_t room)
{
    const state_t *state = talk->state;
    pusher_wire_lost(state->session, room);
}

static void s_put(buf_t *out, const buf_t *channel, const char *name, const buf_t *data)
{
    pusher_event_t event = {.name = slice_of(name), .data = buf_slice(data)};
    pusher_put_event(out, buf_slice(channel), &event);
}

static void s_put_message(buf_t *out, const message_t *message)
{
    buf_t channel = {0}, data = {0};
    pusher_chat_put_channel(&channel, message->room, message->first, message->second);
    pusher_chat_put_message(&data, message);
    s_put(out, &channel, "new_message", &data);
    buf_free(&channel);
    buf_free(&data);
}

static void s_put_request(buf_t *out, const room_requested_event_t *asked)
{
    room_t room = {.id = asked->room, .first = asked->first, .second = asked->second};
    buf_t channel = {0}, data = {0};
    buf_printf(&channel, "private-notification_user_%llu", (unsigned long long)asked->account);
    pusher_chat_put_request(&data, asked->by, asked->account, &room);
    s_put(out, &channel, "new_chat", &data);
    buf_free(&channel);
    buf_free(&data);
}

static bool s_event(const event_t *event, const void *state, buf_t *out)
{
    (void)state;
    if (event->type->number == EVENT_room_posted)
        s_put_message(out, ((const room_posted_event_t *)event->object)->message);
    else if (event->type->number == EVENT_room_requested)
        s_put_request(out, event->object);
    else
        return false;
    return true;
}

/* ---- the API of the server libraries ---- */

static err_t s_serve(visit_t *visit, pusher_api_t what)
{
    const request_t *request = visit->request;
    pusher_ask_t ask = {
        .what = what,
        .request = {slice_of(method_name(request->method)), request->path, request->query,
                    request->body},
        .app = visit->params[0],
        .name = visit->params[1],
        .json = visit->json,
    };
    visit->status = pusher_api_serve(visit->hub, &ask, visit->arena, visit->body);
    return ERR_OK;
}

#define ASK(name, what)                                              \
    static err_t s_ask_##name(visit_t *visit, answer_t *ret_refusal) \
    {                                                                \
        (void)ret_refusal;                                           \
        return s_serve(visit, PUSHER_API_##what);                    \
    }
ASK(events, EVENTS)
ASK(batch, BATCH)
ASK(channels, CHANNELS)
ASK(channel, CHANNEL)
ASK(users, USERS)
ASK(terminate, TERMINATE)
#undef ASK

static void s_refuse(visit_t *visit, const answer_t *refusal)
{
    const err_info_t *info = err_info(refusal->status);
    visit->status = info->status;
    buf_append_text(visit->body, "{\"error\":");
    json_put_text(visit->body,
                  refusal->detail.len > 0 ? refusal->detail : slice_of(info->sentence));
    buf_append_byte(visit->body, '}');
}

static const route_t s_routes[] = {
    {METHOD_POST, "/apps/:app/events", .ask = s_ask_events},
    {METHOD_POST, "/apps/:app/batch_events", .ask = s_ask_batch},
    {METHOD_GET, "/apps/:app/channels", .ask = s_ask_channels},
    {METHOD_GET, "/apps/:app/channels/:channel", .ask = s_ask_channel},
    {METHOD_GET, "/apps/:app/channels/:channel/users", .ask = s_ask_users},
    {METHOD_POST, "/apps/:app/users/:user/terminate_connections", .ask = s_ask_terminate},
};

const dialect_t pusher_dialect = {
    .name = "pusher",
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .refuse = s_refuse,
    .socket_path = "/app/:key",
    .anonymous = true,
    .hears = HEARS_PICKED,
    .state_size = sizeof(state_t),
    .wire = pusher_wire,
    .frame = s_frame,
    .heard = s_heard,
    .lost = s_lost,
    .event = s_event,
};
