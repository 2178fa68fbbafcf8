/* socket.c - libwebsockets' door: WebSocket connections, and the one place that writes.
 *
 * libwebsockets does the handshake, reads frames, answers pings and keeps what the
 * kernel would not take.  It gets a connection with a head that we wrote ourselves
 * (s_canonical_head), so that only checked bytes reach its HTTP parser.
 *
 * Writing.  socket_send queues a reference; at the end of the turn all that is queued
 * for a connection leaves in one lws_write of LWS_WRITE_RAW: frames are made once, with
 * their RFC 6455 header, and sent as they are; a single one is not even copied.  A send
 * costs some microseconds whatever it carries, so sends are the limit, and this makes
 * one of many.  While libwebsockets holds an unsent rest we write nothing: it calls back
 * when that is gone.  Its manual wants one lws_write for each WRITEABLE callback instead;
 * the option `official_writes` does that, behind the same socket_send.
 *
 *     OPEN ── socket_close: the close frame is the last one queued ──► CLOSING
 *       │ peer's close frame: libwebsockets answers it                    │ answered,
 *       └───────────────────────────────► CLOSED ◄────────────────────────┘ or deadline
 *
 * The close frame is one of ours too.  The manual's way, lws_close_reason and a nonzero
 * return, loses it on Debian: that build is a _DEBUG one, which with libuv closes every
 * connection twice, and the second time kills it before the frame is out.
 *
 * Invariants: a socket is in `open` (ordered by its next look) or in `closing` (ordered
 * by its deadline); it is in `dirty` only with frames queued and nothing to wait for;
 * nothing is queued in CLOSING that was not before.  on_closed is called once, from
 * libwebsockets' own callback, never inside socket_send or socket_close.
 *
 * Its timers are not armed when they are set from a foreign callback, so deadlines are
 * ours: an expired connection is shut down below libwebsockets, which then sees its end.
 * Its log is off: it reports as errors what strangers do all day. */
#include "ws-edge/socket.h"

#include <assert.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <libwebsockets.h>

#include "schema/text.h"
#include "ws-edge/socket_queue.h"

enum {
    GATHER_MAX = 128 * 1024,     /* bytes in one write: what a stalled reader can cost us twice */
    RX_BUFFER_SIZE = 1024,       /* bytes; most of what an idle connection costs in user space */
    READ_SIZE = 32 * 1024,       /* bytes read at once, for all connections */
    TX_PACKET_MAX = 1024 * 1024, /* beyond it libwebsockets would copy the rest to the heap */
    DESTROY_TURNS = 8,
    LOOKS_PER_PING = 5, /* so silence is noticed to a fifth of ping_ms */
    CLOSE_NO_STATUS = 1005,
};

typedef enum socket_state { SOCKET_OPEN, SOCKET_CLOSING, SOCKET_CLOSED } socket_state_t;

struct socket {
    TAILQ_ENTRY(socket) in_time; /* in `open` or in `closing` */
    TAILQ_ENTRY(socket) in_dirty;
    sockets_t *sockets;
    struct lws *wsi;
    void *user;
    peer_t *peer;
    queue_t queue;
    buf_t message;   /* fragments so far */
    uint64_t due_us; /* next look, or the end of the closing */
    uint64_t heard_us;
    uint16_t close_code;
    socket_state_t state;
    bool dirty;
    bool waiting; /* for WRITEABLE, which was asked for */
    bool pinged;  /* and nothing heard since */
    bool text;    /* of the message under way */
};

TAILQ_HEAD(socket_list, socket);

struct sockets {
    loop_t *loop;
    server_options_t options;
    server_events_t events;
    peers_t *peers;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct socket_list open;
    struct socket_list closing;
    struct socket_list dirty;
    size_t count;
    uint64_t now_us; /* as of the last tick: precise enough for silence */
    body_t *ping;
    buf_t scratch;              /* gathered output */
    const handover_t *adopting; /* while libwebsockets does its handshake */
    bool adopted;
};

