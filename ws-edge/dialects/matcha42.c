/* matcha42.c - matcha42 (dialect 004): a dating site's accounts, people and messages.
 *
 * Parameters travel by query, form or JSON alike (param.h), passwords in bodies alone; the
 * token is one of them, or a Bearer header.  Success is 200 and `{"status":"ok",…}`, but for
 * the bare `true` of being online.  An error is `{"status":"error","code":N,"error":"…"}`:
 * 401 for who is not signed in, 403 with code 900 where one of two people has blocked the
 * other, 400 for what else is wrong, with the code telling more.
 *
 * What the document has as GET although it changes something is taken as POST too; HEAD
 * never runs it.
 *
 * This file has the plug, and what the others share: matcha42_accounts.c,
 * matcha42_profile.c, matcha42_people.c, matcha42_messages.c. */
#include "ws-edge/dialects/matcha42.h"

#include <strings.h>

#include "schema/text.h"
#include "ws-edge/param.h"

/* ---- asking ---- */

err_t matcha42_wrong(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                     const char *problem)
{
    fault_t fault = {parameter, problem};
    ret_refusal->detail = fault_text(&fault, visit->arena);
    return ERR_INVALID;
}

static err_t s_needed(const visit_t *visit, answer_t *ret_refusal, const char *parameter, err_t err,
                      slice_t text)
{
    if (err == ERR_OK && text.len > 0)
        return ERR_OK;
    return matcha42_wrong(visit, ret_refusal, parameter,
                          err == ERR_OK || err == ERR_NOT_FOUND ? "is missing" : "cannot be read");
}

err_t matcha42_text(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                    slice_t *ret_text)
{
    *ret_text = (slice_t){0};
    err_t err = param_text(visit, parameter, ret_text);
    return s_needed(visit, ret_refusal, parameter, err, *ret_text);
}

err_t matcha42_secret(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                      slice_t *ret_text)
{
    *ret_text = (slice_t){0};
    err_t err = param_secret(visit, parameter, ret_text);
    return s_needed(visit, ret_refusal, parameter, err, *ret_text);
}

err_t matcha42_id(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                  uint64_t *ret_id)
{
    *ret_id = 0;
    err_t err = param_u64(visit, parameter, ret_id);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && *ret_id > 0))
        return ERR_OK;
    return matcha42_wrong(visit, ret_refusal, parameter, "is not an id");
}

err_t matcha42_target(const visit_t *visit, answer_t *ret_refusal, uint64_t *ret_account)
{
    err_t err = matcha42_id(visit, ret_refusal, "target_user_id", ret_account);
    if (err == ERR_OK && *ret_account == 0)
        err = matcha42_wrong(visit, ret_refusal, "target_user_id", "is missing");
    return err;
}

/* Digits with at most a minus before them, that are a number of 32 bits. */
static bool s_int32(slice_t text, int32_t *ret_number)
{
    enum { DIGITS_MAX = 10 };
    bool minus = text.len > 0 && text.ptr[0] == '-';
    slice_t digits = minus ? slice_from(text, 1) : text;
    uint64_t size;
    if (!text_number(digits, DIGITS_MAX, &size))
        return false;
    int64_t number = minus ? -(int64_t)size : (int64_t)size;
    *ret_number = (int32_t)number;
    return number >= INT32_MIN && number <= INT32_MAX;
}

err_t matcha42_random_id(const visit_t *visit, answer_t *ret_refusal, slice_t *ret_id)
{
    int32_t number;
    slice_t text = {0};
    err_t err = param_text(visit, "random_id", &text);
    *ret_id = (slice_t){0};
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err != ERR_OK || !s_int32(text, &number))
        return matcha42_wrong(visit, ret_refusal, "random_id", "is not a number of 32 bits");
    *ret_id = arena_printf(visit->arena, "%d", number);
    return ERR_OK;
}

