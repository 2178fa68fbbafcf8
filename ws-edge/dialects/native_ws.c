/* native_ws.c - the native API's WebSocket: one JSON object a frame (../NATIVE.md).
 *
 * The client's own number for a call is the call's tag, so nothing is kept here. */
#include "ws-edge/dialects/native.h"

#include "schema/text.h"

/* ---- opening ---- */

err_t native_since(slice_t text, greeting_t *ret_greeting)
{
    enum { DIGITS_MAX = 16 };
    ret_greeting->resume = true;
    return text_number(text, DIGITS_MAX, &ret_greeting->since) ? ERR_OK : ERR_INVALID;
}

err_t native_greet(const request_t *request, arena_t *arena, greeting_t *ret_greeting)
{
    slice_t since;
    err_t err = request_query(request, "since", arena, &since);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    return err == ERR_OK ? native_since(since, ret_greeting) : ERR_INVALID;
}

void native_put_standing(buf_t *out, const standing_t *standing)
{
    buf_append_text(out, standing->resumed ? ",\"resumed\":true" : ",\"resumed\":false");
    if (standing->first > 0) {
        buf_append_text(out, ",\"first\":");
        json_put_u64(out, standing->first);
    }
    buf_append_byte(out, '}');
}

void native_put_welcome(buf_t *out, who_t who, const standing_t *standing)
{
    buf_append_text(out, "{\"type\":\"welcome\",\"as_of\":");
    json_put_u64(out, standing->as_of);
    buf_append_text(out, ",\"body\":{\"account\":");
    json_put_u64(out, who.account);
    buf_append_text(out, ",\"session\":");
    json_put_u64(out, who.session);
    native_put_standing(out, standing);
    buf_append_byte(out, '}');
}

void native_welcome(talk_t *talk, const standing_t *standing)
{
    native_put_welcome(talk->out, talk->who, standing);
    talk->verbs->send(talk);
}

/* ---- answers ---- */

void native_reply(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    buf_t *out = talk->out;
    buf_append_text(out, "{\"id\":");
    json_put_u64(out, tag);
    if (answer->status != ERR_OK) {
        buf_append_text(out, ",\"type\":\"error\",\"error\":");
        native_put_error(out, answer);
    } else {
        buf_append_text(out, ",\"type\":\"reply\",\"as_of\":");
        json_put_u64(out, answer->as_of);
        buf_append_text(out, ",\"body\":");
        native_put_object(out, answer);
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, '}');
    talk->verbs->send(talk);
}

/* ---- frames ---- */

static void s_refuse(talk_t *talk, uint64_t id, err_t err, const fault_t *fault)
{
    answer_t refusal = {.status = err, .detail = fault_text(fault, talk->arena)};
    native_reply(talk, id, &refusal);
}

err_t native_read_args(talk_t *talk, const call_type_t *type, const json_node_t *body,
                       fault_t *fault, void *args)
{
    const shape_t *shape = type->shape();
    err_t err = ERR_OK;
    if (body != NULL)
        err = codec_set_json(args, body, shape, UNKNOWN_REFUSED, talk->arena, fault);
    if (type->number == CALL_room_history && json_member(body, "after") != NULL)
        ((room_history_call_t *)args)->forward = true; /* also from 0 */
    return err == ERR_OK ? codec_check(shape, args, fault) : err;
}

static void s_call(talk_t *talk, uint64_t id, slice_t name, const json_node_t *body)
{
    const call_type_t *type = call_type_named(name);
    fault_t fault = {0};
    if (type == NULL) {
        s_refuse(talk, id, ERR_UNKNOWN_TYPE, &fault);
        return;
    }
    void *args = arena_alloc(talk->arena, type->shape()->size);
    err_t err = native_read_args(talk, type, body, &fault, args);
    if (err != ERR_OK)
        s_refuse(talk, id, err, &fault);
    else
        talk->verbs->call(talk, type, args, id);
}

static void s_read(talk_t *talk, const json_node_t *frame)
{
    uint64_t id;
    slice_t type;
    if (!json_u64(json_member(frame, "id"), &id))
        talk->verbs->close(talk, CLOSE_POLICY, "a frame needs an `id`, a whole number");
    else if (!json_text(json_member(frame, "type"), &type))
        talk->verbs->close(talk, CLOSE_POLICY, "a frame needs a `type`, a text");
    else
        s_call(talk, id, type, json_member(frame, "body"));
}

void native_frame(talk_t *talk, bool text, slice_t payload)
{
    const json_node_t *frame;
    if (!text) {
        talk->verbs->close(talk, CLOSE_UNSUPPORTED, "frames are text");
        return;
    }
    if (json_parse(payload, &frame) != ERR_OK) {
        talk->verbs->close(talk, CLOSE_MALFORMED, "a frame is one JSON object");
        return;
    }
    s_read(talk, frame);
    json_free(&frame);
}

/* ---- events ---- */

bool native_event(const event_t *event, const void *state, buf_t *out)
{
    (void)state;
    buf_append_byte(out, '{');
    if (event->seq > 0) {
        buf_append_text(out, "\"seq\":");
        json_put_u64(out, event->seq);
        buf_append_byte(out, ',');
    }
    buf_append_text(out, "\"type\":\"");
    buf_append_text(out, event->type->name);
    buf_append_text(out, "\",\"time\":");
    json_put_i64(out, event->time);
    buf_append_text(out, ",\"body\":");
    codec_put_json(out, event->type->shape(), event->object);
    buf_append_byte(out, '}');
    return true;
}
