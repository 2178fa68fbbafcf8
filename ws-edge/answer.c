#include "ws-edge/answer.h"

#include "actors/log.h"
#include "actors/veil.h"
#include "schema/pack.h"
#include "ws-edge/link.h"
#include "ws-edge/portrait.h"

enum { RETRY_S = 1 }; /* when something is only briefly away */

static bool s_is_brief(err_t status)
{
    return status == ERR_UNAVAILABLE || status == ERR_NOT_DONE || status == ERR_STORAGE;
}

answer_t answer_refuse(const call_type_t *type, err_t status, const char *detail)
{
    return (answer_t){
        .type = type,
        .status = status,
        .detail = slice_of(detail),
        .retry_after_s = s_is_brief(status) ? RETRY_S : 0,
    };
}

static slice_t s_detail(slice_t body)
{
    unpack_t in = {body};
    slice_t text = {0};
    if (unpack_str(&in, &text) != ERR_OK) /* nil: nothing to add */
        return (slice_t){0};
    return text;
}

uint64_t answer_first(const reply_t *reply)
{
    uint64_t first = 0;
    slice_t detail = s_detail(reply->body);
    for (;
         detail.len > 0 && *detail.ptr >= '0' && *detail.ptr <= '9' && first < UINT32_MAX * 1000ull;
         detail = slice_from(detail, 1))
        first = first * 10 + (uint64_t)(*detail.ptr - '0');
    return first;
}

static answer_t s_refused(const reply_t *reply, const call_type_t *type)
{
    answer_t answer = answer_refuse(type, reply->status, NULL);
    answer.detail = s_detail(reply->body);
    answer.as_of = reply->as_of;
    return answer;
}

answer_t answer_read(const reply_t *reply, who_t who, const mint_t *mint, arena_t *arena)
{
    const call_type_t *type = call_type(reply->type);
    const void *object;
    fault_t fault = {0};
    if (reply->status != ERR_OK)
        return s_refused(reply, type);
    if (codec_unpack(reply->body, type->answer(), arena, &fault, &object) != ERR_OK) {
        slice_t what = fault_text(&fault, arena);
        log_error("edge", "an answer to %s cannot be read: %.*s", type->name, SLICE_ARG(what));
        return answer_refuse(type, ERR_INTERNAL, NULL);
    }
    answer_t answer = {
        .type = type,
        .as_of = reply->as_of,
        .object = portrait_answer(mint, type, veil_answer(type, object, who.account, arena),
                                  who.account, arena),
    };
    if (type->answer == shape_signed_in)
        answer.token = token_make(mint, object, who.via, link_time(), arena);
    return answer;
}
