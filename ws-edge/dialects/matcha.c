/* matcha.c - Matcha (document 000) over REST: signing in and out, chats, and the routes of
 * all the rest.
 *
 * Its clients are pages that keep a cookie; a Bearer token does as well.  Signing in in vain
 * is 200 with a message, of which there are two: clients show which of name and password was
 * wrong, and the actor takes equally long to tell.  A missing or dead session is 401
 * `{"msg":"…"}`, anything else `{"message":"…"}` with its status.
 *
 * People are in matcha_users.c, profiles in matcha_profile.c; the socket, a namespace of
 * Socket.IO, is in matcha_sio.c. */
#include "ws-edge/dialects/matcha.h"

#include <time.h>

#include "ws-edge/cookie.h"
#include "ws-edge/dialects/flask.h"
#include "ws-edge/param.h"

static const char s_cookie[] = "session";

/* ---- showing ---- */

void matcha_put_time(buf_t *out, int64_t time_us)
{
    struct tm utc;
    time_t seconds = (time_t)(time_us / 1000000);
    gmtime_r(&seconds, &utc);
    uint8_t *at = buf_reserve(out, 32);
    out->len += strftime((char *)at, 32, "\"%Y-%m-%d %H:%M:%S\"", &utc);
}

void matcha_show_ok(visit_t *visit, const answer_t *answer)
{
    (void)answer;
    buf_append_text(visit->body, "\"ok\"");
}

/* ---- signing up, in and out ---- */

static err_t s_ask_sign_up(visit_t *visit, answer_t *ret_refusal)
{
    account_register_call_t *args = arena_new_of(visit->arena, account_register_call_t);
    if (!flask_text(visit, "login", &args->login) || !flask_password(visit, &args->password))
        return flask_wrong(ret_refusal, "login and password must be there");
    (void)flask_text(visit, "email", &args->email);
    if (!flask_text(visit, "user_name", &args->username))
        args->username = args->login;
    visit->passing = true; /* one signs in after */
    return flask_call(visit, ret_refusal, CALL_account_register, args);
}

static void s_show_signed_up(visit_t *visit, const answer_t *answer)
{
    (void)answer;
    buf_append_text(visit->body, "\"Welcome! You can sign in now.\"");
}

typedef enum sign_in_note { NOTE_TOKEN, NOTE_LOGIN } sign_in_note_t;
typedef enum sign_in_memo { MEMO_ACCOUNT, MEMO_PLACED, MEMO_LAT, MEMO_LON } sign_in_memo_t;

static err_t s_ask_sign_in(visit_t *visit, answer_t *ret_refusal)
{
    session_open_call_t *args = arena_new_of(visit->arena, session_open_call_t);
    int64_t lat = 0, lon = 0;
    if (!flask_text(visit, "login", &args->login) || !flask_password(visit, &args->password))
        return flask_wrong(ret_refusal, "login and password must be there");
    args->tell = true;
    visit->memo[MEMO_PLACED] = matcha_read_position(visit, &lat, &lon);
    visit->memo[MEMO_LAT] = (uint64_t)lat;
    visit->memo[MEMO_LON] = (uint64_t)lon;
    return flask_call(visit, ret_refusal, CALL_session_open, args);
}

static void s_put_signed_in(visit_t *visit)
{
    visit->status = 200;
    buf_append_text(visit->body, "{\"message\":\"ok\"");
    flask_put_text(visit->body, "access_token", visit->notes[NOTE_TOKEN]);
    flask_put_id(visit->body, "user_id", visit->memo[MEMO_ACCOUNT]);
    flask_put_id(visit->body, "id", visit->memo[MEMO_ACCOUNT]);
    flask_put_text(visit->body, "login", visit->notes[NOTE_LOGIN]);
    buf_append_byte(visit->body, '}');
    cookie_give(visit, s_cookie, visit->notes[NOTE_TOKEN]);
}

