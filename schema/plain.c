/* plain.c - arrays whose first value is a word, so that who looks at one can tell what it is. */
#include "schema/plain.h"

#include "schema/pack.h"

enum { CALL_VALUES = 4, ANSWER_VALUES = 5, EVENT_VALUES = 7, JUDGE_VALUES = 7 };

static void s_put_word(buf_t *out, const char *word)
{
    pack_str(out, slice_of(word));
}

/* ---- what a bot says ---- */

static err_t s_read_call(unpack_t *in, plain_call_t *call)
{
    size_t values;
    slice_t kind;
    err_t err = unpack_array(in, &values);
    if (err == ERR_OK && values != CALL_VALUES)
        err = ERR_MALFORMED;
    if (err == ERR_OK)
        err = unpack_str(in, &kind);
    if (err == ERR_OK && !slice_is(kind, "call"))
        err = ERR_MALFORMED;
    if (err == ERR_OK)
        err = unpack_u64(in, &call->number);
    if (err == ERR_OK)
        err = unpack_str(in, &call->type);
    return err == ERR_OK ? unpack_any(in, &call->body) : err;
}

err_t plain_read_call(slice_t *in, plain_call_t *ret_call)
{
    unpack_t rest = {*in};
    err_t err = s_read_call(&rest, ret_call);
    if (err == ERR_OK)
        *in = rest.left;
    return err;
}

void plain_begin_call(buf_t *out, uint64_t number, slice_t type)
{
    pack_array(out, CALL_VALUES);
    s_put_word(out, "call");
    pack_u64(out, number);
    pack_str(out, type);
}

/* ---- what it hears ---- */

void plain_begin_answer(buf_t *out, uint64_t number, err_t status, uint64_t as_of)
{
    pack_array(out, ANSWER_VALUES);
    s_put_word(out, "answer");
    pack_u64(out, number);
    s_put_word(out, err_info(status)->name);
    pack_u64(out, as_of);
}

void plain_begin_event(buf_t *out, const char *type, const record_t *record)
{
    pack_array(out, EVENT_VALUES);
    s_put_word(out, "event");
    s_put_word(out, type);
    pack_u64(out, record->seq);
    pack_i64(out, record->time);
    pack_u64(out, record->room);
    pack_u64(out, record->account);
}

void plain_begin_judge(buf_t *out, uint64_t ticket, const char *type, int64_t time, uint64_t room,
                       uint64_t account)
{
    pack_array(out, JUDGE_VALUES);
    s_put_word(out, "judge");
    pack_u64(out, ticket);
    s_put_word(out, type);
    pack_i64(out, time);
    pack_u64(out, room);
    pack_u64(out, account);
}

static err_t s_read_answer(unpack_t *in, plain_heard_t *heard)
{
    err_t err = unpack_u64(in, &heard->number);
    if (err == ERR_OK)
        err = unpack_str(in, &heard->status);
    return err == ERR_OK ? unpack_u64(in, &heard->as_of) : err;
}

/* When, and whom it concerns. */
static err_t s_read_place(unpack_t *in, plain_heard_t *heard)
{
    err_t err = unpack_i64(in, &heard->time);
    if (err == ERR_OK)
        err = unpack_u64(in, &heard->room);
    return err == ERR_OK ? unpack_u64(in, &heard->account) : err;
}

static err_t s_read_event(unpack_t *in, plain_heard_t *heard)
{
    err_t err = unpack_str(in, &heard->type);
    if (err == ERR_OK)
        err = unpack_u64(in, &heard->seq);
    return err == ERR_OK ? s_read_place(in, heard) : err;
}

static err_t s_read_judge(unpack_t *in, plain_heard_t *heard)
{
    err_t err = unpack_u64(in, &heard->number);
    if (err == ERR_OK)
        err = unpack_str(in, &heard->type);
    return err == ERR_OK ? s_read_place(in, heard) : err;
}

/* What lies between the kind and the body. */
static err_t s_read_header(unpack_t *in, size_t values, slice_t kind, plain_heard_t *heard)
{
    heard->event = values == EVENT_VALUES && slice_is(kind, "event");
    heard->judge = values == JUDGE_VALUES && slice_is(kind, "judge");
    if (heard->event)
        return s_read_event(in, heard);
    if (heard->judge)
        return s_read_judge(in, heard);
    bool answer = values == ANSWER_VALUES && slice_is(kind, "answer");
    return answer ? s_read_answer(in, heard) : ERR_MALFORMED;
}

err_t plain_read_heard(slice_t *in, plain_heard_t *ret_heard)
{
    unpack_t rest = {*in};
    size_t values;
    slice_t kind;
    err_t err = unpack_array(&rest, &values);
    *ret_heard = (plain_heard_t){0};
    if (err == ERR_OK)
        err = unpack_str(&rest, &kind);
    if (err == ERR_OK)
        err = s_read_header(&rest, values, kind, ret_heard);
    if (err == ERR_OK)
        err = unpack_any(&rest, &ret_heard->body);
    if (err == ERR_OK)
        *in = rest.left;
    return err;
}
