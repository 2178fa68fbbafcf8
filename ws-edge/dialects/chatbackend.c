/* chatbackend.c - ChatBackend (dialect 002) over REST: accounts, rooms, their messages.
 *
 * What is handled is HTTP 200, and the body says what came of it: `{"ok":true[,"data":…]}`
 * or `{"ok":false,"error":{"code","message"}}`; the status tells only what may be tried
 * again, or with another method.  Bodies are JSON whatever their type says, and what one has beyond the documented
 * members is passed over.
 *
 * The credential is the uuid of a session.  Where the document shows a sender's uuid, the
 * asker's own messages have the one that the asker showed, and others' the public uuid of
 * their account, which signs nobody in.
 *
 * Rooms are open ones, known by their gid alone.  To show it makes one a reader, so that
 * what is done in a room is two calls: find it, then post or read. */
#include "ws-edge/dialects/chatbackend.h"

#include "schema/text.h"

/* ---- showing ---- */

void chatbackend_put_item(buf_t *out, const message_t *message, slice_t uuid)
{
    buf_append_text(out, "{\"sender\":{\"uuid\":");
    json_put_text(out, uuid);
    buf_append_text(out, ",\"username\":");
    json_put_text(out, message->username);
    buf_append_text(out, "},\"msg\":{\"msgId\":");
    json_put_u64(out, message->id);
    buf_append_text(out, ",\"txt\":");
    json_put_text(out, message->text);
    buf_printf(out, ",\"timestamp\":%lld.%06d}}", (long long)(message->time / 1000000),
               (int)(message->time % 1000000));
}

static void s_show_done(visit_t *visit, const answer_t *answer)
{
    (void)answer;
    buf_append_text(visit->body, "{\"ok\":true}");
}

static void s_show_signed_in(visit_t *visit, const answer_t *answer)
{
    const signed_in_t *session = answer->object;
    buf_append_text(visit->body, "{\"ok\":true,\"data\":{\"username\":");
    json_put_text(visit->body, session->account->username);
    buf_append_text(visit->body, ",\"uuid\":");
    json_put_text(visit->body, session->uuid);
    buf_append_text(visit->body, "}}");
}

static void s_show_room(visit_t *visit, const answer_t *answer)
{
    buf_append_text(visit->body, "{\"ok\":true,\"data\":{\"room_gid\":");
    json_put_text(visit->body, ((const room_t *)answer->object)->gid);
    buf_append_text(visit->body, "}}");
}

/* What is kept for the second call, and for showing its answer. */
typedef enum post_note { NOTE_TEXT, NOTE_CLIENT_ID } post_note_t;
typedef enum history_note { NOTE_OWN_UUID } history_note_t;
typedef enum history_memo { MEMO_LIMIT, MEMO_BEFORE } history_memo_t;

/* What was deleted is left out: there is no word for it here. */
static void s_put_history(visit_t *visit, const message_list_t *list)
{
    const message_t *messages = list->messages.items;
    const char *comma = "";
    buf_append_text(visit->body, "{\"ok\":true,\"data\":[");
    for (size_t i = 0; i < list->messages.count; i++) {
        bool own = messages[i].sender == visit->who.account;
        if (messages[i].deleted != 0)
            continue;
        buf_append_text(visit->body, comma);
        chatbackend_put_item(visit->body, &messages[i],
                             own ? visit->notes[NOTE_OWN_UUID] : messages[i].uuid);
        comma = ",";
    }
    buf_append_text(visit->body, "]}");
}

/* ---- asking ---- */

static err_t s_credential(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    slice_t uuid = request_header(request, "user");
    (void)arena;
    if (uuid.len == 0)
        uuid = request_header(request, "authorization");
    if (!text_is_uuid(uuid))
        return ERR_NOT_FOUND;
    *ret_token = uuid;
    return ERR_OK;
}

/* A member of the body that must be a text, and not an empty one. */
static bool s_text(const visit_t *visit, const char *name, slice_t *ret_text)
{
    const json_node_t *member = json_member(visit->json, name);
    return member != NULL && json_text(member, ret_text) && ret_text->len > 0;
}

