/* pusher_chat.c - the chat of document 003 over REST: accounts, direct rooms, their messages,
 * and the signatures with which its clients come into Pusher's channels.
 *
 * Credentials are refused in Flask's words (flask.h), all else as `{"msg":"…"}`; a room that
 * one may not see is 403.  Ids may come as texts and leave as numbers.  What a client sends
 * beyond the documented keys travels with the message, but takes the place of none of ours.
 *
 * Here is what is no chat yet; pusher_chat_room.c finds chats, posts and reads,
 * pusher_chat_auth.c signs, pusher_chat_show.c writes the objects.  The socket is Pusher's. */
#include "ws-edge/dialects/pusher_chat.h"

#include "ws-edge/dialects/flask.h"

static void s_show_registered(visit_t *visit, const answer_t *answer)
{
    (void)answer;
    buf_append_text(visit->body,
                    "{\"status\":\"success\",\"message\":\"User added successfully\"}");
}

static void s_show_signed_in(visit_t *visit, const answer_t *answer)
{
    const account_t *account = ((const signed_in_t *)answer->object)->account;
    buf_append_text(visit->body,
                    "{\"status\":\"success\",\"message\":\"login successful\",\"data\":{");
    flask_put_id(visit->body, "id", account->id);
    flask_put_text(visit->body, "token", answer->token);
    flask_put_text(visit->body, "username", account->login);
    buf_append_text(visit->body, "}}");
}

static void s_show_users(visit_t *visit, const answer_t *answer)
{
    const account_list_t *list = answer->object;
    const account_t *accounts = list->accounts.items;
    buf_append_byte(visit->body, '[');
    for (size_t i = 0; i < list->accounts.count; i++) {
        buf_append_text(visit->body, i == 0 ? "{" : ",{");
        flask_put_id(visit->body, "id", accounts[i].id);
        flask_put_text(visit->body, "userName", accounts[i].login);
        buf_append_byte(visit->body, '}');
    }
    buf_append_byte(visit->body, ']');
}

/* ---- accounts ---- */

static err_t s_ask_register(visit_t *visit, answer_t *ret_refusal)
{
    account_register_call_t *args = arena_new_of(visit->arena, account_register_call_t);
    if (!flask_text(visit, "username", &args->login) || !flask_password(visit, &args->password))
        return flask_wrong(ret_refusal, "username and password must be there");
    args->username = args->login;
    visit->passing = true; /* one signs in after */
    return flask_call(visit, ret_refusal, CALL_account_register, args);
}

static err_t s_ask_login(visit_t *visit, answer_t *ret_refusal)
{
    session_open_call_t *args = arena_new_of(visit->arena, session_open_call_t);
    if (!flask_text(visit, "username", &args->login) || !flask_password(visit, &args->password))
        return flask_wrong(ret_refusal, "username and password must be there");
    return flask_call(visit, ret_refusal, CALL_session_open, args);
}

static err_t s_ask_users(visit_t *visit, answer_t *ret_refusal)
{
    account_list_call_t *args = arena_new_of(visit->arena, account_list_call_t);
    args->limit = LIMIT_HISTORY_PAGE;
    return flask_call(visit, ret_refusal, CALL_account_list, args);
}

/* ---- asking to talk ---- */

static err_t s_ask_request(visit_t *visit, answer_t *ret_refusal)
{
    room_request_call_t *args = arena_new_of(visit->arena, room_request_call_t);
    err_t err = pusher_chat_read_from(visit, ret_refusal);
    if (err != ERR_OK)
        return err;
    if (!flask_id(visit, "to_user", &args->account) || args->account == visit->who.account)
        return flask_wrong(ret_refusal, "to_user must be the id of somebody else");
    visit->memo[0] = args->account;
    return flask_call(visit, ret_refusal, CALL_room_request, args);
}

static void s_show_request(visit_t *visit, const answer_t *answer)
{
    pusher_chat_put_request(visit->body, visit->who.account, visit->memo[0], answer->object);
}

/* ---- refusing ---- */

/* Where the documented server has words of its own. */
static const struct {
    uint16_t call;
    err_t error;
    int status;
    const char *body;
} s_refusals[] = {
    {CALL_account_register, ERR_EXISTS, 200,
     "{\"status\":\"error\",\"message\":\"Could not add user\"}"},
    {CALL_session_open, ERR_BAD_CREDENTIALS, 401,
     "{\"status\":\"failed\",\"message\":\"Failed getting user\"}"},
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

/* A room that is not there and one that is not for the asker look alike. */
static bool s_is_room(const answer_t *refusal)
{
    return refusal->type != NULL && refusal->type->owner == owner_ROOM &&
           refusal->type->number != CALL_room_request;
}

static void s_refuse(visit_t *visit, const answer_t *refusal)
{
    answer_t shown = *refusal;
    if (s_refuse_in_words(visit, refusal) || flask_refuse(visit, refusal))
        return;
    if (refusal->status == ERR_NOT_FOUND && s_is_room(refusal))
        shown.status = ERR_FORBIDDEN;
    flask_put_refusal(visit, "msg", &shown);
}

void pusher_chat_deny(visit_t *visit)
{
    s_refuse(visit, &(answer_t){.status = ERR_FORBIDDEN});
}

/* ---- the plug ---- */

static const route_t s_routes[] = {
    {METHOD_POST, "/api/register", CALL_account_register, .status = 201, .ask = s_ask_register,
     .show = s_show_registered},
    {METHOD_POST, "/api/login", CALL_session_open, .ask = s_ask_login, .show = s_show_signed_in},
    {METHOD_GET, "/api/users", CALL_account_list, .ask = s_ask_users, .show = s_show_users},
    {METHOD_POST, "/api/request_chat", CALL_room_request, .ask = s_ask_request,
     .show = s_show_request},
    {METHOD_POST, "/api/send_message", CALL_room_post, .ask = pusher_chat_ask_send,
     .show = pusher_chat_show_sent},
    {METHOD_GET, "/api/get_message/:channel", CALL_room_history, .ask = pusher_chat_ask_messages,
     .show = pusher_chat_show_messages},
    {METHOD_POST, "/api/pusher/auth", CALL_account_get, .ask = pusher_chat_ask_auth,
     .show = pusher_chat_show_auth},
    {METHOD_POST, "/api/pusher/user-auth", CALL_account_get, .ask = pusher_chat_ask_user_auth,
     .show = pusher_chat_show_user_auth},
};

const dialect_t pusher_chat_dialect = {
    .name = "pusher_chat",
    .via = VIA_PUSHER_CHAT,
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .forms = true,
    .credential = flask_credential,
    .refuse = s_refuse,
};
