/* chatapi.c - ChatAPI (dialect 001) over REST: accounts, chats, their messages.
 *
 * A chat is an open room.  Success is always 200, an error `{"error":"…"}` with 401
 * for credentials, 429 for too many, 400 for the rest; the texts are those of the
 * documented server.  Bodies are JSON whatever their type says, and what a body has
 * beyond the documented fields is passed over.  The cookie is set and never read.
 *
 * Reading a chat makes one hear it, so `GET /chats/messages` is two calls: enter, then
 * read.  The WebSocket half is chatapi_ws.c. */
#include "ws-edge/dialects/chatapi.h"

#include "actors/crypto.h"
#include "schema/text.h"
#include "ws-edge/cookie.h"
#include "ws-edge/instant.h"

enum { USERNAME_MIN = 3, PASSWORD_MAX = 50 };

static const char s_incomplete[] = "Must provide all data";

/* ---- showing ---- */

void chatapi_put_error(buf_t *out, const answer_t *refusal)
{
    slice_t text = refusal->detail;
    buf_append_text(out, "{\"error\":");
    json_put_text(out, text.len > 0 ? text : slice_of(err_info(refusal->status)->sentence));
    buf_append_byte(out, '}');
}

/* The shape of a bcrypt string, made of the account's number and a secret of ours: the
 * documented server shows its hash here, and clients expect one.  It verifies nothing. */
static void s_put_mock_hash(buf_t *out, uint64_t account, slice_t mask)
{
    static const char letters[] =
        "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    enum { LETTERS = 53, BLOCKS = (LETTERS + CRYPTO_BLAKE128_SIZE - 1) / CRYPTO_BLAKE128_SIZE };
    uint8_t hash[BLOCKS][CRYPTO_BLAKE128_SIZE];
    for (uint64_t i = 0; i < BLOCKS; i++) {
        uint64_t input[] = {account, i};
        crypto_blake128(mask, slice_new(input, sizeof input), hash[i]);
    }
    buf_append_text(out, "\"$2a$10$");
    for (size_t i = 0; i < LETTERS; i++)
        buf_append_byte(out, (uint8_t)letters[(&hash[0][0])[i] % 64]);
    buf_append_byte(out, '"');
}

static void s_put_user(buf_t *out, const account_t *account, slice_t mask)
{
    buf_append_byte(out, '{');
    json_put_u64_member(out, "id", account->id);
    json_put_text_member(out, "email", account->email);
    json_put_text_member(out, "username", account->username);
    json_put_key(out, "password");
    s_put_mock_hash(out, account->id, mask);
    buf_append_text(out, account->online ? ",\"is_online\":true}" : ",\"is_online\":false}");
}

static void s_show_user(visit_t *visit, const answer_t *answer)
{
    s_put_user(visit->body, answer->object, visit->mask);
}

static void s_show_users(visit_t *visit, const answer_t *answer)
{
    const account_list_t *list = answer->object;
    const account_t *accounts = list->accounts.items;
    for (size_t i = 0; i < list->accounts.count; i++) {
        buf_append_byte(visit->body, i == 0 ? '[' : ',');
        s_put_user(visit->body, &accounts[i], visit->mask);
    }
    buf_append_text(visit->body, list->accounts.count > 0 ? "]" : "[]");
}

static void s_show_signed_in(visit_t *visit, const answer_t *answer)
{
    const signed_in_t *session = answer->object;
    buf_append_byte(visit->body, '{');
    json_put_u64_member(visit->body, "id", session->account->id);
    json_put_text_member(visit->body, "token", answer->token);
    json_put_text_member(visit->body, "username", session->account->username);
    buf_append_byte(visit->body, '}');
    cookie_give(visit, "token", answer->token);
}

static void s_show_chat(visit_t *visit, const answer_t *answer)
{
    const room_t *room = answer->object;
    buf_append_byte(visit->body, '{');
    json_put_u64_member(visit->body, "id", room->id);
    json_put_text_member(visit->body, "name", room->name);
    buf_append_byte(visit->body, '}');
}

