#include "tools/kith/into/lane.h"

#include <stdlib.h>
#include <strings.h>

#include "schema/mem.h"
#include "tools/bench/frame.h"

enum {
    READ_BYTES = 64 * 1024,
    HELD_BYTES_MAX = 64 * 1024 * 1024, /* of one answer or message */
    SWITCHING = 101,
};

lane_t *lane_open(const char *url, lane_kind_t kind, slice_t upgrade, const char **ret_why)
{
    dial_t *dial = dial_open(url, ret_why);
    if (dial == NULL)
        return NULL;
    lane_t *lane = mem_new(lane_t);
    lane->kind = kind;
    lane->dial = dial;
    lane->state = kind == LANE_SOCKET ? LANE_UPGRADING : LANE_OPEN;
    buf_append(&lane->out, upgrade);
    return lane;
}

void lane_close(lane_t **lane_p)
{
    lane_t *lane = TAKE(*lane_p);
    if (lane == NULL)
        return;
    dial_close(&lane->dial);
    buf_free(&lane->out);
    buf_free(&lane->in);
    buf_free(&lane->fragment);
    mem_free(lane);
}

void lane_say(lane_t *lane, slice_t bytes)
{
    const uint8_t *end;
    if (lane->kind == LANE_HTTP) {
        buf_append(&lane->out, bytes);
        return;
    }
    while ((end = memchr(bytes.ptr, LANE_MESSAGE_END, bytes.len)) != NULL) {
        size_t len = (size_t)(end - bytes.ptr);
        frame_write(&lane->out, FRAME_TEXT, slice_new(bytes.ptr, len));
        bytes = slice_from(bytes, len + 1);
    }
    frame_write(&lane->out, FRAME_TEXT, bytes);
}

bool lane_flush(lane_t *lane)
{
    while (lane->sent < lane->out.len) {
        ssize_t sent = dial_send(lane->dial, slice_from(buf_slice(&lane->out), lane->sent));
        lane->blocked = sent == 0;
        if (sent < 0)
            lane->state = LANE_GONE;
        if (sent <= 0)
            return sent == 0;
        lane->sent += (size_t)sent;
    }
    lane->sent = 0;
    buf_reset(&lane->out);
    return true;
}

/* ---- HTTP ---- */

/* The value of a header as a number; `none` if it is missing. */
static size_t s_header(slice_t head, const char *name, size_t none)
{
    size_t len = strlen(name);
    for (size_t i = 0; i + len < head.len; i++)
        if (head.ptr[i] == '\n' && strncasecmp((const char *)head.ptr + i + 1, name, len) == 0)
            return (size_t)strtoull((const char *)head.ptr + i + 1 + len, NULL, 10);
    return none;
}

/* The answer at the start of `in`, and its length; 0 if it is not all there. */
static size_t s_read_answer(slice_t in, heard_t *ret_heard)
{
    const uint8_t *end = memmem(in.ptr, in.len, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    slice_t head = slice_new(in.ptr, (size_t)(end + 2 - in.ptr));
    size_t body = head.len + 2, len = s_header(head, "content-length:", 0);
    if (in.len - body < len)
        return 0;
    const uint8_t *blank = memchr(head.ptr, ' ', head.len);
    *ret_heard = (heard_t){
        .status = blank != NULL ? atoi((const char *)blank) : 0,
        .wait_s = (unsigned)s_header(head, "retry-after:", 0),
        .body = slice_new(in.ptr + body, len),
    };
    return body + len;
}

static size_t s_take_answer(lane_t *lane, slice_t in, lane_ear_fn *ear, void *ctx)
{
    heard_t heard;
    size_t len = s_read_answer(in, &heard);
    if (len == 0)
        return 0;
    if (lane->state == LANE_UPGRADING && heard.status == SWITCHING)
        lane->state = LANE_GREETING;
    ear(ctx, lane, &heard);
    return len;
}

/* ---- the WebSocket ---- */

static void s_take_message(lane_t *lane, const frame_t *frame, lane_ear_fn *ear, void *ctx)
{
    bool whole = frame->final && lane->fragment.len == 0;
    if (!whole)
        buf_append(&lane->fragment, frame->body);
    if (!frame->final)
        return;
    ear(ctx, lane, &(heard_t){.body = whole ? frame->body : buf_slice(&lane->fragment)});
    lane->fragment.len = 0;
}

static size_t s_take_frame(lane_t *lane, slice_t in, lane_ear_fn *ear, void *ctx)
{
    frame_t frame;
    size_t len = frame_read(in, &frame);
    if (len == 0)
        return 0;
    if (frame.opcode == FRAME_PING)
        frame_write(&lane->out, FRAME_PONG, frame.body);
    else if (frame.opcode == FRAME_CLOSE)
        lane->state = LANE_GONE;
    else if (frame.opcode != FRAME_PONG)
        s_take_message(lane, &frame, ear, ctx);
    return len;
}

/* ---- both ---- */

static void s_take(lane_t *lane, lane_ear_fn *ear, void *ctx)
{
    size_t taken = 0, len;
    do {
        slice_t in = slice_from(buf_slice(&lane->in), taken);
        bool http = lane->kind == LANE_HTTP || lane->state == LANE_UPGRADING;
        len = http ? s_take_answer(lane, in, ear, ctx) : s_take_frame(lane, in, ear, ctx);
        taken += len;
    } while (len > 0 && lane->state != LANE_GONE);
    memmove(lane->in.data, lane->in.data + taken, lane->in.len - taken);
    lane->in.len -= taken;
}

bool lane_hear(lane_t *lane, lane_ear_fn *ear, void *ctx)
{
    ssize_t got = 0;
    while (lane->state != LANE_GONE && lane->in.len < HELD_BYTES_MAX) {
        got = dial_receive(lane->dial, buf_reserve(&lane->in, READ_BYTES), READ_BYTES);
        if (got <= 0)
            break;
        lane->in.len += (size_t)got;
        s_take(lane, ear, ctx);
    }
    if (got < 0 || lane->in.len >= HELD_BYTES_MAX)
        lane->state = LANE_GONE;
    return lane->state != LANE_GONE;
}
