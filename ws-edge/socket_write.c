/* socket_write.c - the one place that writes to WebSockets and event streams.
 *
 * socket_send queues a reference; at the end of the turn all that is queued
 * for a connection leaves in one lws_write of LWS_WRITE_RAW: frames are made once, with
 * their RFC 6455 header, and sent as they are; a single one is not even copied.  A send
 * costs some microseconds whatever it carries, so sends are the limit, and this makes
 * one of many.  While libwebsockets holds an unsent rest we write nothing: it calls back
 * when that is gone.  Its manual wants one lws_write for each WRITEABLE callback instead;
 * the option `official_writes` does that, behind the same socket_send.
 *
 * The close frame is one of ours too.  The manual's way, lws_close_reason and a nonzero
 * return, loses it on Debian: that build is a _DEBUG one, which with libuv closes every
 * connection twice, and the second time kills it before the frame is out. */
#include "ws-edge/socket_parts.h"

#include <string.h>
#include <sys/socket.h>

enum { GATHER_MAX = 128 * 1024 }; /* bytes in one write: what a stalled reader can cost us twice */

/* ---- writing ---- */

void socket_lose(socket_t *socket)
{
    socket->lossy = socket->lossy || socket->queue.count > 0;
    queue_drop(&socket->queue, socket->queue.count);
}

/* Whoever is cut off reads nothing, or too little: without the reset the kernel would keep what it
 * has for it, more than we ever queued, for minutes after the connection is closed. */
void socket_cut_off(socket_t *socket)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int fd = lws_get_socket_fd(socket->wsi);
    socket_lose(socket);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    shutdown(fd, SHUT_RDWR);
}

static bool s_write(socket_t *socket, const uint8_t *bytes, size_t len, enum lws_write_protocol as)
{
    /* lws_write does not change what it writes RAW, whatever its type says */
    if (lws_write(socket->wsi, (uint8_t *)(uintptr_t)bytes, len, as) >= 0)
        return true;
    socket_cut_off(socket);
    return false;
}

/* Write what is queued, until the kernel has enough. */
static void s_write_queue(socket_t *socket)
{
    while (socket->queue.count > 0 && !lws_partial_buffered(socket->wsi)) {
        uint32_t count;
        slice_t bytes =
            queue_gather(&socket->queue, GATHER_MAX, &socket->sockets->gathered, &count);
        if (!s_write(socket, bytes.ptr, bytes.len, LWS_WRITE_RAW))
            return;
        queue_drop(&socket->queue, count);
    }
}

static bool s_write_framed(socket_t *socket, slice_t payload, enum lws_write_protocol as)
{
    buf_t *framed = &socket->sockets->framed;

    buf_reset(framed);
    buf_reserve(framed, LWS_PRE + payload.len);
    framed->len = LWS_PRE;
    buf_append(framed, payload);
    return s_write(socket, framed->data + LWS_PRE, payload.len, as);
}

/* The way of the manual: one frame for one WRITEABLE callback, framed by lws_write. */
void socket_write_officially(socket_t *socket)
{
    slice_t frame = queue_first(&socket->queue);
    unsigned kind = socket->stream ? FRAME_STREAM : frame.ptr[0] & 0x0f;
    bool written;

    if (kind == FRAME_TEXT)
        written = s_write_framed(socket, frame_payload(frame), LWS_WRITE_TEXT);
    else if (kind == FRAME_BINARY)
        written = s_write_framed(socket, frame_payload(frame), LWS_WRITE_BINARY);
    else if (kind == FRAME_PING)
        written = s_write_framed(socket, frame_payload(frame), LWS_WRITE_PING);
    else /* streams have no frames, and its own kind for close frames is not public */
        written = s_write(socket, frame.ptr, frame.len, LWS_WRITE_RAW);
    if (written)
        queue_drop(&socket->queue, 1);
}

/* A stream that is through with its last event: the client sees the end, and closes. */
static bool s_is_through(const socket_t *socket)
{
    return socket->stream && socket->state == SOCKET_CLOSING && socket->queue.count == 0;
}