static void s_put_message(buf_t *out, const message_t *message)
{
    buf_append_byte(out, '{');
    json_put_u64_member(out, "id", message->id);
    json_put_text_member(out, "text", message->text);
    json_put_u64_member(out, "owner_id", message->sender);
    json_put_u64_member(out, "chat_id", message->room);
    json_put_key(out, "created_at");
    instant_put(out, message->time);
    buf_append_byte(out, '}');
}

/* What was deleted is left out: there is no word for it here. */
static void s_show_history(visit_t *visit, const answer_t *answer)
{
    const message_list_t *list = answer->object;
    const message_t *messages = list->messages.items;
    size_t shown = 0;
    for (size_t i = 0; i < list->messages.count; i++) {
        if (messages[i].deleted != 0)
            continue;
        buf_append_byte(visit->body, shown++ == 0 ? '[' : ',');
        s_put_message(visit->body, &messages[i]);
    }
    buf_append_text(visit->body, shown > 0 ? "]" : "[]");
}

/* ---- asking ---- */

static err_t s_refuse_with(answer_t *ret_refusal, slice_t detail)
{
    ret_refusal->status = ERR_INVALID;
    ret_refusal->detail = detail;
    return ERR_INVALID;
}

static err_t s_refuse_length(visit_t *visit, answer_t *ret_refusal, unsigned min, unsigned max,
                             slice_t got)
{
    slice_t detail = arena_printf(visit->arena, "the length must be between %u and %u. Got: %.*s. ",
                                  min, max, SLICE_ARG(got));
    return s_refuse_with(ret_refusal, detail);
}

static bool s_within(slice_t text, size_t min, size_t max)
{
    size_t length = text_length(text);
    return length >= min && length <= max;
}

/* A member of the body that is a text; absent or null is the zero slice. */
static bool s_text(const visit_t *visit, const char *name, slice_t *ret_text)
{
    const json_node_t *member = json_member(visit->json, name);
    *ret_text = (slice_t){0};
    return member == NULL || json_is_null(member) || json_text(member, ret_text);
}

/* The call's arguments, if they keep the schema's bounds too. */
static err_t s_call(visit_t *visit, answer_t *ret_refusal, call_number_t call, const void *args)
{
    fault_t fault = {0};
    const call_type_t *type = call_type((uint16_t)call);
    err_t err = codec_check(type->shape(), args, &fault);
    if (err != ERR_OK)
        return s_refuse_with(ret_refusal, fault_text(&fault, visit->arena));
    visit->call = (uint16_t)call;
    visit->args = args;
    return ERR_OK;
}

static err_t s_ask_register(visit_t *visit, answer_t *ret_refusal)
{
    account_register_call_t *args = arena_new_of(visit->arena, account_register_call_t);
    if (!s_text(visit, "email", &args->email) || !s_text(visit, "username", &args->username) ||
        !s_text(visit, "password", &args->password) || args->username.len == 0 ||
        args->password.len == 0)
        return s_refuse_with(ret_refusal, slice_of(s_incomplete));
    if (!s_within(args->username, USERNAME_MIN, LIMIT_USERNAME))
        return s_refuse_length(visit, ret_refusal, USERNAME_MIN, LIMIT_USERNAME, args->username);
    if (!s_within(args->password, LIMIT_PASSWORD_MIN, PASSWORD_MAX))
        return s_refuse_length(visit, ret_refusal, LIMIT_PASSWORD_MIN, PASSWORD_MAX,
                               SLICE_LIT("***")); /* a password is never sent back */
    visit->notes[0] = args->email;
    return s_call(visit, ret_refusal, CALL_account_register, args);
}

static err_t s_ask_login(visit_t *visit, answer_t *ret_refusal)
{
    session_open_call_t *args = arena_new_of(visit->arena, session_open_call_t);
    if (!s_text(visit, "email", &args->login) || !s_text(visit, "password", &args->password) ||
        args->login.len == 0 || args->password.len == 0)
        return s_refuse_with(ret_refusal, slice_of(s_incomplete));
    return s_call(visit, ret_refusal, CALL_session_open, args);
}

