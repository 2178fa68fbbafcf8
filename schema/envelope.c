/* envelope.c - headers written and read by offset, bodies left as they are.
 *
 * A reader checks every constant byte of the fixed part, so an envelope that is
 * accepted has exactly this layout and may be patched by offset.  */
#include "schema/envelope.h"

#include <assert.h>

#include "schema/pack.h"

/* Bytes that begin each kind, and where its fixed values lie. */
enum {
    CALL_TYPE = 3, /* this and the next two: the same in a reply and a decision */
    CALL_CORR = 6,
    CALL_ORIGIN = 15,
    CALL_PRINCIPAL = 24,
    CALL_SESSION = 33,
    CALL_TIME = 42,
    CALL_RAND = 52,
    CALL_VERDICT = 68,

    REPLY_STATUS = 24,
    REPLY_AS_OF = 27,
    REPLY_BODY = 35,

    DECISION_EPOCH = 27,
    DECISION_RECORDS = 36,
    DECISION_RESTS = 38,
    DECISION_BODY = 39,

    RECORD_TYPE = 5,
    RECORD_VERSION = 7,
    RECORD_SEQ = 9,
    RECORD_EPOCH = 18,
    RECORD_CAUSE = 27,
    RECORD_CAUSER = 35,
    RECORD_ACTOR = 36,
    RECORD_TIME = 38,
    RECORD_PRINCIPAL = 47,
    RECORD_ROOM = 56,
    RECORD_ACCOUNT = 65,
    RECORD_BOUND = 73,
    RECORD_PREVIOUS = 75,
    RECORD_KEY_ID = 108,
    RECORD_VARIABLE = 112,
    RECORD_CRC_SIZE = 5,
};

/* A place in the fixed part and the tag byte that must stand there. */
typedef struct tag {
    uint8_t at;
    uint8_t byte;
} tag_t;

enum { TAG_U16 = 0xcd, TAG_U32 = 0xce, TAG_U64 = 0xcf, TAG_I64 = 0xd3, TAG_BIN8 = 0xc4 };

static const tag_t s_call_tags[] = {
    {0, 0x9a},     {1, ENVELOPE_CALL}, {2, TAG_U16},  {5, TAG_U64},   {14, TAG_U64},
    {23, TAG_U64}, {32, TAG_U64},      {41, TAG_I64}, {50, TAG_BIN8}, {51, RAND_SIZE},
};
static const tag_t s_reply_tags[] = {
    {0, 0x97},     {1, ENVELOPE_REPLY}, {2, TAG_U16},  {5, TAG_U64},
    {14, TAG_U64}, {23, TAG_U16},       {26, TAG_U64},
};
static const tag_t s_decision_tags[] = {
    {0, 0x99},     {1, ENVELOPE_DECISION}, {2, TAG_U16},  {5, TAG_U64},
    {14, TAG_U64}, {23, TAG_U16},          {26, TAG_U64}, {35, TAG_U16},
};
static const tag_t s_record_tags[] = {
    {0, 0xdc},     {1, 0},        {2, 17},        {3, ENVELOPE_RECORD}, {4, TAG_U16},
    {8, TAG_U64},  {17, TAG_U64}, {26, TAG_U64},  {37, TAG_I64},        {46, TAG_U64},
    {55, TAG_U64}, {64, TAG_U64}, {73, TAG_BIN8}, {74, HASH_SIZE},      {107, TAG_U32},
};

static bool s_tagged(slice_t in, size_t fixed, const tag_t *tags, size_t count)
{
    if (in.len < fixed)
        return false;
    for (size_t i = 0; i < count; i++)
        if (in.ptr[tags[i].at] != tags[i].byte)
            return false;
    return true;
}
#define TAGGED(in, fixed, tags) s_tagged((in), (fixed), (tags), COUNT_OF(tags))

envelope_kind_t envelope_kind(slice_t bytes)
{
    if (bytes.len < 4)
        return ENVELOPE_NONE;
    uint8_t kind = bytes.ptr[0] == 0xdc ? bytes.ptr[3] : bytes.ptr[1];
    return kind >= ENVELOPE_CALL && kind <= ENVELOPE_RECORD ? (envelope_kind_t)kind : ENVELOPE_NONE;
}

/* Take the body behind the fixed part, and with it the envelope, off *in. */
static err_t s_take(slice_t *in, size_t fixed, slice_t *ret_body, slice_t *ret_bytes)
{
    unpack_t rest = {slice_from(*in, fixed)};
    err_t err = unpack_any(&rest, ret_body);
    if (err != ERR_OK)
        return err;
    *ret_bytes = slice_new(in->ptr, in->len - rest.left.len);
    *in = rest.left;
    return ERR_OK;
}

