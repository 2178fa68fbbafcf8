#include "ws-edge/dialects/flask.h"

#include <strings.h>

#include "ws-edge/param.h"

/* ---- credentials ---- */

err_t flask_credential(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    static const char scheme[] = "Bearer ";
    slice_t header = request_header(request, "authorization");
    size_t len = sizeof scheme - 1;
    (void)arena;
    if (header.ptr == NULL)
        return ERR_NOT_FOUND;
    bool bearer = header.len > len && strncasecmp((const char *)header.ptr, scheme, len) == 0;
    *ret_token = bearer ? slice_from(header, len) : header;
    return ERR_OK;
}

/* Our reason for turning a token down, and theirs; the first is of requests without one. */
static const struct {
    const char *reason;
    int status;
    const char *body;
} s_words[] = {
    {"", 401, "{\"msg\":\"Missing Authorization Header\"}"},
    {"token is expired", 401, "{\"msg\":\"Token has expired\"}"},
    {"token is malformed", 422, "{\"msg\":\"Not enough segments\"}"},
    {"signature is invalid", 422, "{\"msg\":\"Signature verification failed\"}"},
    {"signing method is invalid", 422, "{\"msg\":\"The specified alg value is not allowed\"}"},
    {"token has invalid claims", 422, "{\"msg\":\"Missing claim: identity\"}"},
};

static void s_say(visit_t *visit, int status, const char *body)
{
    visit->status = status;
    buf_append_text(visit->body, body);
}

bool flask_refuse(visit_t *visit, const answer_t *refusal)
{
    if (refusal->status == ERR_SESSION_ENDED) {
        s_say(visit, 401, "{\"msg\":\"Token has been revoked\"}");
        return true;
    }
    if (refusal->status != ERR_UNAUTHENTICATED)
        return false;
    for (size_t i = 0; i < COUNT_OF(s_words); i++) {
        if (!slice_is(refusal->detail, s_words[i].reason))
            continue;
        s_say(visit, s_words[i].status, s_words[i].body);
        return true;
    }
    flask_put_refusal(visit, "msg", refusal);
    return true;
}

void flask_put_refusal(visit_t *visit, const char *name, const answer_t *refusal)
{
    const err_info_t *info = err_info(refusal->status);
    visit->status = info->status;
    buf_append_byte(visit->body, '{');
    flask_put_text(visit->body, name,
                   refusal->detail.len > 0 ? refusal->detail : slice_of(info->sentence));
    buf_append_byte(visit->body, '}');
}

/* ---- writing ---- */

void flask_put_id(buf_t *out, const char *name, uint64_t id)
{
    json_put_key(out, name);
    json_put_u64(out, id);
}

void flask_put_text(buf_t *out, const char *name, slice_t text)
{
    json_put_key(out, name);
    json_put_text(out, text);
}

/* ---- reading ---- */

bool flask_text(const visit_t *visit, const char *name, slice_t *ret_text)
{
    return param_text(visit, name, ret_text) == ERR_OK && ret_text->len > 0;
}

bool flask_password(const visit_t *visit, slice_t *ret_password)
{
    return param_secret(visit, "password", ret_password) == ERR_OK && ret_password->len > 0;
}

bool flask_id(const visit_t *visit, const char *name, uint64_t *ret_id)
{
    return param_u64(visit, name, ret_id) == ERR_OK && *ret_id > 0;
}

err_t flask_wrong(answer_t *ret_refusal, const char *detail)
{
    ret_refusal->status = ERR_INVALID;
    ret_refusal->detail = slice_of(detail);
    return ERR_INVALID;
}

err_t flask_call(visit_t *visit, answer_t *ret_refusal, call_number_t call, const void *args)
{
    fault_t fault = {0};
    if (codec_check(call_type((uint16_t)call)->shape(), args, &fault) != ERR_OK) {
        ret_refusal->detail = fault_text(&fault, visit->arena);
        return ERR_INVALID;
    }
    visit->call = (uint16_t)call;
    visit->args = args;
    return ERR_OK;
}

err_t flask_page(const visit_t *visit, answer_t *ret_refusal, uint64_t *ret_limit,
                 uint64_t *ret_before)
{
    err_t err = param_u64(visit, "limit", ret_limit);
    if (err == ERR_NOT_FOUND)
        *ret_limit = LIMIT_HISTORY_PAGE;
    else if (err != ERR_OK || *ret_limit == 0 || *ret_limit > LIMIT_HISTORY_PAGE)
        return flask_wrong(ret_refusal, "limit must be between 1 and 10000");
    err = param_u64(visit, "before", ret_before);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return flask_wrong(ret_refusal, "before must be a whole number");
    return ERR_OK;
}