/* Who has said where they are has that noted first. */
static void s_show_signed_in(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_session_open) {
        const account_t *account = ((const signed_in_t *)answer->object)->account;
        visit->memo[MEMO_ACCOUNT] = account->id;
        visit->notes[NOTE_LOGIN] = account->login;
        visit->notes[NOTE_TOKEN] = answer->token;
    }
    if (answer->type->number != CALL_session_open || visit->memo[MEMO_PLACED] == 0) {
        s_put_signed_in(visit);
        return;
    }
    profile_update_call_t *args = arena_new_of(visit->arena, profile_update_call_t);
    args->lat = (int64_t)visit->memo[MEMO_LAT];
    args->lon = (int64_t)visit->memo[MEMO_LON];
    visit->call = CALL_profile_update;
    visit->args = args;
}

err_t matcha_own_id(const visit_t *visit, uint64_t *ret_id)
{
    if (!param_number(visit->params[0], ret_id))
        return ERR_NOT_FOUND;
    return *ret_id == visit->who.account ? ERR_OK : ERR_FORBIDDEN;
}

static err_t s_ask_sign_out(visit_t *visit, answer_t *ret_refusal)
{
    uint64_t id;
    bool named = route_param_name(visit->route, 0).len > 0;
    err_t err = named ? matcha_own_id(visit, &id) : ERR_OK;
    if (err != ERR_OK)
        return err;
    return flask_call(visit, ret_refusal, CALL_session_close,
                      arena_new_of(visit->arena, session_close_call_t));
}

static void s_show_signed_out(visit_t *visit, const answer_t *answer)
{
    cookie_give(visit, s_cookie, (slice_t){0});
    matcha_show_ok(visit, answer);
}

/* ---- chats ---- */

static err_t s_ask_chats(visit_t *visit, answer_t *ret_refusal)
{
    room_list_call_t *args = arena_new_of(visit->arena, room_list_call_t);
    args->limit = LIMIT_PAGE;
    return flask_call(visit, ret_refusal, CALL_room_list, args);
}

static void s_put_chat(buf_t *out, const room_t *room)
{
    slice_t name = room->name.len > 0 ? room->name : room->gid;
    buf_append_text(out, out->len == 0 ? "[{" : ",{");
    flask_put_text(out, "chat_name", room->kind == room_kind_DIRECT ? room->logins : name);
    flask_put_id(out, "chat_id", room->id);
    buf_append_byte(out, '}');
}

/* Page behind page, until one is not full. */
static void s_show_chats(visit_t *visit, const answer_t *answer)
{
    const room_list_t *list = answer->object;
    const room_t *rooms = list->rooms.items;
    buf_append(visit->body, visit->notes[0]);
    for (size_t i = 0; i < list->rooms.count; i++)
        s_put_chat(visit->body, &rooms[i]);
    if (list->rooms.count < LIMIT_PAGE) {
        buf_append_text(visit->body, visit->body->len > 0 ? "]" : "[]");
        return;
    }
    room_list_call_t *args = arena_new_of(visit->arena, room_list_call_t);
    args->limit = LIMIT_PAGE;
    args->after = rooms[list->rooms.count - 1].id;
    visit->notes[0] = arena_copy(visit->arena, buf_slice(visit->body));
    visit->call = CALL_room_list;
    visit->args = args;
}

typedef enum chat_memo { MEMO_CHAT, MEMO_LIMIT, MEMO_BEFORE, MEMO_PARTNER } chat_memo_t;

static err_t s_ask_chat(visit_t *visit, answer_t *ret_refusal)
{
    room_get_call_t *args = arena_new_of(visit->arena, room_get_call_t);
    err_t err = flask_page(visit, ret_refusal, &visit->memo[MEMO_LIMIT], &visit->memo[MEMO_BEFORE]);
    if (err != ERR_OK)
        return err;
    if (!param_number(visit->params[0], &args->room) || args->room == 0)
        return ERR_NOT_FOUND;
    visit->memo[MEMO_CHAT] = args->room;
    return flask_call(visit, ret_refusal, CALL_room_get, args);
}

static void s_read_chat(visit_t *visit, const room_t *room)
{
    room_history_call_t *args = arena_new_of(visit->arena, room_history_call_t);
    uint64_t self = visit->who.account;
    visit->memo[MEMO_PARTNER] = room->first == self ? room->second : room->first;
    *args = (room_history_call_t){
        .room = room->id,
        .limit = visit->memo[MEMO_LIMIT],
        .before = visit->memo[MEMO_BEFORE],
    };
    visit->call = CALL_room_history;
    visit->args = args;
}