/* ---- writing ---- */

/* A connection that cannot be written to ends; libwebsockets notices by itself. */
static void s_cut_off(socket_t *socket)
{
    queue_drop(&socket->queue, socket->queue.count);
    shutdown(lws_get_socket_fd(socket->wsi), SHUT_RDWR);
}

static bool s_write(socket_t *socket, const uint8_t *bytes, size_t len, enum lws_write_protocol as)
{
    /* lws_write does not change what it writes RAW, whatever its type says */
    if (lws_write(socket->wsi, (uint8_t *)(uintptr_t)bytes, len, as) >= 0)
        return true;
    s_cut_off(socket);
    return false;
}

/* Write what is queued, until the kernel has enough. */
static void s_write_queue(socket_t *socket)
{
    while (socket->queue.count > 0 && !lws_partial_buffered(socket->wsi)) {
        uint32_t count;
        slice_t bytes = queue_gather(&socket->queue, GATHER_MAX, &socket->sockets->scratch, &count);
        if (!s_write(socket, bytes.ptr, bytes.len, LWS_WRITE_RAW))
            return;
        queue_drop(&socket->queue, count);
    }
}

static bool s_write_framed(socket_t *socket, slice_t payload, enum lws_write_protocol as)
{
    buf_t *scratch = &socket->sockets->scratch;

    buf_reset(scratch);
    buf_reserve(scratch, LWS_PRE + payload.len);
    scratch->len = LWS_PRE;
    buf_append(scratch, payload);
    return s_write(socket, scratch->data + LWS_PRE, payload.len, as);
}

/* The way of the manual: one frame for one WRITEABLE callback, framed by lws_write. */
static void s_write_officially(socket_t *socket)
{
    slice_t frame = queue_first(&socket->queue);
    unsigned kind = frame.ptr[0] & 0x0f;
    bool written;

    if (kind == FRAME_TEXT)
        written = s_write_framed(socket, frame_payload(frame), LWS_WRITE_TEXT);
    else if (kind == FRAME_BINARY)
        written = s_write_framed(socket, frame_payload(frame), LWS_WRITE_BINARY);
    else if (kind == FRAME_PING)
        written = s_write_framed(socket, frame_payload(frame), LWS_WRITE_PING);
    else /* its own kind for close frames is not public */
        written = s_write(socket, frame.ptr, frame.len, LWS_WRITE_RAW);
    if (written)
        queue_drop(&socket->queue, 1);
}

/* True if a write was made. */
static bool s_flush(socket_t *socket)
{
    bool direct = !socket->sockets->options.official_writes;
    bool ready = direct && socket->queue.count > 0 && !lws_partial_buffered(socket->wsi);

    if (ready)
        s_write_queue(socket);
    if (socket->queue.count > 0 && !socket->waiting) {
        socket->waiting = true;
        lws_callback_on_writable(socket->wsi);
    }
    return ready;
}

static void s_clean(socket_t *socket)
{
    if (!socket->dirty)
        return;
    socket->dirty = false;
    TAILQ_REMOVE(&socket->sockets->dirty, socket, in_dirty);
}

static void s_mark_dirty(socket_t *socket)
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

    while (left > 0 && (socket = TAILQ_FIRST(&sockets->dirty)) != NULL) {
        s_clean(socket);
        if (s_flush(socket))
            left--;
    }
    return TAILQ_EMPTY(&sockets->dirty);
}

/* ---- what the house may ask of a socket ---- */

/* From here on nothing is queued, and the peer has `close_ms` for its part. */
static void s_start_closing(socket_t *socket, int code)
{
    sockets_t *sockets = socket->sockets;

    socket->state = SOCKET_CLOSING;
    socket->close_code = (uint16_t)code;
    socket->due_us = loop_now_us(sockets->loop) + sockets->options.close_ms * UINT64_C(1000);
    TAILQ_REMOVE(&sockets->open, socket, in_time);
    TAILQ_INSERT_TAIL(&sockets->closing, socket, in_time);
}

