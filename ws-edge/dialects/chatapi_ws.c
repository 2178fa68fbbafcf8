/* chatapi_ws.c - ChatAPI's WebSocket: `{"text","chat_id"}` in, messages out.
 *
 * There is no welcome and no acknowledgement: one hears one's own message like all
 * others, as an event.  Only a refusal is answered, and a repeated message, of which
 * there is no second event. */
#include "ws-edge/dialects/chatapi.h"

#include "ws-edge/instant.h"

static const char s_no_frame[] = "send {\"text\": \"…\", \"chat_id\": 1}";
static const char s_no_chat[] = "unknown chat";

/* From the handshake on one hears everything, without a message that says so. */
err_t chatapi_greet(const request_t *request, arena_t *arena, greeting_t *ret_greeting)
{
    (void)request;
    (void)arena;
    ret_greeting->from_now = true;
    return ERR_OK;
}

static void s_put_frame(buf_t *out, const message_t *message)
{
    buf_append_text(out, "{\"id\":");
    json_put_u64(out, message->id);
    buf_append_text(out, ",\"text\":");
    json_put_text(out, message->text);
    buf_append_text(out, ",\"username\":");
    json_put_text(out, message->username);
    buf_append_text(out, ",\"owner_id\":");
    json_put_u64(out, message->sender);
    buf_append_text(out, ",\"chat_id\":");
    json_put_u64(out, message->room);
    buf_append_text(out, ",\"created_at\":");
    instant_put(out, message->time);
    buf_append_byte(out, '}');
}

/* ---- frames ---- */

static void s_refuse(talk_t *talk, err_t err, slice_t detail)
{
    answer_t refusal = {.status = err, .detail = detail};
    chatapi_put_error(talk->out, &refusal);
    talk->verbs->send(talk);
}

/* A text, or a number as its digits; null is none. */
static bool s_read_id(const json_node_t *node, arena_t *arena, slice_t *ret_id)
{
    int64_t number;
    if (node == NULL || json_is_null(node) || json_text(node, ret_id))
        return true;
    if (!json_i64(node, &number))
        return false;
    *ret_id = arena_printf(arena, "%lld", (long long)number);
    return true;
}

static void s_post(talk_t *talk, const json_node_t *frame)
{
    room_post_call_t post = {0};
    fault_t fault = {0};
    if (!json_text(json_member(frame, "text"), &post.text) ||
        !json_u64(json_member(frame, "chat_id"), &post.room)) {
        s_refuse(talk, ERR_INVALID, slice_of(s_no_frame));
        return;
    }
    if (!s_read_id(json_member(frame, "random_id"), talk->arena, &post.client_id)) {
        s_refuse(talk, ERR_INVALID, SLICE_LIT("random_id must be a text or a whole number"));
        return;
    }
    if (codec_check(shape_room_post_call(), &post, &fault) != ERR_OK)
        s_refuse(talk, ERR_INVALID, fault_text(&fault, talk->arena));
    else
        talk->verbs->call(talk, call_type(CALL_room_post), &post, 0);
}

void chatapi_frame(talk_t *talk, bool text, slice_t payload)
{
    const json_node_t *frame;
    if (!text || json_parse(payload, &frame) != ERR_OK) {
        s_refuse(talk, ERR_MALFORMED, slice_of(s_no_frame));
        return;
    }
    s_post(talk, frame);
    json_free(&frame);
}

/* ---- answers and events ---- */

void chatapi_reply(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    (void)tag;
    if (answer->status == ERR_NOT_FOUND) {
        s_refuse(talk, ERR_NOT_FOUND, slice_of(s_no_chat));
    } else if (answer->status != ERR_OK) {
        chatapi_put_error(talk->out, answer);
        talk->verbs->send(talk);
    } else if (((const message_t *)answer->object)->repeated) {
        s_put_frame(talk->out, answer->object);
        talk->verbs->send(talk);
    }
}

bool chatapi_event(const event_t *event, const void *state, buf_t *out)
{
    (void)state;
    if (event->type->number != EVENT_room_posted)
        return false;
    s_put_frame(out, ((const room_posted_event_t *)event->object)->message);
    return true;
}