static bool s_bounded(call_number_t call, const void *args)
{
    fault_t fault = {0};
    return codec_check(call_type((uint16_t)call)->shape(), args, &fault) == ERR_OK;
}

/* The call's arguments, if they keep the schema's bounds. */
static err_t s_call(visit_t *visit, call_number_t call, const void *args)
{
    if (!s_bounded(call, args))
        return ERR_INVALID;
    visit->call = (uint16_t)call;
    visit->args = args;
    return ERR_OK;
}

static err_t s_ask_register(visit_t *visit, answer_t *ret_refusal)
{
    account_register_call_t *args = arena_new_of(visit->arena, account_register_call_t);
    (void)ret_refusal;
    args->hashed = true;
    visit->passing = true; /* one signs in after */
    if (!s_text(visit, "login", &args->login) || !s_text(visit, "password", &args->password) ||
        !s_text(visit, "username", &args->username))
        return ERR_MALFORMED;
    return s_call(visit, CALL_account_register, args);
}

static err_t s_ask_login(visit_t *visit, answer_t *ret_refusal)
{
    session_open_call_t *args = arena_new_of(visit->arena, session_open_call_t);
    (void)ret_refusal;
    args->uuid = true;
    args->hashed = true;
    if (!s_text(visit, "login", &args->login) || !s_text(visit, "password", &args->password))
        return ERR_MALFORMED;
    return s_call(visit, CALL_session_open, args);
}

static err_t s_ask_create(visit_t *visit, answer_t *ret_refusal)
{
    room_create_call_t *args = arena_new_of(visit->arena, room_create_call_t);
    (void)ret_refusal;
    args->kind = room_kind_OPEN;
    args->by_gid = true;
    args->client_id = request_header(visit->request, "idempotency-key");
    return s_call(visit, CALL_room_create, args);
}

/* What can be no gid is no room's. */
static err_t s_find(visit_t *visit, slice_t gid)
{
    room_find_call_t *args = arena_new_of(visit->arena, room_find_call_t);
    args->gid = gid;
    return s_call(visit, CALL_room_find, args) == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
}

static err_t s_ask_send(visit_t *visit, answer_t *ret_refusal)
{
    slice_t gid;
    (void)ret_refusal;
    if (!s_text(visit, "room_gid", &gid) || !s_text(visit, "msg", &visit->notes[NOTE_TEXT]))
        return ERR_MALFORMED;
    visit->notes[NOTE_CLIENT_ID] = request_header(visit->request, "idempotency-key");
    room_post_call_t post = {
        .room = 1, /* any, for its bounds */
        .text = visit->notes[NOTE_TEXT],
        .client_id = visit->notes[NOTE_CLIENT_ID],
    };
    return s_bounded(CALL_room_post, &post) ? s_find(visit, gid) : ERR_INVALID;
}

static void s_show_sent(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_room_post) {
        s_show_done(visit, answer);
        return;
    }
    room_post_call_t *args = arena_new_of(visit->arena, room_post_call_t);
    args->room = ((const membership_t *)answer->object)->room;
    args->text = visit->notes[NOTE_TEXT];
    args->client_id = visit->notes[NOTE_CLIENT_ID];
    visit->call = CALL_room_post;
    visit->args = args;
}

/* A number in the query; absent is 0. */
static err_t s_number(visit_t *visit, room_history_call_t *args, const char *parameter,
                      const char *name)
{
    slice_t text;
    fault_t fault = {0};
    const shape_t *shape = shape_room_history_call();
    err_t err = request_query(visit->request, parameter, visit->arena, &text);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK)
        err = codec_set_text(args, shape_field(shape, slice_of(name)), text, visit->arena, &fault);
    return err == ERR_OK ? ERR_OK : ERR_INVALID;
}