void socket_close(socket_t *socket, int code, const char *reason)
{
    if (socket->state != SOCKET_OPEN)
        return;
    body_t *frame = frame_new_close(code, reason);
    queue_push(&socket->queue, frame);
    body_unref(&frame);
    s_start_closing(socket, code);
    s_mark_dirty(socket);
}

/* A burst within one turn is not a slow reader yet: what is queued gets a chance to
 * leave before the limit counts. */
static bool s_has_room(socket_t *socket, size_t more)
{
    size_t max = socket->sockets->options.queue_bytes_max;

    if (socket->queue.bytes + more > max && socket->queue.bytes > 0 && s_flush(socket))
        s_clean(socket);
    return socket->queue.bytes == 0 || socket->queue.bytes + more <= max;
}

void socket_send(socket_t *socket, body_t *frame)
{
    if (socket->state != SOCKET_OPEN)
        return;
    if (!s_has_room(socket, body_slice(frame).len)) {
        queue_drop(&socket->queue, socket->queue.count);
        socket_close(socket, err_info(ERR_UNAVAILABLE)->close_code, "too slow");
        return;
    }
    queue_push(&socket->queue, frame);
    s_mark_dirty(socket);
}

size_t socket_queued(const socket_t *socket)
{
    return socket->queue.bytes;
}

/* ---- messages ---- */

static void s_deliver(socket_t *socket, slice_t payload)
{
    const server_events_t *events = &socket->sockets->events;

    if (socket->text && !text_valid(payload))
        socket_close(socket, LWS_CLOSE_STATUS_INVALID_PAYLOAD, "not UTF-8");
    else
        events->on_message(socket->user, socket->text, payload);
}