/* The verdict, if there is one; gives how many bytes lie before the body. */
static err_t s_take_verdict(slice_t in, slice_t *ret_verdict, size_t *ret_fixed)
{
    unpack_t rest = {slice_from(in, CALL_VERDICT)};
    err_t err = unpack_nil(&rest) ? ERR_OK : unpack_any(&rest, ret_verdict);
    *ret_fixed = in.len - rest.left.len;
    return err;
}

err_t call_read(slice_t *in, call_t *ret_call)
{
    size_t fixed;
    if (!TAGGED(*in, CALL_VERDICT, s_call_tags))
        return ERR_MALFORMED;
    const uint8_t *at = in->ptr;
    call_t call = {
        .type = wide_get16(at + CALL_TYPE),
        .corr = wide_get64(at + CALL_CORR),
        .origin = wide_get64(at + CALL_ORIGIN),
        .principal = wide_get64(at + CALL_PRINCIPAL),
        .session = wide_get64(at + CALL_SESSION),
        .time = (int64_t)wide_get64(at + CALL_TIME),
    };
    memcpy(call.rand, at + CALL_RAND, RAND_SIZE);
    err_t err = s_take_verdict(*in, &call.verdict, &fixed);
    if (err == ERR_OK)
        err = s_take(in, fixed, &call.body, &call.bytes);
    if (err == ERR_OK)
        *ret_call = call;
    return err;
}

static err_t s_status(uint16_t number)
{
    return number < ERR_COUNT_ ? (err_t)number : ERR_INTERNAL;
}

err_t reply_read(slice_t *in, reply_t *ret_reply)
{
    if (!TAGGED(*in, REPLY_BODY, s_reply_tags))
        return ERR_MALFORMED;
    const uint8_t *at = in->ptr;
    reply_t reply = {
        .type = wide_get16(at + CALL_TYPE),
        .corr = wide_get64(at + CALL_CORR),
        .origin = wide_get64(at + CALL_ORIGIN),
        .status = s_status(wide_get16(at + REPLY_STATUS)),
        .as_of = wide_get64(at + REPLY_AS_OF),
    };
    err_t err = s_take(in, REPLY_BODY, &reply.body, &reply.bytes);
    if (err == ERR_OK)
        *ret_reply = reply;
    return err;
}

err_t decision_read(slice_t *in, decision_t *ret_decision)
{
    if (!TAGGED(*in, DECISION_BODY, s_decision_tags))
        return ERR_MALFORMED;
    const uint8_t *at = in->ptr;
    decision_t decision = {
        .type = wide_get16(at + CALL_TYPE),
        .corr = wide_get64(at + CALL_CORR),
        .origin = wide_get64(at + CALL_ORIGIN),
        .status = s_status(wide_get16(at + REPLY_STATUS)),
        .epoch = wide_get64(at + DECISION_EPOCH),
        .records = wide_get16(at + DECISION_RECORDS),
        .rests = at[DECISION_RESTS] == 0xc3,
    };
    err_t err = s_take(in, DECISION_BODY, &decision.body, &decision.bytes);
    if (err == ERR_OK)
        *ret_decision = decision;
    return err;
}

static void s_record_fixed(const uint8_t *at, record_t *record)
{
    record->type = wide_get16(at + RECORD_TYPE);
    record->version = at[RECORD_VERSION];
    record->seq = wide_get64(at + RECORD_SEQ);
    record->epoch = wide_get64(at + RECORD_EPOCH);
    record->cause = wide_get64(at + RECORD_CAUSE);
    record->causer = at[RECORD_CAUSER];
    record->actor = at[RECORD_ACTOR];
    record->time = (int64_t)wide_get64(at + RECORD_TIME);
    record->principal = wide_get64(at + RECORD_PRINCIPAL);
    record->room = wide_get64(at + RECORD_ROOM);
    record->account = wide_get64(at + RECORD_ACCOUNT);
    memcpy(record->previous, at + RECORD_PREVIOUS, HASH_SIZE);
    record->key_id = wide_get32(at + RECORD_KEY_ID);
}

/* One byte each, or every offset behind them would move. */
static bool s_are_small(const record_t *record)
{
    return record->version < 128 && record->causer < 128 && record->actor < 128;
}