static void s_put_message(buf_t *out, const message_t *message)
{
    buf_append_byte(out, '{');
    json_put_key(out, "creation_date");
    if (message->client_time.len > 0)
        json_put_text(out, message->client_time);
    else
        matcha_put_time(out, message->time);
    flask_put_text(out, "text", message->text);
    flask_put_text(out, "author", message->login);
    buf_append_byte(out, '}');
}

/* Messages have no ids here, so that what comes before a full page is a link (RFC 8288). */
static void s_link_past(visit_t *visit, const message_list_t *list)
{
    const message_t *first = list->messages.items;
    unsigned long long limit = visit->memo[MEMO_LIMIT];
    if (list->messages.count < limit || first->seq == 1)
        return;
    buf_printf(visit->headers, "Link: </api/chats/%llu?limit=%llu&before=%llu>; rel=\"prev\"\r\n",
               (unsigned long long)visit->memo[MEMO_CHAT], limit, (unsigned long long)first->seq);
}

/* What was deleted is left out: there is no word for it here. */
static void s_put_chat_messages(visit_t *visit, const message_list_t *list)
{
    const message_t *messages = list->messages.items;
    const char *comma = "";
    buf_append_text(visit->body, "{\"messages\":[");
    for (size_t i = 0; i < list->messages.count; i++) {
        if (messages[i].deleted != 0)
            continue;
        buf_append_text(visit->body, comma);
        s_put_message(visit->body, &messages[i]);
        comma = ",";
    }
    buf_append_text(visit->body, "],\"partner_id\":");
    if (visit->memo[MEMO_PARTNER] > 0)
        json_put_u64(visit->body, visit->memo[MEMO_PARTNER]);
    else
        buf_append_text(visit->body, "null");
    buf_append_byte(visit->body, '}');
    s_link_past(visit, list);
}

static void s_show_chat(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_room_get)
        s_read_chat(visit, answer->object);
    else
        s_put_chat_messages(visit, answer->object);
}

/* ---- refusing ---- */

/* Where clients show what the reply says, or expect nothing to be there; `call` is the route's. */
static const struct {
    uint16_t call;
    err_t error;
    const char *body;
} s_refusals[] = {
    {CALL_session_open, ERR_BAD_CREDENTIALS, "{\"message\":\"Invalid Passport\"}"},
    {CALL_account_get, ERR_NOT_FOUND, "null"},
    {CALL_account_find, ERR_NOT_FOUND, "null"},
};

static bool s_refuse_in_words(visit_t *visit, const answer_t *refusal)
{
    uint16_t call = visit->route != NULL ? visit->route->call : 0;
    for (size_t i = 0; i < COUNT_OF(s_refusals); i++) {
        if (s_refusals[i].call != call || s_refusals[i].error != refusal->status)
            continue;
        visit->status = 200;
        buf_append_text(visit->body, s_refusals[i].body);
        return true;
    }
    return false;
}

/* A detail names its field as programs read it: "`login`: is taken". */
static void s_put_for_people(buf_t *out, slice_t detail, arena_t *arena)
{
    uint8_t *plain = arena_alloc(arena, detail.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < detail.len; i++)
        if (detail.ptr[i] != '`' && detail.ptr[i] != ':')
            plain[len++] = detail.ptr[i];
    json_put_text(out, slice_new(plain, len));
}

/* Signing up is answered with a text to show, whatever comes of it. */
static bool s_refuse_sign_up(visit_t *visit, const answer_t *refusal)
{
    bool told = refusal->status == ERR_EXISTS || refusal->status == ERR_INVALID;
    if (visit->route == NULL || visit->route->call != CALL_account_register || !told)
        return false;
    slice_t text = refusal->detail;
    if (text.len == 0)
        text = slice_of(err_info(refusal->status)->sentence);
    visit->status = 200;
    s_put_for_people(visit->body, text, visit->arena);
    return true;
}