/* A piece of a message; frames arrive in pieces when they straddle reads, too. */
static void s_receive(socket_t *socket, slice_t piece)
{
    bool first = lws_is_first_fragment(socket->wsi);
    bool final = lws_is_final_fragment(socket->wsi);

    socket->heard_us = socket->sockets->now_us;
    if (socket->state != SOCKET_OPEN)
        return;
    if (first)
        socket->text = !lws_frame_is_binary(socket->wsi);
    if (socket->message.len + piece.len > socket->sockets->options.message_bytes_max) {
        buf_free(&socket->message);
        socket_close(socket, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
    } else if (final && socket->message.len == 0) {
        s_deliver(socket, piece);
    } else {
        buf_append(&socket->message, piece);
        if (!final)
            return;
        buf_t message = socket->message;
        socket->message = (buf_t){0};
        s_deliver(socket, buf_slice(&message));
        buf_free(&message);
    }
}

/* ---- the life of a connection ---- */

static void s_start(socket_t *socket, struct lws *wsi)
{
    sockets_t *sockets = lws_context_user(lws_get_context(wsi));
    const handover_t *handover = sockets->adopting;

    socket->sockets = sockets;
    socket->wsi = wsi;
    socket->user = handover->user;
    socket->peer = handover->peer;
    queue_init(&socket->queue);
    socket->heard_us = sockets->now_us;
    socket->due_us = socket->heard_us + sockets->options.ping_ms * UINT64_C(1000) / LOOKS_PER_PING;
    TAILQ_INSERT_TAIL(&sockets->open, socket, in_time);
    sockets->count++;
    sockets->adopted = true;
    sockets->events.on_opened(socket->user, socket);
}

static void s_end(socket_t *socket)
{
    sockets_t *sockets = socket->sockets;
    bool open = socket->state == SOCKET_OPEN;
    int code = open ? CLOSED_ABNORMALLY : socket->close_code;

    TAILQ_REMOVE(open ? &sockets->open : &sockets->closing, socket, in_time);
    s_clean(socket);
    queue_drop(&socket->queue, socket->queue.count);
    buf_free(&socket->message);
    socket->state = SOCKET_CLOSED;
    sockets->count--;
    peers_leave(sockets->peers, &socket->peer);
    sockets->events.on_closed(socket->user, code);
}

/* Zero lets libwebsockets answer; if this is the answer to our own close frame, there is
 * nothing more to say. */
static int s_peer_closes(socket_t *socket, slice_t payload)
{
    bool answer = socket->state == SOCKET_CLOSING && socket->queue.count == 0;
    int code = payload.len >= 2 ? payload.ptr[0] << 8 | payload.ptr[1] : CLOSE_NO_STATUS;

    queue_drop(&socket->queue, socket->queue.count);
    if (socket->state == SOCKET_OPEN)
        s_start_closing(socket, code);
    return answer ? -1 : 0;
}

static void s_writeable(socket_t *socket)
{
    socket->waiting = false;
    if (socket->sockets->options.official_writes && socket->queue.count > 0)
        s_write_officially(socket);
    s_clean(socket);
    s_flush(socket);
}

static int s_add_headers(struct lws *wsi, struct lws_process_html_args *args)
{
    sockets_t *sockets = lws_context_user(lws_get_context(wsi));
    const char *name = sockets->adopting->subprotocol;
    unsigned char *end = (unsigned char *)args->p + args->max_len;

    if (name == NULL)
        return 0;
    return lws_add_http_header_by_name(
        wsi, (const unsigned char *)"sec-websocket-protocol:", (const unsigned char *)name,
        (int)strlen(name), (unsigned char **)&args->p, end);
}

static int s_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len)
{
    socket_t *socket = user;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum" /* about a hundred reasons do not concern us */
    switch (reason) {
    case LWS_CALLBACK_ADD_HEADERS:
        return s_add_headers(wsi, in);
    case LWS_CALLBACK_ESTABLISHED:
        s_start(socket, wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        s_receive(socket, slice_new(in, len));
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        socket->heard_us = socket->sockets->now_us;
        if (socket->sockets->events.on_pong != NULL)
            socket->sockets->events.on_pong(socket->user);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        s_writeable(socket);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return s_peer_closes(socket, slice_new(in, len));
    case LWS_CALLBACK_CLOSED:
        if (socket->sockets != NULL) /* the client may have gone before the handshake's end */
            s_end(socket);
        return 0;
    default:
        return 0;
    }
#pragma GCC diagnostic pop
}

/* ---- adoption ---- */

/* The accepted request as libwebsockets shall see it. */
static void s_canonical_head(const handover_t *handover, buf_t *head)
{
    buf_printf(head,
               "GET / HTTP/1.1\r\nHost: kith\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %.*s\r\n\r\n",
               SLICE_ARG(handover->key));
    buf_append(head, handover->early);
}

void sockets_adopt(sockets_t *sockets, const handover_t *handover)
{
    buf_t head = {0};

    s_canonical_head(handover, &head);
    sockets->adopting = handover;
    sockets->adopted = false;
    lws_adopt_socket_vhost_readbuf(sockets->vhost, handover->fd, (const char *)head.data, head.len);
    sockets->adopting = NULL;
    buf_free(&head);
    if (sockets->adopted)
        return;
    peer_t *peer = handover->peer; /* the client went away meanwhile */
    peers_leave(sockets->peers, &peer);
    sockets->events.on_closed(handover->user, CLOSED_ABNORMALLY);
}

/* ---- the set ---- */

/* No `secs_since_valid_*`: its timers are a sorted list, O(n) each; we ping ourselves. */
static const lws_retry_bo_t s_no_pings = {.secs_since_valid_ping = 0, .secs_since_valid_hangup = 0};

static const struct lws_protocols s_protocols[] = {
    {
        .name = "", /* so that no subprotocol is announced but the one that we add */
        .callback = s_callback,
        .per_session_data_size = sizeof(socket_t),
        .rx_buffer_size = RX_BUFFER_SIZE,
        .tx_packet_size = TX_PACKET_MAX,
    },
    {0},
};

static bool s_context_start(sockets_t *sockets)
{
    void *loops[] = {loop_foreign(sockets->loop)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = s_protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = sockets,
        .pcontext = &sockets->context, /* NULL once it has gone */
        .pt_serv_buf_size = READ_SIZE,
        .retry_and_idle_policy = &s_no_pings,
        .alpn = "http/1.1",
    };

    lws_set_log_level(0, NULL);
    sockets->context = lws_create_context(&info);
    if (sockets->context == NULL)
        return false;
    sockets->vhost = lws_create_vhost(sockets->context, &info);
    return sockets->vhost != NULL;
}

sockets_t *sockets_new(loop_t *loop, const server_options_t *options, const server_events_t *events,
                       peers_t *peers)
{
    sockets_t *sockets = mem_new(sockets_t);

    sockets->loop = loop;
    sockets->options = *options;
    sockets->events = *events;
    sockets->peers = peers;
    sockets->now_us = loop_now_us(loop);
    sockets->ping = frame_new(FRAME_PING, SLICE_LIT("k")); /* an empty pong is not reported */
    TAILQ_INIT(&sockets->open);
    TAILQ_INIT(&sockets->closing);
    TAILQ_INIT(&sockets->dirty);
    if (!s_context_start(sockets))
        sockets_destroy(&sockets);
    return sockets;
}

/* In two steps: the first closes connections and handles, whose ends come in turns of the
 * loop; the second frees the context and unloads the code that those ends would call. */
static void s_context_end(sockets_t *sockets)
{
    if (sockets->context != NULL)
        lws_context_destroy(sockets->context);
    for (int i = 0; i < DESTROY_TURNS; i++)
        loop_poll(sockets->loop);
    if (sockets->context != NULL)
        lws_context_destroy(sockets->context);
}

void sockets_destroy(sockets_t **sockets_p)
{
    sockets_t *sockets = *sockets_p;
    if (sockets == NULL)
        return;
    s_context_end(sockets);
    assert(sockets->count == 0);
    body_unref(&sockets->ping);
    buf_free(&sockets->scratch);
    mem_free(sockets);
    *sockets_p = NULL;
}

/* Ping who is silent, close who stays so. */
static void s_look(socket_t *socket)
{
    sockets_t *sockets = socket->sockets;
    uint64_t silent_us = sockets->now_us - socket->heard_us;

    TAILQ_REMOVE(&sockets->open, socket, in_time);
    socket->due_us = sockets->now_us + sockets->options.ping_ms * UINT64_C(1000) / LOOKS_PER_PING;
    TAILQ_INSERT_TAIL(&sockets->open, socket, in_time);
    if (silent_us < sockets->options.ping_ms * UINT64_C(1000))
        socket->pinged = false;
    else if (silent_us >= sockets->options.silent_ms * UINT64_C(1000))
        socket_close(socket, LWS_CLOSE_STATUS_POLICY_VIOLATION, "silent");
    else if (!socket->pinged) {
        socket->pinged = true;
        socket_send(socket, sockets->ping);
    }
}

void sockets_tick(sockets_t *sockets)
{
    socket_t *socket;

    sockets->now_us = loop_now_us(sockets->loop);
    while ((socket = TAILQ_FIRST(&sockets->open)) != NULL && socket->due_us <= sockets->now_us)
        s_look(socket);
    while ((socket = TAILQ_FIRST(&sockets->closing)) != NULL && socket->due_us <= sockets->now_us) {
        s_cut_off(socket);
        socket->due_us = sockets->now_us + sockets->options.close_ms * UINT64_C(1000);
        TAILQ_REMOVE(&sockets->closing, socket, in_time);
        TAILQ_INSERT_TAIL(&sockets->closing, socket, in_time);
    }
}

void sockets_drain(sockets_t *sockets)
{
    socket_t *socket;
    while ((socket = TAILQ_FIRST(&sockets->open)) != NULL)
        socket_close(socket, 1012, "server restarts");
}

size_t sockets_count(const sockets_t *sockets)
{
    return sockets->count;
}
