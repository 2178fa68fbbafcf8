/* envelope_fuzz.c - any bytes, read as a message of the bus.
 *
 * Envelopes are taken off the front until one is refused.  Every reader must
 * make way: what it took is not empty, and a refusal leaves the input alone. */
#include <assert.h>

#include "schema/envelope.h"
#include "schema/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A body is one msgpack value, and nothing lies behind it. */
static void s_whole(slice_t body)
{
    unpack_t in = {body};
    slice_t value;

    assert(unpack_any(&in, &value) == ERR_OK);
    assert(in.left.len == 0);
}

static bool s_take_call(slice_t *in)
{
    call_t call;
    if (call_read(in, &call) != ERR_OK)
        return false;
    s_whole(call.body);
    if (call.verdict.len > 0)
        s_whole(call.verdict);
    return true;
}

static bool s_take_reply(slice_t *in)
{
    reply_t reply;
    if (reply_read(in, &reply) != ERR_OK)
        return false;
    s_whole(reply.body);
    return true;
}

static bool s_take_decision(slice_t *in)
{
    decision_t decision;
    if (decision_read(in, &decision) != ERR_OK)
        return false;
    s_whole(decision.body);
    return true;
}

static bool s_take_record(slice_t *in)
{
    record_t record;
    if (record_read(in, &record) != ERR_OK)
        return false;
    s_whole(record.body);
    (void)record_intact(record.bytes);
    return true;
}

static bool s_take(slice_t *in)
{
    switch (envelope_kind(*in)) {
    case ENVELOPE_CALL:
        return s_take_call(in);
    case ENVELOPE_REPLY:
        return s_take_reply(in);
    case ENVELOPE_DECISION:
        return s_take_decision(in);
    case ENVELOPE_RECORD:
        return s_take_record(in);
    case ENVELOPE_NONE:
        return false;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t left = slice_new(data, size);
    slice_t before = left;

    while (s_take(&left)) {
        assert(left.len < before.len);
        before = left;
    }
    assert(left.ptr == before.ptr && left.len == before.len);
    return 0;
}