static err_t s_ask_history(visit_t *visit, answer_t *ret_refusal)
{
    room_history_call_t *wish = arena_new_of(visit->arena, room_history_call_t);
    slice_t gid = {0};
    (void)ret_refusal;
    err_t err = request_query(visit->request, "room_gid", visit->arena, &gid);
    if (err != ERR_OK || gid.len == 0)
        return ERR_MALFORMED;
    err = s_number(visit, wish, "limit", "limit");
    if (err == ERR_OK)
        err = s_number(visit, wish, "before", "before_id");
    if (err != ERR_OK || wish->limit > LIMIT_HISTORY_PAGE)
        return ERR_INVALID;
    visit->memo[MEMO_LIMIT] = wish->limit > 0 ? wish->limit : LIMIT_HISTORY_PAGE;
    visit->memo[MEMO_BEFORE] = wish->before_id;
    err = s_credential(visit->request, visit->arena, &visit->notes[NOTE_OWN_UUID]);
    return err == ERR_OK ? s_find(visit, gid) : ERR_UNAUTHENTICATED;
}

static void s_show_history(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_room_history) {
        s_put_history(visit, answer->object);
        return;
    }
    room_history_call_t *args = arena_new_of(visit->arena, room_history_call_t);
    args->room = ((const membership_t *)answer->object)->room;
    args->limit = visit->memo[MEMO_LIMIT];
    args->before_id = visit->memo[MEMO_BEFORE];
    visit->call = CALL_room_history;
    visit->args = args;
}

/* ---- refusing ---- */

/* The document's words; what is not here has our own.  Call 0: of any. */
static const struct {
    err_t error;
    call_number_t call; /* of the route */
    int code;
    const char *message;
} s_refusals[] = {
    {ERR_MALFORMED, CALL_session_open, 400, "Malformed login_user request"},
    {ERR_MALFORMED, CALL_account_register, 400, "Malformed register_user request"},
    {ERR_MALFORMED, CALL_room_find, 400, "Malformed send_message request"},
    {ERR_MALFORMED, 0, 400, "Invalid data."},
    {ERR_INVALID, 0, 400, "Invalid data."},
    {ERR_BAD_CREDENTIALS, 0, 400, "Login or password is invalid"},
    {ERR_EXISTS, 0, 400, "User already exists"},
    {ERR_UNAUTHENTICATED, 0, 400, "Unknown user"},
    {ERR_SESSION_ENDED, 0, 400, "Unknown user"},
    {ERR_NOT_FOUND, CALL_room_find, 404, "Unknown room"},
    {ERR_INTERNAL, 0, 500, "Internal server error."},
    {ERR_CORRUPT, 0, 500, "Internal server error."},
};

static void s_put_error(buf_t *out, int code, slice_t message)
{
    buf_printf(out, "{\"ok\":false,\"error\":{\"code\":%d,\"message\":", code);
    json_put_text(out, message);
    buf_append_text(out, "}}");
}

static void s_refuse(visit_t *visit, const answer_t *refusal)
{
    const err_info_t *info = err_info(refusal->status);
    uint16_t call = visit->route != NULL ? visit->route->call : 0;
    bool told = info->retryable || refusal->status == ERR_METHOD_NOT_ALLOWED;
    visit->status = told ? info->status : 200;
    for (size_t i = 0; i < COUNT_OF(s_refusals); i++) {
        if (s_refusals[i].error != refusal->status ||
            (s_refusals[i].call != 0 && s_refusals[i].call != call))
            continue;
        s_put_error(visit->body, s_refusals[i].code, slice_of(s_refusals[i].message));
        return;
    }
    slice_t text = refusal->detail;
    s_put_error(visit->body, info->status, text.len > 0 ? text : slice_of(info->sentence));
}

/* ---- the plug ---- */

static const route_t s_routes[] = {
    {METHOD_POST, "/register", CALL_account_register, .ask = s_ask_register, .show = s_show_done},
    {METHOD_POST, "/login", CALL_session_open, .ask = s_ask_login, .show = s_show_signed_in},
    {METHOD_POST, "/create-room", CALL_room_create, .ask = s_ask_create, .show = s_show_room},
    {METHOD_POST, "/send-message", CALL_room_find, .ask = s_ask_send, .show = s_show_sent},
    {METHOD_GET, "/get-room-history", CALL_room_find, .ask = s_ask_history, .show = s_show_history},
};

const dialect_t chatbackend_dialect = {
    .name = "chatbackend",
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .credential = s_credential,
    .refuse = s_refuse,
};