static err_t s_ask_me(visit_t *visit, answer_t *ret_refusal)
{
    return s_call(visit, ret_refusal, CALL_account_get,
                  arena_new_of(visit->arena, account_get_call_t));
}

/* A number in the query; absent is 0. */
static err_t s_number(visit_t *visit, answer_t *ret_refusal, const shape_t *shape, void *args,
                      const char *parameter, const char *name)
{
    slice_t text;
    fault_t fault = {0};
    err_t err = request_query(visit->request, parameter, visit->arena, &text);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && text.len == 0))
        return ERR_OK;
    if (err == ERR_OK)
        err = codec_set_text(args, shape_field(shape, slice_of(name)), text, visit->arena, &fault);
    if (err == ERR_OK)
        return ERR_OK;
    return s_refuse_with(ret_refusal,
                         arena_printf(visit->arena, "%s must be a whole number", parameter));
}

static err_t s_ask_users(visit_t *visit, answer_t *ret_refusal)
{
    const shape_t *shape = shape_account_list_call();
    account_list_call_t *args = arena_new_of(visit->arena, account_list_call_t);
    err_t err = s_number(visit, ret_refusal, shape, args, "after", "after");
    if (err == ERR_OK)
        err = s_number(visit, ret_refusal, shape, args, "limit", "limit");
    if (err != ERR_OK)
        return err;
    if (args->limit == 0)
        args->limit = LIMIT_HISTORY_PAGE;
    return s_call(visit, ret_refusal, CALL_account_list, args);
}

static err_t s_ask_create(visit_t *visit, answer_t *ret_refusal)
{
    room_create_call_t *args = arena_new_of(visit->arena, room_create_call_t);
    slice_t key = request_header(visit->request, "idempotency-key");
    if (!s_text(visit, "name", &args->name) || args->name.len == 0)
        return s_refuse_with(ret_refusal, slice_of(s_incomplete));
    args->kind = room_kind_OPEN;
    args->client_id = key;
    return s_call(visit, ret_refusal, CALL_room_create, args);
}

/* What the second call will need is remembered. */
typedef enum memo { MEMO_ROOM, MEMO_LIMIT, MEMO_BEFORE } memo_t;

static err_t s_ask_messages(visit_t *visit, answer_t *ret_refusal)
{
    const shape_t *shape = shape_room_history_call();
    room_history_call_t *wish = arena_new_of(visit->arena, room_history_call_t);
    room_enter_call_t *args = arena_new_of(visit->arena, room_enter_call_t);
    err_t err = s_number(visit, ret_refusal, shape, wish, "id", "room");
    if (err == ERR_OK)
        err = s_number(visit, ret_refusal, shape, wish, "limit", "limit");
    if (err == ERR_OK)
        err = s_number(visit, ret_refusal, shape, wish, "before", "before_id");
    if (err != ERR_OK)
        return err;
    if (wish->room == 0)
        return s_refuse_with(ret_refusal, SLICE_LIT("id must be provided"));
    if (wish->limit > LIMIT_HISTORY_PAGE)
        return s_refuse_with(ret_refusal, SLICE_LIT("limit must be between 1 and 10000"));
    visit->memo[MEMO_ROOM] = wish->room;
    visit->memo[MEMO_LIMIT] = wish->limit;
    visit->memo[MEMO_BEFORE] = wish->before_id;
    args->room = wish->room;
    return s_call(visit, ret_refusal, CALL_room_enter, args);
}

/* In the chat: now its messages. */
static void s_show_messages(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_room_history) {
        s_show_history(visit, answer);
        return;
    }
    room_history_call_t *args = arena_new_of(visit->arena, room_history_call_t);
    *args = (room_history_call_t){
        .room = visit->memo[MEMO_ROOM],
        .limit = visit->memo[MEMO_LIMIT] > 0 ? visit->memo[MEMO_LIMIT] : LIMIT_HISTORY_PAGE,
        .before_id = visit->memo[MEMO_BEFORE],
    };
    visit->call = CALL_room_history;
    visit->args = args;
}

