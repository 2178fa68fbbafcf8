/* native_msgpack.c - the native WebSocket in MessagePack: subprotocol kith.v1.msgpack.
 *
 * The frames of native_ws.c, each a binary frame with one map: the same names, the same
 * fields left out, the same refusals.  It is a dialect of its own so that events are
 * rendered once an encoding. */
#include "schema/pack.h"
#include "ws-edge/dialects/native.h"

static const uint64_t ID_MAX = (UINT64_C(1) << 53) - 1;

static void s_pack_text(buf_t *out, const char *text)
{
    pack_str(out, slice_of(text));
}

/* ---- showing ---- */

static void s_welcome(talk_t *talk, const standing_t *standing)
{
    buf_t *out = talk->out;
    pack_map(out, 3);
    s_pack_text(out, "type");
    s_pack_text(out, "welcome");
    s_pack_text(out, "as_of");
    pack_u64(out, standing->as_of);
    s_pack_text(out, "body");
    pack_map(out, standing->first > 0 ? 4 : 3);
    s_pack_text(out, "account");
    pack_u64(out, talk->who.account);
    s_pack_text(out, "session");
    pack_u64(out, talk->who.session);
    s_pack_text(out, "resumed");
    pack_bool(out, standing->resumed);
    if (standing->first > 0) {
        s_pack_text(out, "first");
        pack_u64(out, standing->first);
    }
    talk->verbs->send(talk);
}

static void s_pack_error(buf_t *out, const answer_t *refusal)
{
    const err_info_t *info = err_info(refusal->status);
    pack_map(out, refusal->detail.len > 0 ? 5 : 4);
    s_pack_text(out, "name");
    s_pack_text(out, info->name);
    s_pack_text(out, "status");
    pack_u64(out, (uint64_t)info->status);
    s_pack_text(out, "message");
    s_pack_text(out, info->sentence);
    s_pack_text(out, "retryable");
    pack_bool(out, info->retryable);
    if (refusal->detail.len == 0)
        return;
    s_pack_text(out, "detail");
    pack_str(out, refusal->detail);
}

/* The answer's object, with the token of a new session. */
static void s_pack_object(buf_t *out, const answer_t *answer)
{
    const shape_t *shape = answer->type->answer();
    bool token = answer->token.len > 0;
    pack_map(out, codec_shown_pairs(shape, answer->object) + token);
    if (token) {
        s_pack_text(out, "token");
        pack_str(out, answer->token);
    }
    codec_pack_pairs(out, shape, answer->object);
}

static void s_reply(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    buf_t *out = talk->out;
    bool refused = answer->status != ERR_OK;
    pack_map(out, refused ? 3 : 4);
    s_pack_text(out, "id");
    pack_u64(out, tag);
    s_pack_text(out, "type");
    s_pack_text(out, refused ? "error" : "reply");
    if (refused) {
        s_pack_text(out, "error");
        s_pack_error(out, answer);
    } else {
        s_pack_text(out, "as_of");
        pack_u64(out, answer->as_of);
        s_pack_text(out, "body");
        s_pack_object(out, answer);
    }
    talk->verbs->send(talk);
}

static bool s_event(const event_t *event, const void *state, buf_t *out)
{
    (void)state;
    pack_map(out, event->seq > 0 ? 4 : 3);
    if (event->seq > 0) {
        s_pack_text(out, "seq");
        pack_u64(out, event->seq);
    }
    s_pack_text(out, "type");
    s_pack_text(out, event->type->name);
    s_pack_text(out, "time");
    pack_i64(out, event->time);
    s_pack_text(out, "body");
    codec_pack_shown(out, event->type->shape(), event->object);
    return true;
}

/* ---- frames ---- */

/* What a frame says; `type` and `body` are zero where it does not. */
typedef struct said {
    bool numbered;
    uint64_t id;
    slice_t type;
    slice_t body; /* packed */
} said_t;