static bool s_refuse_sign_in(visit_t *visit, const answer_t *refusal)
{
    if (refusal->type == NULL || visit->route == NULL || visit->route->call != CALL_session_open)
        return false;
    if (refusal->type->number == CALL_profile_update) { /* one is in all the same */
        s_put_signed_in(visit);
        return true;
    }
    if (refusal->status != ERR_BAD_CREDENTIALS || refusal->detail.len == 0)
        return false;
    visit->status = 200;
    buf_append_text(visit->body, "{\"message\":\"Login does not exist\"}");
    return true;
}

static void s_refuse(visit_t *visit, const answer_t *refusal)
{
    if (s_refuse_sign_in(visit, refusal) || s_refuse_sign_up(visit, refusal) ||
        s_refuse_in_words(visit, refusal))
        return;
    if (flask_refuse(visit, refusal))
        visit->status = 401; /* here whatever is wrong with it */
    else
        flask_put_refusal(visit, "message", refusal);
}

void matcha_deny(visit_t *visit, err_t err, const char *detail)
{
    s_refuse(visit, &(answer_t){.status = err, .detail = slice_of(detail)});
}

/* ---- the plug ---- */

#define SIGNED_IN .cookie = true

static const route_t s_routes[] = {
    {METHOD_POST, "/api/signup", CALL_account_register, .ask = s_ask_sign_up,
     .show = s_show_signed_up},
    {METHOD_POST, "/api/signin", CALL_session_open, .ask = s_ask_sign_in, .show = s_show_signed_in},
    {METHOD_DELETE, "/api/logout", CALL_session_close, SIGNED_IN, .ask = s_ask_sign_out,
     .show = s_show_signed_out},
    {METHOD_DELETE, "/api/logout/:user", CALL_session_close, SIGNED_IN, .ask = s_ask_sign_out,
     .show = s_show_signed_out},
    {METHOD_GET, "/api/users", CALL_account_list, SIGNED_IN, .ask = matcha_ask_users,
     .show = matcha_show_users},
    {METHOD_GET, "/api/users/:user", CALL_account_get, SIGNED_IN, .ask = matcha_ask_user,
     .show = matcha_show_users},
    {METHOD_GET, "/api/user_login/:login", CALL_account_find, SIGNED_IN, .ask = matcha_ask_login,
     .show = matcha_show_users},
    {METHOD_PUT, "/api/users/:user", CALL_profile_update, SIGNED_IN, .ask = matcha_ask_update,
     .show = matcha_show_updated},
    {METHOD_DELETE, "/api/images/:image", CALL_profile_update, SIGNED_IN,
     .ask = matcha_ask_drop_image, .show = matcha_show_dropped},
    {METHOD_POST, "/api/likes/:account", CALL_people_like, SIGNED_IN, .ask = matcha_ask_person,
     .show = matcha_show_ok},
    {METHOD_DELETE, "/api/likes/:account", CALL_people_unlike, SIGNED_IN, .ask = matcha_ask_person,
     .show = matcha_show_ok},
    {METHOD_POST, "/api/history/:account", CALL_people_visit, SIGNED_IN, .ask = matcha_ask_person,
     .show = matcha_show_ok},
    {METHOD_POST, "/api/fake/:account", CALL_people_report, SIGNED_IN, .ask = matcha_ask_person,
     .show = matcha_show_ok},
    {METHOD_GET, "/api/tags", CALL_people_tags, SIGNED_IN, .ask = matcha_ask_tags,
     .show = matcha_show_tags},
    {METHOD_GET, "/api/rating", CALL_people_recommend, SIGNED_IN, .ask = matcha_ask_rating,
     .show = matcha_show_found},
    {METHOD_GET, "/api/search", CALL_people_recommend, SIGNED_IN, .ask = matcha_ask_search,
     .show = matcha_show_found},
    {METHOD_POST, "/api/search", CALL_people_recommend, SIGNED_IN, .ask = matcha_ask_search,
     .show = matcha_show_found},
    {METHOD_GET, "/api/chats", CALL_room_list, SIGNED_IN, .ask = s_ask_chats, .show = s_show_chats},
    {METHOD_GET, "/api/chats/:chat", CALL_room_history, SIGNED_IN, .ask = s_ask_chat,
     .show = s_show_chat},
};

const dialect_t matcha_dialect = {
    .name = "matcha",
    .via = VIA_MATCHA,
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .cookie = s_cookie,
    .credential = flask_credential,
    .refuse = s_refuse,
};