err_t matcha42_own(const visit_t *visit, answer_t *ret_refusal)
{
    uint64_t account;
    err_t err = matcha42_id(visit, ret_refusal, "user_id", &account);
    if (err != ERR_OK || account == 0 || account == visit->who.account)
        return err;
    ret_refusal->detail = SLICE_LIT("`user_id`: is not whose token this is");
    return ERR_UNAUTHENTICATED;
}

err_t matcha42_check(const visit_t *visit, answer_t *ret_refusal, call_number_t call,
                     const void *args)
{
    fault_t fault = {0};
    if (codec_check(call_type((uint16_t)call)->shape(), args, &fault) == ERR_OK)
        return ERR_OK;
    ret_refusal->detail = fault_text(&fault, visit->arena);
    return ERR_INVALID;
}

err_t matcha42_call(visit_t *visit, answer_t *ret_refusal, call_number_t call, const void *args)
{
    err_t err = matcha42_check(visit, ret_refusal, call, args);
    if (err != ERR_OK)
        return err;
    visit->call = (uint16_t)call;
    visit->args = args;
    return ERR_OK;
}

/* ---- showing ---- */

void matcha42_put_id(buf_t *out, const char *name, uint64_t id)
{
    json_put_key(out, name);
    json_put_u64(out, id);
}

void matcha42_put_text(buf_t *out, const char *name, slice_t text)
{
    json_put_key(out, name);
    json_put_text(out, text);
}

void matcha42_show_done(visit_t *visit, const answer_t *answer)
{
    (void)answer;
    buf_append_text(visit->body, "{\"status\":\"ok\"}");
}

/* ---- refusing ---- */

enum { CODE_BLOCKED = 900 };

/* The document knows 400 and 401; what is on our side, or only too soon, says so, and so does
 * a picture that is not there: who asks for it is a browser. */
static int s_status(const visit_t *visit, err_t err)
{
    int status = err_info(err)->status;
    bool picture = visit->route != NULL && visit->route->call == 0;
    bool kept = picture || status == 401 || status == 405 || status == 429 || status >= 500;
    if (err == ERR_BLOCKED)
        return 403;
    return kept && err != ERR_BAD_CREDENTIALS ? status : 400;
}

/* A `random_id` that was used sends nothing, whatever else the retry says. */
static bool s_is_retry(const answer_t *refusal)
{
    return refusal->status == ERR_CLIENT_ID_REUSED && refusal->type != NULL &&
           refusal->type->number == CALL_notification_send;
}

static void s_refuse(visit_t *visit, const answer_t *refusal)
{
    if (matcha42_is_first_contact(visit, refusal) || matcha42_is_registered(visit, refusal))
        return;
    if (s_is_retry(refusal)) {
        matcha42_show_done(visit, refusal);
        return;
    }
    const err_info_t *info = err_info(refusal->status);
    slice_t text = refusal->detail;
    visit->status = s_status(visit, refusal->status);
    buf_printf(visit->body, "{\"status\":\"error\",\"code\":%d",
               refusal->status == ERR_BLOCKED ? CODE_BLOCKED : info->status);
    matcha42_put_text(visit->body, "error", text.len > 0 ? text : slice_of(info->sentence));
    buf_append_byte(visit->body, '}');
}

/* ---- who is asking ---- */

static bool s_bearer(const request_t *request, slice_t *ret_token)
{
    static const char scheme[] = "Bearer ";
    slice_t header = request_header(request, "authorization");
    size_t len = sizeof scheme - 1;
    if (header.len <= len || strncasecmp((const char *)header.ptr, scheme, len) != 0)
        return false;
    *ret_token = slice_from(header, len);
    return true;
}

/* A body is read twice for its token, and pictures take long: so only where there is one. */
static err_t s_json_token(slice_t body, arena_t *arena, slice_t *ret_token)
{
    static const char member[] = "\"token\"";
    const json_node_t *json = NULL;
    slice_t token;
    if (memmem(body.ptr, body.len, member, sizeof member - 1) == NULL)
        return ERR_NOT_FOUND;
    bool found = json_parse(body, &json) == ERR_OK && json_text(json_member(json, "token"), &token);
    if (found)
        *ret_token = arena_copy(arena, token);
    json_free(&json);
    return found ? ERR_OK : ERR_NOT_FOUND;
}

