/* socket.c - libwebsockets' door: WebSocket connections, and event streams beside them.
 *
 * libwebsockets does the handshake, reads frames, answers pings and keeps what the
 * kernel would not take.  It gets a connection with a head that we wrote ourselves
 * (s_canonical_head), so that only checked bytes reach its HTTP parser.
 *
 *     OPEN ── socket_close: the close frame is the last one queued ──► CLOSING
 *       │ peer's close frame: libwebsockets answers it                    │ answered,
 *       └───────────────────────────────► CLOSED ◄────────────────────────┘ or deadline
 *
 * An event stream takes the same way, adopted as a raw socket: its head is the first
 * frame, and its close frame an event behind which we stop sending.  Its client says
 * nothing, so silence means nothing; that it is gone the kernel finds out by itself, as
 * heartbeats find no taker.
 *
 * Invariants: a socket is in `open` (ordered by its next look) or in `closing` (ordered
 * by its deadline); it is in `dirty` only with frames queued and nothing to wait for, and in
 * `awaited` while a message of it is under way;
 * nothing is queued in CLOSING that was not before.  on_closed is called once, from
 * libwebsockets' own callback, never inside socket_send or socket_close.
 *
 * Its timers are not armed when they are set from a foreign callback, so deadlines are
 * ours: an expired connection is shut down below libwebsockets, which then sees its end.
 * Its log is off: it reports as errors what strangers do all day. */
#include "ws-edge/socket_parts.h"

#include <assert.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum {
    READ_SIZE = 32 * 1024,       /* bytes read at once, for all connections */
    TX_PACKET_MAX = 1024 * 1024, /* beyond it libwebsockets would copy the rest to the heap */
    DESTROY_TURNS = 8,
    LOOKS_PER_PING = 5, /* so silence is noticed to a fifth of ping_ms */
    CLOSE_NO_STATUS = 1005,
};

/* ---- the life of a connection ---- */

/* What the kernel gets and nobody takes ends the connection, as silence ends a WebSocket. */
static void s_start_stream(socket_t *socket, slice_t head)
{
    unsigned untaken_ms = socket->sockets->options.silent_ms;
    body_t *frame = frame_new(FRAME_STREAM, head);

    socket->stream = true;
    (void)setsockopt(lws_get_socket_fd(socket->wsi), IPPROTO_TCP, TCP_USER_TIMEOUT, &untaken_ms,
                     sizeof untaken_ms); /* of a Unix socket there is none */
    queue_push(&socket->queue, frame);
    body_unref(&frame);
    socket_mark_dirty(socket);
}

static void s_start(socket_t *socket, struct lws *wsi)
{
    sockets_t *sockets = lws_context_user(lws_get_context(wsi));
    const handover_t *handover = sockets->adopting;

    socket->sockets = sockets;
    socket->wsi = wsi;
    socket->user = handover->user;
    socket->peer = handover->peer;
    socket->message_max = handover->message_bytes_max > 0 ? handover->message_bytes_max
                                                          : sockets->options.message_bytes_max;
    queue_init(&socket->queue);
    socket->heard_us = sockets->now_us;
    socket->due_us = socket->heard_us + sockets->options.ping_ms * UINT64_C(1000) / LOOKS_PER_PING;
    TAILQ_INSERT_TAIL(&sockets->open, socket, in_time);
    sockets->count++;
    sockets->adopted = true;
    if (handover->head.len > 0)
        s_start_stream(socket, handover->head);
    sockets->events.on_opened(socket->user, socket);
}

static void s_end(socket_t *socket)
{
    sockets_t *sockets = socket->sockets;
    bool open = socket->state == SOCKET_OPEN;
    int code = open ? CLOSED_ABNORMALLY : socket->close_code;

    TAILQ_REMOVE(open ? &sockets->open : &sockets->closing, socket, in_time);
    socket_clean(socket);
    socket_lose(socket);
    socket_drop_pause(socket);
    socket_stop_talking(socket);
    socket_drop_message(socket);
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

    socket_lose(socket);
    if (socket->state == SOCKET_OPEN)
        socket_start_closing(socket, code);
    return answer ? -1 : 0;
}

static void s_writeable(socket_t *socket)
{
    socket->waiting = false;
    if (socket->sockets->options.official_writes && socket->queue.count > 0)
        socket_write_officially(socket);
    socket_clean(socket);
    socket_flush(socket);
}

static int s_add_header(struct lws *wsi, struct lws_process_html_args *args, const char *name,
                        slice_t value)
{
    unsigned char *end = (unsigned char *)args->p + args->max_len;
    if (value.len == 0)
        return 0;
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name, value.ptr, (int)value.len,
                                       (unsigned char **)&args->p, end);
}

