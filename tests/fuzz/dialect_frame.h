/* dialect_frame.h - one frame through a dialect, with verbs that check what it does. */
#ifndef TESTS_FUZZ_DIALECT_FRAME_H
#define TESTS_FUZZ_DIALECT_FRAME_H

#include <assert.h>

#include "schema/pack.h"
#include "ws-edge/dialect.h"

/* How often each verb was used for the frame. */
typedef struct dialect_frame {
    const dialect_t *dialect;
    size_t calls, sends, closes;
} dialect_frame_t;

static void s_call(talk_t *talk, const call_type_t *type, const void *args, uint64_t tag)
{
    dialect_frame_t *frame = talk->ctx;
    fault_t fault;
    buf_t packed = {0};
    assert(codec_check(type->shape(), args, &fault) == ERR_OK);
    assert(tag < UINT64_C(1) << 53);
    codec_pack(&packed, type->shape(), args);
    buf_free(&packed);
    frame->calls++;
}

static void s_send(talk_t *talk)
{
    dialect_frame_t *frame = talk->ctx;
    const json_node_t *json = NULL;
    unpack_t in = {buf_slice(talk->out)};
    slice_t all;
    if (frame->dialect->framing == FRAMING_TEXT)
        assert(json_parse(buf_slice(talk->out), &json) == ERR_OK);
    else
        assert(unpack_any(&in, &all) == ERR_OK && in.left.len == 0);
    json_free(&json);
    buf_reset(talk->out);
    frame->sends++;
}

static void s_close(talk_t *talk, int code, const char *reason)
{
    dialect_frame_t *frame = talk->ctx;
    assert(code >= 1000 && code < 5000 && strlen(reason) <= 123);
    frame->closes++;
}

static inline void dialect_frame_try(const dialect_t *dialect, slice_t payload)
{
    static const verbs_t verbs = {.call = s_call, .send = s_send, .close = s_close};
    dialect_frame_t frame = {.dialect = dialect};
    buf_t out = {0};
    arena_t *arena = arena_new();
    talk_t talk = {.verbs = &verbs, .ctx = &frame, .arena = arena, .out = &out};

    dialect->frame(&talk, dialect->framing == FRAMING_TEXT, payload);
    assert(frame.calls + frame.sends + frame.closes == 1);
    arena_destroy(&arena);
    buf_free(&out);
}

#endif