/* ---- refusing ---- */

/* Where the documented server has words of its own; a chat that one may not see has
 * no messages. */
static const struct {
    uint16_t call;
    err_t error;
    int status;
    const char *body;
} s_refusals[] = {
    {CALL_room_enter, ERR_NOT_FOUND, 200, "[]"},
    {CALL_room_history, ERR_NOT_FOUND, 200, "[]"},
    {CALL_session_open, ERR_BAD_CREDENTIALS, 400, "{\"error\":\"Wrong email or password\"}"},
};

static bool s_refuse_in_words(visit_t *visit, const answer_t *refusal)
{
    for (size_t i = 0; refusal->type != NULL && i < COUNT_OF(s_refusals); i++) {
        if (s_refusals[i].call != refusal->type->number || s_refusals[i].error != refusal->status)
            continue;
        visit->status = s_refusals[i].status;
        buf_append_text(visit->body, s_refusals[i].body);
        return true;
    }
    return false;
}

/* 401, 429, and what is on our side keep their status; the documents know only 400. */
static int s_status(err_t err)
{
    int status = err_info(err)->status;
    bool kept = status == 401 || status == 405 || status == 429 || status >= 500;
    return kept ? status : 400;
}

static void s_refuse(visit_t *visit, const answer_t *refusal)
{
    answer_t shown = *refusal;
    if (s_refuse_in_words(visit, refusal))
        return;
    if (refusal->status == ERR_UNAUTHENTICATED && refusal->detail.len == 0)
        shown.detail = SLICE_LIT("Authentication credentials were not provided");
    if (refusal->status == ERR_INVALID && slice_starts(refusal->detail, SLICE_LIT("`email`")))
        shown.detail = arena_printf(visit->arena, "must be a valid email address. Got: %.*s. ",
                                    SLICE_ARG(visit->notes[0]));
    visit->status = s_status(refusal->status);
    chatapi_put_error(visit->body, &shown);
}

/* ---- who is asking ---- */

/* Any scheme and the token: exactly two words.  The WebSocket takes `?token=`. */
static err_t s_credential(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    slice_t header = request_header(request, "authorization");
    const uint8_t *space = header.len > 0 ? memchr(header.ptr, ' ', header.len) : NULL;
    if (space == NULL)
        return request->upgrade ? request_query(request, "token", arena, ret_token) : ERR_NOT_FOUND;
    slice_t token = slice_from(header, (size_t)(space - header.ptr) + 1);
    if (token.len == 0 || memchr(token.ptr, ' ', token.len) != NULL)
        return ERR_NOT_FOUND;
    *ret_token = token;
    return ERR_OK;
}

/* ---- the plug ---- */

static const route_t s_routes[] = {
    {METHOD_POST, "/auth/reg", CALL_account_register, .ask = s_ask_register,
     .show = s_show_signed_in},
    {METHOD_POST, "/auth/login", CALL_session_open, .ask = s_ask_login, .show = s_show_signed_in},
    {METHOD_GET, "/users/me", CALL_account_get, .ask = s_ask_me, .show = s_show_user},
    {METHOD_GET, "/users", CALL_account_list, .ask = s_ask_users, .show = s_show_users},
    {METHOD_POST, "/chats/create", CALL_room_create, .ask = s_ask_create, .show = s_show_chat},
    {METHOD_GET, "/chats/messages", CALL_room_history, .ask = s_ask_messages,
     .show = s_show_messages},
};

const dialect_t chatapi_dialect = {
    .name = "chatapi",
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .credential = s_credential,
    .refuse = s_refuse,
    .socket_path = "/chats/ws",
    .greet = chatapi_greet,
    .frame = chatapi_frame,
    .reply = chatapi_reply,
    .event = chatapi_event,
};