static err_t s_body_token(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    const request_t form = {.query = request->body};
    if (request->body.len == 0)
        return ERR_NOT_FOUND;
    if (param_is_form(request))
        return request_query(&form, "token", arena, ret_token);
    return s_json_token(request->body, arena, ret_token);
}

static err_t s_credential(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    if (s_bearer(request, ret_token))
        return ERR_OK;
    err_t err = s_body_token(request, arena, ret_token);
    if (err == ERR_NOT_FOUND)
        err = request_query(request, "token", arena, ret_token);
    return err == ERR_OK && ret_token->len == 0 ? ERR_NOT_FOUND : err;
}

/* ---- the plug ---- */

/* What is documented as GET and changes something. */
#define EITHER(...)              \
    {METHOD_GET, __VA_ARGS__},   \
    {                            \
        METHOD_POST, __VA_ARGS__ \
    }

static const route_t s_routes[] = {
    {METHOD_POST, "/api/user/login", CALL_session_open, .ask = matcha42_ask_login,
     .show = matcha42_show_login},
    {METHOD_POST, "/api/user/logout", CALL_session_close, .strangers = true,
     .ask = matcha42_ask_logout, .show = matcha42_show_logout},
    {METHOD_POST, "/api/user/reset_pass", CALL_password_change, .strangers = true,
     .ask = matcha42_ask_reset, .show = matcha42_show_reset},
    {METHOD_POST, "/api/user/verification", CALL_email_verify, .ask = matcha42_ask_verify,
     .show = matcha42_show_done},
    {METHOD_POST, "/api/user/registr", CALL_account_register, .pictures = true,
     .ask = matcha42_ask_register, .show = matcha42_show_registered},
    {METHOD_POST, "/api/user/save_profile", CALL_profile_update, .strangers = true,
     .pictures = true, .ask = matcha42_ask_save, .show = matcha42_show_saved},
    EITHER("/api/user/set_online", CALL_presence_online, .cookie = true, .ask = matcha42_ask_online,
           .show = matcha42_show_true),
    EITHER("/api/user/set_offline", CALL_presence_online, .cookie = true,
           .ask = matcha42_ask_offline, .show = matcha42_show_true),
    EITHER("/api/profile", CALL_profile_get, .ask = matcha42_ask_profile,
           .show = matcha42_show_profile),
    {METHOD_GET, "/api/research", CALL_people_recommend, .ask = matcha42_ask_research,
     .show = matcha42_show_research},
    {METHOD_GET, "/api/user/history", CALL_people_visits, .ask = matcha42_ask_history,
     .show = matcha42_show_history},
    EITHER("/api/user/like", CALL_people_like, .ask = matcha42_ask_person,
           .show = matcha42_show_liked),
    EITHER("/api/user/connect", CALL_people_connect, .ask = matcha42_ask_connect,
           .show = matcha42_show_connected),
    EITHER("/api/user/disconnect", CALL_people_disconnect, .ask = matcha42_ask_person),
    EITHER("/api/user/block", CALL_people_block, .ask = matcha42_ask_person),
    EITHER("/api/user/unblock", CALL_people_unblock, .ask = matcha42_ask_person),
    EITHER("/api/report", CALL_people_report, .ask = matcha42_ask_report),
    EITHER("/api/message/send", CALL_room_post, .ask = matcha42_ask_send,
           .show = matcha42_show_sent),
    EITHER("/api/notifications", CALL_notification_send, .ask = matcha42_ask_notifications,
           .show = matcha42_show_notifications),
    {METHOD_GET, "/api/photos/:photo", .ask = matcha42_ask_picture, .show = matcha42_show_picture},
};

const dialect_t matcha42_dialect = {
    .name = "matcha42",
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .forms = true,
    .cookie = MATCHA42_COOKIE,
    .credential = s_credential,
    .show = matcha42_show_done,
    .refuse = s_refuse,
};