err_t record_read(slice_t *in, record_t *ret_record)
{
    if (!TAGGED(*in, RECORD_VARIABLE, s_record_tags))
        return ERR_MALFORMED;
    record_t record;
    s_record_fixed(in->ptr, &record);
    if (!s_are_small(&record))
        return ERR_MALFORMED;

    unpack_t rest = {slice_from(*in, RECORD_VARIABLE)};
    if (unpack_str(&rest, &record.client_id) != ERR_OK || unpack_any(&rest, &record.body) != ERR_OK)
        return ERR_MALFORMED;
    if (rest.left.len < RECORD_CRC_SIZE || rest.left.ptr[0] != TAG_U32)
        return ERR_MALFORMED;
    record.crc = wide_get32(rest.left.ptr + 1);
    rest.left = slice_from(rest.left, RECORD_CRC_SIZE);

    record.bytes = slice_new(in->ptr, in->len - rest.left.len);
    *ret_record = record;
    *in = rest.left;
    return ERR_OK;
}

void call_begin(buf_t *out, const call_t *call)
{
    pack_array(out, 10);
    pack_u64(out, ENVELOPE_CALL);
    pack_wide_u16(out, call->type);
    pack_wide_u64(out, call->corr);
    pack_wide_u64(out, call->origin);
    pack_wide_u64(out, call->principal);
    pack_wide_u64(out, call->session);
    pack_wide_i64(out, call->time);
    pack_bin(out, slice_new(call->rand, RAND_SIZE));
    if (call->verdict.len > 0)
        buf_append(out, call->verdict);
    else
        pack_nil(out);
}

void reply_begin(buf_t *out, const reply_t *reply)
{
    pack_array(out, 7);
    pack_u64(out, ENVELOPE_REPLY);
    pack_wide_u16(out, reply->type);
    pack_wide_u64(out, reply->corr);
    pack_wide_u64(out, reply->origin);
    pack_wide_u16(out, (uint16_t)reply->status);
    pack_wide_u64(out, reply->as_of);
}

void decision_begin(buf_t *out, const decision_t *decision)
{
    pack_array(out, 9);
    pack_u64(out, ENVELOPE_DECISION);
    pack_wide_u16(out, decision->type);
    pack_wide_u64(out, decision->corr);
    pack_wide_u64(out, decision->origin);
    pack_wide_u16(out, (uint16_t)decision->status);
    pack_wide_u64(out, decision->epoch);
    pack_wide_u16(out, decision->records);
    pack_bool(out, decision->rests);
}

void record_begin(buf_t *out, const record_t *record)
{
    assert(s_are_small(record));
    pack_array(out, 17);
    pack_u64(out, ENVELOPE_RECORD);
    pack_wide_u16(out, record->type);
    pack_u64(out, record->version);
    pack_wide_u64(out, record->seq);
    pack_wide_u64(out, record->epoch);
    pack_wide_u64(out, record->cause);
    pack_u64(out, record->causer);
    pack_u64(out, record->actor);
    pack_wide_i64(out, record->time);
    pack_wide_u64(out, record->principal);
    pack_wide_u64(out, record->room);
    pack_wide_u64(out, record->account);
    pack_bin(out, slice_new(record->previous, HASH_SIZE));
    pack_wide_u32(out, record->key_id);
    pack_str(out, record->client_id);
}

void record_end(buf_t *out)
{
    pack_wide_u32(out, 0);
}

void call_stamp(uint8_t *at, uint64_t origin)
{
    wide_put64(at + CALL_ORIGIN, origin);
}

void call_stamp_all(uint8_t *at, const call_t *call)
{
    wide_put64(at + CALL_ORIGIN, call->origin);
    wide_put64(at + CALL_PRINCIPAL, call->principal);
    wide_put64(at + CALL_SESSION, call->session);
    wide_put64(at + CALL_TIME, (uint64_t)call->time);
    memcpy(at + CALL_RAND, call->rand, RAND_SIZE);
}

void record_number(uint8_t *at, uint64_t seq, uint64_t epoch)
{
    wide_put64(at + RECORD_SEQ, seq);
    wide_put64(at + RECORD_EPOCH, epoch);
}

void record_seal(uint8_t *at, size_t len, const uint8_t previous[HASH_SIZE])
{
    assert(len > RECORD_VARIABLE + RECORD_CRC_SIZE);
    memcpy(at + RECORD_PREVIOUS, previous, HASH_SIZE);
    wide_put32(at + len - 4, crc32c(slice_new(at, len - RECORD_CRC_SIZE)));
}

slice_t record_bound(slice_t bytes)
{
    assert(bytes.len >= RECORD_BOUND);
    return slice_new(bytes.ptr, RECORD_BOUND);
}

bool record_intact(slice_t bytes)
{
    if (bytes.len < RECORD_VARIABLE + RECORD_CRC_SIZE)
        return false;
    uint32_t stored = wide_get32(bytes.ptr + bytes.len - 4);
    return stored == crc32c(slice_new(bytes.ptr, bytes.len - RECORD_CRC_SIZE));
}