/* One member; what is no `id` or `type` counts as none, and others are passed over. */
static void s_read_member(slice_t name, slice_t value, said_t *said)
{
    unpack_t in = {value};
    if (slice_is(name, "id"))
        said->numbered = unpack_u64(&in, &said->id) == ERR_OK && said->id <= ID_MAX;
    else if (slice_is(name, "type") && unpack_str(&in, &said->type) != ERR_OK)
        said->type = (slice_t){0};
    else if (slice_is(name, "body"))
        said->body = value;
}

/* ERR_MALFORMED for what is not one well-formed map, at most LIMIT_JSON_DEPTH deep. */
static err_t s_read_frame(slice_t payload, said_t *said)
{
    unpack_t in = {payload}, members = {payload};
    slice_t all, name, value;
    size_t pairs;
    err_t err = unpack_any(&in, &all);
    if (err == ERR_OK && in.left.len > 0)
        err = ERR_MALFORMED;
    if (err == ERR_OK)
        err = unpack_map(&members, &pairs);
    for (size_t i = 0; err == ERR_OK && i < pairs; i++) {
        err = unpack_str(&members, &name);
        if (err == ERR_OK)
            err = unpack_any(&members, &value);
        if (err == ERR_OK)
            s_read_member(name, value, said);
    }
    return err;
}

/* A history goes forward from `after`, also from 0. */
static bool s_has_after(slice_t body)
{
    unpack_t in = {body};
    slice_t name, value;
    size_t pairs;
    err_t err = unpack_map(&in, &pairs);
    for (size_t i = 0; err == ERR_OK && i < pairs; i++) {
        err = unpack_str(&in, &name);
        if (err == ERR_OK && slice_is(name, "after"))
            return true;
        if (err == ERR_OK)
            err = unpack_any(&in, &value);
    }
    return false;
}

static err_t s_read_args(talk_t *talk, const call_type_t *type, slice_t body, fault_t *fault,
                         void *args)
{
    const shape_t *shape = type->shape();
    unpack_t in = {body};
    err_t err = ERR_OK;
    if (body.len > 0 && !unpack_nil(&in))
        err = codec_set_packed(args, body, shape, talk->arena, fault);
    if (err == ERR_MALFORMED) {
        *fault = (fault_t){"body", "a map with names for keys is expected"};
        err = ERR_INVALID;
    }
    if (type->number == CALL_room_history && s_has_after(body))
        ((room_history_call_t *)args)->forward = true;
    return err == ERR_OK ? codec_check(shape, args, fault) : err;
}

static void s_call(talk_t *talk, const said_t *said)
{
    const call_type_t *type = call_type_named(said->type);
    fault_t fault = {0};
    err_t err = ERR_UNKNOWN_TYPE;
    void *args = NULL;
    if (type != NULL) {
        args = arena_alloc(talk->arena, type->shape()->size);
        err = s_read_args(talk, type, said->body, &fault, args);
    }
    if (err == ERR_OK) {
        talk->verbs->call(talk, type, args, said->id);
        return;
    }
    answer_t refusal = {.status = err, .detail = fault_text(&fault, talk->arena)};
    s_reply(talk, said->id, &refusal);
}

static void s_frame(talk_t *talk, bool text, slice_t payload)
{
    said_t said = {0};
    if (text)
        talk->verbs->close(talk, CLOSE_UNSUPPORTED, "frames are binary");
    else if (s_read_frame(payload, &said) != ERR_OK)
        talk->verbs->close(talk, CLOSE_MALFORMED, "a frame is one MessagePack map");
    else if (!said.numbered)
        talk->verbs->close(talk, CLOSE_POLICY, "a frame needs an `id`, a whole number");
    else if (said.type.ptr == NULL)
        talk->verbs->close(talk, CLOSE_POLICY, "a frame needs a `type`, a text");
    else
        s_call(talk, &said);
}

const dialect_t native_msgpack_dialect = {
    .name = "native.msgpack",
    .credential = native_credential,
    .refuse = native_refuse,
    .socket_path = "/v1/ws",
    .subprotocol = "kith.v1.msgpack",
    .framing = FRAMING_BINARY,
    .greet = native_greet,
    .welcome = s_welcome,
    .frame = s_frame,
    .reply = s_reply,
    .event = s_event,
};
