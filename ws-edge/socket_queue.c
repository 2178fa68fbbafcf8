/* socket_queue.c - frames as RFC 6455 has them, and the queue of one connection.
 *
 * A frame is made once, with its header, and shared by all who receive it; a server's
 * frames are not masked, so it is the same bytes for everyone.
 *
 * Nearly all queues are empty, and most others hold a frame or two until the end of the
 * turn: those live inside the connection, so that fan-out allocates nothing a receiver. */
#include "ws-edge/socket_queue.h"

#include <assert.h>
#include <string.h>

enum {
    HEADER_MAX = 10,   /* bytes of an unmasked frame's header */
    CONTROL_MAX = 125, /* bytes of a control frame's payload */
};

static body_t *s_frame_new(unsigned kind, slice_t payload)
{
    uint8_t header[HEADER_MAX] = {(uint8_t)(0x80 | kind)};
    size_t len = payload.len, header_len = 2;

    if (len < 126) {
        header[1] = (uint8_t)len;
    } else if (len <= UINT16_MAX) {
        header[1] = 126;
        header_len = 4;
    } else {
        header[1] = 127;
        header_len = 10;
    }
    for (size_t i = header_len, rest = len; i-- > 2; rest >>= 8)
        header[i] = (uint8_t)rest;

    buf_t frame = {0};
    buf_append(&frame, slice_new(header, header_len));
    buf_append(&frame, payload);
    body_t *body = body_new(buf_slice(&frame));
    buf_free(&frame);
    return body;
}

body_t *frame_new(frame_kind_t kind, slice_t payload)
{
    return kind == FRAME_STREAM ? body_new(payload) : s_frame_new(kind, payload);
}

body_t *frame_new_close(int code, const char *reason)
{
    uint8_t payload[CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
    slice_t words = slice_of(reason);

    assert(words.len <= sizeof(payload) - 2);
    if (words.len > 0)
        memcpy(payload + 2, words.ptr, words.len);
    return s_frame_new(FRAME_CLOSE, slice_new(payload, 2 + words.len));
}

body_t *frame_new_farewell(int code, const char *reason)
{
    buf_t event = {0};
    buf_printf(&event, "event: close\ndata: {\"code\":%d,\"reason\":\"%s\"}\n\n", code,
               reason != NULL ? reason : ""); /* the reasons are our own words */
    body_t *body = body_new(buf_slice(&event));
    buf_free(&event);
    return body;
}

slice_t frame_payload(slice_t frame)
{
    size_t header_len = frame.ptr[1] < 126 ? 2 : frame.ptr[1] == 126 ? 4 : 10;
    return slice_from(frame, header_len);
}

void queue_init(queue_t *queue)
{
    *queue = (queue_t){.frames = queue->few, .size = QUEUE_FEW};
}

/* Room for one more: by moving all to the front if more than half of the places are free
 * there, else by more places, twice as many but for the first time.  Either way a frame is moved
 * about once. */
static void s_make_room(queue_t *queue)
{
    body_t **oldest = queue->frames + queue->first;

    if (queue->first + queue->count < queue->size)
        return;
    if (queue->first > queue->size / 2) {
        memmove(queue->frames, oldest, queue->count * sizeof(*oldest));
    } else {
        bool few = queue->frames == queue->few;
        queue->size = few ? QUEUE_MORE : queue->size * 2;
        body_t **frames = mem_grow(NULL, queue->size * sizeof(*frames));
        memcpy(frames, oldest, queue->count * sizeof(*frames));
        if (!few)
            mem_free(queue->frames);
        queue->frames = frames;
    }
    queue->first = 0;
}

void queue_push(queue_t *queue, body_t *frame)
{
    s_make_room(queue);
    queue->frames[queue->first + queue->count++] = body_ref(frame);
    queue->bytes += body_slice(frame).len;
}

slice_t queue_first(const queue_t *queue)
{
    assert(queue->count > 0);
    return body_slice(queue->frames[queue->first]);
}

void queue_drop(queue_t *queue, uint32_t count)
{
    assert(count <= queue->count);
    for (uint32_t i = 0; i < count; i++) {
        body_t **frame = &queue->frames[queue->first++];
        queue->bytes -= body_slice(*frame).len;
        body_unref(frame);
    }
    queue->count -= count;
    if (queue->count > 0)
        return;
    if (queue->frames != queue->few)
        mem_free(queue->frames);
    queue_init(queue);
}

/* ---- gathering ---- */

void gathered_forget(gathered_t *gathered)
{
    body_t **frames = (body_t **)(void *)gathered->frames.data;
    for (size_t i = 0; i < gathered->frames.len / sizeof *frames; i++)
        body_unref(&frames[i]);
    buf_reset(&gathered->frames);
    buf_reset(&gathered->bytes);
}

void gathered_free(gathered_t *gathered)
{
    gathered_forget(gathered);
    buf_free(&gathered->frames);
    buf_free(&gathered->bytes);
}

/* Whether all that is queued was gathered last.  As it is referred to, nothing else can have come
 * to lie where it was. */
static bool s_is_gathered(const queue_t *queue, const gathered_t *gathered)
{
    slice_t frames = slice_new(queue->frames + queue->first, queue->count * sizeof(body_t *));
    return slice_eq(frames, buf_slice(&gathered->frames));
}

/* How many frames fit, but at least one. */
static uint32_t s_fitting(const queue_t *queue, size_t max)
{
    body_t *const *frames = queue->frames + queue->first;
    size_t total = body_slice(frames[0]).len;
    uint32_t count = 1;
    while (count < queue->count && total + body_slice(frames[count]).len <= max)
        total += body_slice(frames[count++]).len;
    return count;
}

slice_t queue_gather(const queue_t *queue, size_t max, gathered_t *gathered, uint32_t *ret_count)
{
    body_t *const *frames = queue->frames + queue->first;
    *ret_count = queue->count;
    if (s_is_gathered(queue, gathered) && gathered->bytes.len <= max)
        return buf_slice(&gathered->bytes);
    *ret_count = s_fitting(queue, max);
    if (*ret_count == 1)
        return queue_first(queue);
    gathered_forget(gathered);
    for (uint32_t i = 0; i < *ret_count; i++) {
        body_t *frame = body_ref(frames[i]);
        buf_append(&gathered->frames, slice_new(&frame, sizeof frame));
        buf_append(&gathered->bytes, body_slice(frame));
    }
    return buf_slice(&gathered->bytes);
}