bool socket_flush(socket_t *socket)
{
    bool direct = !socket->sockets->options.official_writes;
    bool ready = direct && socket->queue.count > 0 && !lws_partial_buffered(socket->wsi);

    if (ready)
        s_write_queue(socket);
    bool through = s_is_through(socket);
    if (through && !lws_partial_buffered(socket->wsi)) {
        shutdown(lws_get_socket_fd(socket->wsi), SHUT_WR);
    } else if ((through || socket->queue.count > 0) && !socket->waiting) {
        socket->waiting = true;
        lws_callback_on_writable(socket->wsi);
    }
    return ready;
}

void socket_clean(socket_t *socket)
{
    if (!socket->dirty)
        return;
    socket->dirty = false;
    TAILQ_REMOVE(&socket->sockets->dirty, socket, in_dirty);
}

void socket_mark_dirty(socket_t *socket)
{
    if (socket->dirty || socket->waiting)
        return;
    socket->dirty = true;
    TAILQ_INSERT_TAIL(&socket->sockets->dirty, socket, in_dirty);
    loop_again(socket->sockets->loop);
}

bool sockets_flush(sockets_t *sockets)
{
    unsigned left = sockets->options.sends_per_turn;
    socket_t *socket;

    sockets->now_us = loop_now_us(sockets->loop);
    while (left > 0 && (socket = TAILQ_FIRST(&sockets->dirty)) != NULL) {
        socket_clean(socket);
        if (socket_flush(socket))
            left--;
    }
    gathered_forget(&sockets->gathered);
    return TAILQ_EMPTY(&sockets->dirty);
}

/* ---- what the house may ask of a socket ---- */

void socket_start_closing(socket_t *socket, int code)
{
    sockets_t *sockets = socket->sockets;

    socket_end_pause(socket); /* the peer's close frame is waited for */
    socket->state = SOCKET_CLOSING;
    socket->close_code = (uint16_t)code;
    socket->due_us = loop_now_us(sockets->loop) + sockets->options.close_ms * UINT64_C(1000);
    TAILQ_REMOVE(&sockets->open, socket, in_time);
    TAILQ_INSERT_TAIL(&sockets->closing, socket, in_time);
}

/* Something comes into the queue, or would if it were not too late. */
static void s_fill(socket_t *socket)
{
    if (socket->queue.count == 0 && !socket->lossy)
        socket->filled_us = socket->sockets->now_us;
}

void socket_close(socket_t *socket, int code, const char *reason)
{
    if (socket->state != SOCKET_OPEN)
        return;
    body_t *frame =
        socket->stream ? frame_new_farewell(code, reason) : frame_new_close(code, reason);
    s_fill(socket);
    queue_push(&socket->queue, frame);
    body_unref(&frame);
    socket_start_closing(socket, code);
    socket_mark_dirty(socket);
}

/* A burst within one turn is not a slow reader yet: what is queued gets a chance to
 * leave before the limit counts. */
static bool s_has_room(socket_t *socket, size_t more)
{
    size_t max = socket->sockets->options.queue_bytes_max;

    if (socket->queue.bytes + more > max && socket->queue.bytes > 0 && socket_flush(socket))
        socket_clean(socket);
    return socket->queue.bytes == 0 || socket->queue.bytes + more <= max;
}

void socket_send(socket_t *socket, body_t *frame)
{
    if (socket->state != SOCKET_OPEN) {
        s_fill(socket);
        socket->lossy = true;
        return;
    }
    if (!s_has_room(socket, body_slice(frame).len)) {
        socket_lose(socket);
        socket_close(socket, err_info(ERR_UNAVAILABLE)->close_code, "too slow");
        socket->sockets->slow++;
        return;
    }
    s_fill(socket);
    queue_push(&socket->queue, frame);
    socket_mark_dirty(socket);
}

size_t socket_queued(const socket_t *socket)
{
    return socket->queue.bytes;
}

uint64_t socket_waits_us(const socket_t *socket)
{
    return socket->queue.count > 0 || socket->lossy ? socket->filled_us : 0;
}
