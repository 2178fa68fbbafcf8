/* native_sio.c - the native API over Socket.IO, in the namespace `/` (../NATIVE.md).
 *
 *     emit("room.post", {room: 5, text: "hello"}, answer => …)
 *     on("room.posted", ({message}, offset) => …)
 *
 * Calls and events have the names and objects of the native WebSocket.  An
 * acknowledgement has one argument, {as_of, body} or {error}; a call that asks for none is
 * answered only if it is refused, by the event `refused`.  The acknowledgement's number is
 * the call's tag, one higher, so nothing is kept here.
 *
 * There are two rows, so that either is rendered once: with offsets, the journal's
 * sequence behind each event, for clients that resume from them; and without. */
#include "ws-edge/dialects/native.h"

enum { PLACES_MAX = 2 }; /* of an event's array: its name and its object */

static const char s_no_call[] = "an event is a call's name, one object, and an acknowledgement";
static const char s_no_bytes[] = "no call takes attachments";

/* ---- writing ---- */

static void s_begin(buf_t *out, const char *name)
{
    buf_append_text(out, "42[\"");
    buf_append_text(out, name);
    buf_append_text(out, "\",");
}

static void s_end(buf_t *out)
{
    buf_append_byte(out, ']');
}

/* What is not recorded moves nothing. */
static void s_end_at(buf_t *out, uint64_t seq)
{
    if (seq > 0)
        buf_printf(out, ",\"%llu\"", (unsigned long long)seq);
    s_end(out);
}

/* ---- standing ---- */

static void s_put_welcome(const talk_t *talk, const standing_t *standing)
{
    buf_t *out = talk->out;
    s_begin(out, "welcome");
    buf_append_text(out, "{\"account\":");
    json_put_u64(out, talk->who.account);
    buf_append_text(out, ",\"session\":");
    json_put_u64(out, talk->who.session);
    native_put_standing(out, standing);
}

static void s_welcome(talk_t *talk, const standing_t *standing)
{
    if (talk->who.account == 0)
        return;
    s_put_welcome(talk, standing);
    s_end(talk->out);
    talk->verbs->send(talk);
}

static void s_welcome_at(talk_t *talk, const standing_t *standing)
{
    if (talk->who.account == 0)
        return;
    s_put_welcome(talk, standing);
    buf_printf(talk->out, ",\"%llu\"", (unsigned long long)standing->as_of);
    s_end(talk->out);
    talk->verbs->send(talk);
}

/* ---- answers ---- */

static void s_put_answer(buf_t *out, const answer_t *answer)
{
    if (answer->status != ERR_OK) {
        buf_append_text(out, "{\"error\":");
        native_put_error(out, answer);
    } else {
        buf_append_text(out, "{\"as_of\":");
        json_put_u64(out, answer->as_of);
        buf_append_text(out, ",\"body\":");
        native_put_object(out, answer);
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, '}');
}

static void s_put_refused(buf_t *out, slice_t name, const answer_t *refusal)
{
    s_begin(out, "refused");
    buf_append_text(out, "{\"type\":");
    json_put_text(out, name);
    buf_append_text(out, ",\"error\":");
    native_put_error(out, refusal);
    buf_append_byte(out, '}');
    s_end(out);
}

/* `tag`: 0 if no acknowledgement is wanted. */
static void s_answer(talk_t *talk, uint64_t tag, slice_t name, const answer_t *answer)
{
    if (tag > 0) {
        buf_append_text(talk->out, "43");
        json_put_u64(talk->out, tag - 1);
        buf_append_byte(talk->out, '[');
        s_put_answer(talk->out, answer);
        s_end(talk->out);
    } else if (answer->status != ERR_OK) {
        s_put_refused(talk->out, name, answer);
    } else {
        return;
    }
    talk->verbs->send(talk);
}

/* Who signs in on the connection is at its end from then on. */
static void s_reply(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    slice_t name = slice_of(answer->type != NULL ? answer->type->name : "");
    s_answer(talk, tag, name, answer);
    if (answer->status == ERR_OK && answer->token.len > 0 && talk->who.account == 0)
        talk->verbs->bind(talk, answer->token, 0);
}

/* Its welcome says so. */
static void s_bound(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    (void)talk;
    (void)tag;
    (void)answer;
}

/* ---- calls ---- */

static void s_refuse(talk_t *talk, uint64_t tag, const utterance_t *utterance, err_t err,
                     slice_t detail)
{
    answer_t refusal = {.status = err, .detail = detail};
    s_answer(talk, tag, utterance->name, &refusal);
}

static void s_call(talk_t *talk, uint64_t tag, const utterance_t *utterance)
{
    const call_type_t *type = call_type_named(utterance->name);
    const json_node_t *body = json_item(utterance->args, 1);
    fault_t fault = {0};
    if (type == NULL) {
        s_refuse(talk, tag, utterance, ERR_UNKNOWN_TYPE, (slice_t){0});
        return;
    }
    void *args = arena_alloc(talk->arena, type->shape()->size);
    err_t err = native_read_args(talk, type, body != NULL && json_is_null(body) ? NULL : body,
                                 &fault, args);
    if (err != ERR_OK)
        s_refuse(talk, tag, utterance, err, fault_text(&fault, talk->arena));
    else
        talk->verbs->call(talk, type, args, tag);
}

static void s_utter(talk_t *talk, const utterance_t *utterance)
{
    uint64_t tag = utterance->has_id ? utterance->id + 1 : 0;
    if (utterance->gather != NULL)
        s_refuse(talk, tag, utterance, ERR_INVALID, slice_of(s_no_bytes));
    else if (json_count(utterance->args) > PLACES_MAX)
        s_refuse(talk, tag, utterance, ERR_INVALID, slice_of(s_no_call));
    else
        s_call(talk, tag, utterance);
}

/* ---- events ---- */

static bool s_event(const event_t *event, const void *state, buf_t *out)
{
    (void)state;
    s_begin(out, event->type->name);
    codec_put_json(out, event->type->shape(), event->object);
    s_end(out);
    return true;
}

static bool s_event_at(const event_t *event, const void *state, buf_t *out)
{
    (void)state;
    s_begin(out, event->type->name);
    codec_put_json(out, event->type->shape(), event->object);
    s_end_at(out, event->seq);
    return true;
}

const dialect_t native_sio_dialect = {
    .name = "native.socketio",
    .credential = native_credential,
    .refuse = native_refuse,
    .nsp = "/",
    .welcome = s_welcome,
    .utter = s_utter,
    .reply = s_reply,
    .bound = s_bound,
    .event = s_event,
};

const dialect_t native_sio_at_dialect = {
    .name = "native.socketio.offsets",
    .credential = native_credential,
    .refuse = native_refuse,
    .nsp = "/",
    .offsets = true,
    .welcome = s_welcome_at,
    .utter = s_utter,
    .reply = s_reply,
    .bound = s_bound,
    .event = s_event_at,
};