static int s_add_headers(struct lws *wsi, struct lws_process_html_args *args)
{
    sockets_t *sockets = lws_context_user(lws_get_context(wsi));
    const handover_t *handover = sockets->adopting;
    return s_add_header(wsi, args, "sec-websocket-protocol:", slice_of(handover->subprotocol)) ||
           s_add_header(wsi, args, "set-cookie:", handover->cookie);
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
    case LWS_CALLBACK_RAW_ADOPT:
        s_start(socket, wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        socket_receive(socket, slice_new(in, len));
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        socket->heard_us = socket->sockets->now_us;
        if (socket->sockets->events.on_pong != NULL)
            socket->sockets->events.on_pong(socket->user);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_RAW_WRITEABLE:
        s_writeable(socket);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return s_peer_closes(socket, slice_new(in, len));
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_RAW_CLOSE:
        if (socket->sockets != NULL) /* the client may have gone before the handshake's end */
            s_end(socket);
        return 0;
    default:
        return 0;
    }
#pragma GCC diagnostic pop
}

/* ---- adoption ---- */

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

/* The accepted request as libwebsockets shall see it. */
static void s_canonical_head(const handover_t *handover, buf_t *head)
{
    buf_printf(head,
               "GET / HTTP/1.1\r\nHost: kith\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %.*s\r\n\r\n",
               SLICE_ARG(handover->key));
    buf_append(head, handover->early);
}

static void s_adopt_socket(sockets_t *sockets, const handover_t *handover)
{
    buf_t head = {0};

    s_canonical_head(handover, &head);
    lws_adopt_socket_vhost_readbuf(sockets->vhost, handover->fd, (const char *)head.data, head.len);
    buf_free(&head);
}

static void s_adopt_stream(sockets_t *sockets, const handover_t *handover)
{
    lws_sock_file_fd_type fd = {.sockfd = handover->fd};
    lws_adopt_descriptor_vhost(sockets->vhost, LWS_ADOPT_SOCKET, fd, s_protocols[0].name, NULL);
}

void sockets_adopt(sockets_t *sockets, const handover_t *handover)
{
    sockets->adopting = handover;
    sockets->adopted = false;
    if (handover->head.len > 0)
        s_adopt_stream(sockets, handover);
    else
        s_adopt_socket(sockets, handover);
    sockets->adopting = NULL;
    if (sockets->adopted)
        return;
    peer_t *peer = handover->peer; /* the client went away meanwhile */
    peers_leave(sockets->peers, &peer);
    sockets->events.on_closed(handover->user, CLOSED_ABNORMALLY);
}

/* ---- the set ---- */

/* No `secs_since_valid_*`: its timers are a sorted list, O(n) each; we ping ourselves. */
static const lws_retry_bo_t s_no_pings = {.secs_since_valid_ping = 0, .secs_since_valid_hangup = 0};

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
    sockets->beat = frame_new(FRAME_STREAM, SLICE_LIT(":\n\n"));
    sockets->ping = frame_new(FRAME_PING, SLICE_LIT("k")); /* an empty pong is not reported */
    TAILQ_INIT(&sockets->open);
    TAILQ_INIT(&sockets->closing);
    TAILQ_INIT(&sockets->dirty);
    TAILQ_INIT(&sockets->awaited);
    TAILQ_INIT(&sockets->paused);
    TAILQ_INIT(&sockets->talking);
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
    body_unref(&sockets->beat);
    gathered_free(&sockets->gathered);
    buf_free(&sockets->framed);
    mem_free(sockets);
    *sockets_p = NULL;
}

/* `heard_us` of a stream is when its heart beat last. */
static void s_beat(socket_t *socket)
{
    sockets_t *sockets = socket->sockets;
    if (sockets->now_us - socket->heard_us < sockets->options.beat_ms * UINT64_C(1000))
        return;
    socket->heard_us = sockets->now_us;
    socket_send(socket, sockets->beat);
}

/* Ping who is silent, close who stays so. */
static void s_look(socket_t *socket)
{
    sockets_t *sockets = socket->sockets;
    uint64_t silent_us = sockets->now_us - socket->heard_us;

    TAILQ_REMOVE(&sockets->open, socket, in_time);
    socket->due_us = sockets->now_us + sockets->options.ping_ms * UINT64_C(1000) / LOOKS_PER_PING;
    TAILQ_INSERT_TAIL(&sockets->open, socket, in_time);
    if (socket->stream)
        s_beat(socket);
    else if (silent_us < sockets->options.ping_ms * UINT64_C(1000))
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
    sockets_end_slow_messages(sockets);
    sockets_end_pauses(sockets);
    while ((socket = TAILQ_FIRST(&sockets->open)) != NULL && socket->due_us <= sockets->now_us)
        s_look(socket);
    while ((socket = TAILQ_FIRST(&sockets->closing)) != NULL && socket->due_us <= sockets->now_us) {
        socket_cut_off(socket);
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

uint64_t sockets_slow(const sockets_t *sockets)
{
    return sockets->slow;
}
