/* native.c - the native API: the schema's own names and shapes (../NATIVE.md).
 *
 * REST and WebSocket show the same objects, written from the tables; so a new call
 * needs a row here at most, and on the WebSocket nothing at all.  The WebSocket half
 * is native_ws.c. */
#include "ws-edge/dialects/native.h"

#include "ws-edge/fill.h"

/* ---- showing ---- */

void native_put_error(buf_t *out, const answer_t *refusal)
{
    const err_info_t *info = err_info(refusal->status);
    buf_append_text(out, "{\"name\":\"");
    buf_append_text(out, info->name);
    buf_append_text(out, "\",\"status\":");
    json_put_u64(out, (uint64_t)info->status);
    buf_append_text(out, ",\"message\":");
    json_put_text(out, slice_of(info->sentence));
    buf_append_text(out, info->retryable ? ",\"retryable\":true" : ",\"retryable\":false");
    if (refusal->detail.len > 0) {
        buf_append_text(out, ",\"detail\":");
        json_put_text(out, refusal->detail);
    }
    buf_append_byte(out, '}');
}

void native_put_object(buf_t *out, const answer_t *answer)
{
    buf_append_byte(out, '{');
    if (answer->token.len > 0) {
        json_put_key(out, "token");
        json_put_text(out, answer->token);
    }
    codec_put_members(out, answer->type->answer(), answer->object);
}

static void s_show_nothing(visit_t *visit, const answer_t *answer)
{
    (void)visit;
    (void)answer;
}

void native_show(visit_t *visit, const answer_t *answer)
{
    native_put_object(visit->body, answer);
    buf_append_byte(visit->body, '}');
    visit->tagged = visit->body->len;
}

/* A list says also as of when it is, so that a reader can go on from there.  Its tag does
 * not: from the `as_of` of a list that has not changed one can go on as well. */
static void s_show_list(visit_t *visit, const answer_t *answer)
{
    if (answer->shown.len > 0)
        buf_append(visit->body, answer->shown);
    else
        native_put_object(visit->body, answer);
    visit->tagged = visit->body->len;
    json_put_key(visit->body, "as_of");
    json_put_u64(visit->body, answer->as_of);
    buf_append_byte(visit->body, '}');
}

void native_refuse(visit_t *visit, const answer_t *refusal)
{
    visit->status = err_info(refusal->status)->status;
    buf_append_text(visit->body, "{\"error\":");
    native_put_error(visit->body, refusal);
    buf_append_byte(visit->body, '}');
}

/* ---- who is asking ---- */

/* `Bearer` and a token (RFC 6750); a WebSocket may have it in its query instead. */
err_t native_credential(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    static const char scheme[] = "Bearer ";
    slice_t header = request_header(request, "authorization");
    size_t len = sizeof scheme - 1;
    if (header.len > len && strncasecmp((const char *)header.ptr, scheme, len) == 0) {
        *ret_token = slice_from(header, len);
        return ERR_OK;
    }
    if (!request->upgrade)
        return ERR_NOT_FOUND;
    return request_query(request, "token", arena, ret_token);
}

/* ---- routes ---- */

static bool s_is_newest(const room_history_call_t *wish)
{
    return wish->before == 0 && wish->before_id == 0 && wish->around == 0 && wish->since == 0;
}

/* Going forward from the very start: `after=0` says so, but a 0 alone does not. */
static err_t s_ask_history(visit_t *visit, answer_t *ret_refusal)
{
    slice_t after;
    err_t err = fill_call(visit, ret_refusal);
    if (err != ERR_OK)
        return err;
    if (request_query(visit->request, "after", visit->arena, &after) != ERR_OK) {
        visit->keeps = s_is_newest(visit->args);
        return ERR_OK;
    }
    room_history_call_t *args = arena_new_of(visit->arena, room_history_call_t);
    *args = *(const room_history_call_t *)visit->args;
    args->forward = true;
    visit->args = args;
    return ERR_OK;
}

static err_t s_ask(visit_t *visit, answer_t *ret_refusal)
{
    if (visit->route->call == CALL_room_history)
        return s_ask_history(visit, ret_refusal);
    if (visit->route->pieces)
        return native_ask_upload(visit, ret_refusal);
    if (visit->route->show == native_show_file)
        return native_ask_file(visit, ret_refusal);
    return fill_call(visit, ret_refusal);
}

#define SHOW_OBJECT native_show
#define SHOW_PAGE s_show_list
#define SHOW_EMPTY s_show_nothing
#define SHOW_TAKEN native_show_upload
#define SHOW_GIVEN native_show_file
#define ROUTE(method_, pattern_, call_, status_, shown, limit_max_) \
    {                                                               \
        .method = METHOD_##method_,                                 \
        .pattern = pattern_,                                        \
        .call = CALL_##call_,                                       \
        .status = status_,                                          \
        .deaf = CALL_##call_ == CALL_notification_unsubscribe,      \
        .pieces = SHOWN_##shown == SHOWN_TAKEN,                     \
        .limit_max = limit_max_,                                    \
        .ask = s_ask,                                               \
        .show = SHOW_##shown,                                       \
    },
static const route_t s_routes[] = {
#include "schema/routes.def"
};
#undef ROUTE

const dialect_t native_dialect = {
    .name = "native",
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .credential = native_credential,
    .show = native_show,
    .refuse = native_refuse,
    .socket_path = "/v1/ws",
    .subprotocol = "kith.v1.json",
    .greet = native_greet,
    .welcome = native_welcome,
    .frame = native_frame,
    .reply = native_reply,
    .event = native_event,
};
