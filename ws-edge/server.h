/* server.h - the edge's door to the network: HTTP/1.1 and WebSocket on one page.
 *
 * What happens, in the order in which it happens (all on the loop's thread):
 *
 *   a request arrives ──► on_request(ctx, request, exchange)
 *        answer with exchange_reply(), now or later: an exchange whose
 *        connection has gone swallows its reply, so no one has to keep track.
 *        Bodies come whole; but where on_head has said WAY_PIECES only the head has
 *        come, and exchange_read() asks for the next piece of the body.  A reply
 *        that is longer than one piece goes out by exchange_write() in the same way.
 *
 *   an upgrade arrives, or a request that on_head calls WAY_STREAM
 *     ──► on_upgrade(ctx, request, &upgrade)
 *        true: upgrade.user is the connection from now on; exactly one
 *              on_closed(user) follows, whatever happens;
 *        false: upgrade.refusal is sent, and HTTP goes on.
 *     accepted ──► on_opened(user, socket)     the handshake is done: send away
 *              ──► on_message(user, text, payload)      one complete message
 *              ──► on_pong(user)                        an answer to our ping
 *              ──► on_closed(user, code)       `socket` is dead after this
 *
 *   socket_send(socket, frame) queues one reference of a frame made by frame_new();
 *   what is queued for a connection in a turn leaves in one write at the end of the
 *   turn.  Past the limit the connection is closed with 1013: the reader is too slow.
 *   socket_close(socket, code, reason) sends what is queued before it closes.
 *   Both may be called at any time between on_opened and on_closed, also inside
 *   callbacks; no callback ever runs inside them.
 *
 *   a plain TCP client has said its first word (line.h)
 *     ──► on_line(ctx, address, hail, line)     the connection from now on, or NULL
 *     ──► on_closed(user, code)                 `line` is dead after this
 *
 * An event stream (text/event-stream) is a connection like a WebSocket whose client says
 * nothing: it gets frames of the kind FRAME_STREAM, comments for a heartbeat, and for a
 * close frame the event `close`; a client that came back has to say so by itself.
 *
 * Refusals that need no handler (malformed, too large, too late) are rendered by
 * on_error(ctx, err, request, headers, body), so that they look like all others.
 *
 * A server gathers and flushes in a turn hook of its own, registered by server_new:
 * hooks that the caller registers afterwards run after it in each turn.
 *
 * HTTP is parsed here, strictly; libwebsockets sees a connection only once its
 * upgrade is accepted.  See http.c for the reasons. */
#ifndef WS_EDGE_SERVER_H
#define WS_EDGE_SERVER_H

#include "schema/body.h"
#include "schema/buf.h"
#include "schema/err.h"
#include "ws-edge/listen.h"
#include "ws-edge/loop.h"
#include "ws-edge/request.h"
#include "ws-edge/tls.h"
#include "ws-edge/trust.h"

typedef struct server server_t;
typedef struct socket socket_t;
typedef struct line line_t;

/* ---- replies ---- */

/* All slices are borrowed for the call.  A zero reply is 200 without a body. */
typedef struct response {
    int status;           /* 0 means 200 */
    slice_t content_type; /* zero: application/json; not sent without a body */
    slice_t headers;      /* further header lines, each with its CRLF */
    slice_t body;
    size_t size; /* of the whole body where exchange_write sends it; else 0 */
} response_t;

/* Names one request; a plain value, safe to keep and to copy. */
typedef struct exchange {
    uint32_t slot;
    uint32_t turn;
} exchange_t;

/* Answer.  A second reply, or one to a connection that has gone, does nothing. */
void exchange_reply(server_t *server, exchange_t exchange, const response_t *reply);

/* Whether a reply would still find its client. */
bool exchange_alive(const server_t *server, exchange_t exchange);

/* ---- bodies that are too large for memory ---- */

enum { PIECE_SIZE = 64 * 1024 }; /* bytes */

/* A piece of a body, PIECE_SIZE bytes or the rest, borrowed for the call.  The zero slice:
 * the client is gone. */
typedef void (*piece_call_t)(void *ctx, slice_t piece);

/* Have the next piece of the body come to `call`; each within `body_ms`, which sets a
 * least speed.  False: the client is gone, and nothing is called. */
MUST_CHECK bool exchange_read(server_t *server, exchange_t exchange, piece_call_t call, void *ctx);

/* The kernel has taken all that was written; or the client is gone. */
typedef void (*taken_call_t)(void *ctx, bool gone);

/* Send a piece of the body that exchange_reply has announced; `call` comes when there is
 * room for another, or all is sent.  False: the client is gone, and nothing is called. */
MUST_CHECK bool exchange_write(server_t *server, exchange_t exchange, slice_t piece,
                               taken_call_t call, void *ctx);

/* What is left of the announced body does not come: the client sees it cut short. */
void exchange_cut(server_t *server, exchange_t exchange);

/* ---- WebSockets ---- */

typedef enum frame_kind {
    FRAME_STREAM = 0, /* the bytes as they are, for an event stream */
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_PING = 9,
} frame_kind_t;

/* A message as an unmasked RFC 6455 frame, made once for any number of receivers. */
body_t *frame_new(frame_kind_t kind, slice_t payload);

/* Queue `frame`; takes a reference of its own.  Does nothing on a closing socket. */
void socket_send(socket_t *socket, body_t *frame);

/* Close after what is queued; `reason` up to 123 bytes of UTF-8, NULL for none. */
void socket_close(socket_t *socket, int code, const char *reason);

/* Bytes queued and not yet handed to the kernel. */
size_t socket_queued(const socket_t *socket);

/* Since when the oldest of them waits, at the earliest, on the loop's clock; also of what was
 * dropped when it was cut off, or sent too late; 0: nothing does. */
uint64_t socket_waits_us(const socket_t *socket);

/* ---- those who say much ---- */

/* Hear what else has come from those who have said much in this turn: for a turn hook, before what
 * was heard is passed on.  Accepts NULL. */
void server_read_on(server_t *server);

/* ---- those who ask too much ---- */

/* Whoever is being heard, in on_message or on_request, asks for too much: nothing more of it is read
 * for so long, or if it speaks HTTP, and so waits for its reply anyhow, for `pause_ms`.  What is
 * sent to it goes on, and its end is seen.  A proxy's requests are many people's, and are
 * read on.  Elsewhere this does nothing. */
void server_pause(server_t *server, unsigned ms);

/* ---- events ---- */

typedef struct upgrade {
    void *user;               /* the caller's connection, if accepted */
    const char *subprotocol;  /* one that the client offered, or NULL; copied */
    size_t message_bytes_max; /* of its messages; 0: as the server's option has it */
    slice_t cookie;           /* for an accepted WebSocket to set; or zero */
    slice_t headers;          /* of an accepted stream: further header lines, and … */
    response_t refusal;       /* if refused; their slices must outlive on_upgrade */
} upgrade_t;

enum { CLOSED_ABNORMALLY = 1006 }; /* on_closed's code where no close frame came */

/* How a request is taken; WAY_LARGE and WAY_HUGE: whole, with a body of up to
 * large_bytes_max and huge_bytes_max. */
typedef enum way { WAY_WHOLE, WAY_LARGE, WAY_HUGE, WAY_PIECES, WAY_STREAM } way_t;

typedef struct server_events {
    void *ctx;
    /* Of a request whose body has not come yet; NULL: all are WAY_WHOLE. */
    way_t (*on_head)(void *ctx, const request_t *request);
    void (*on_request)(void *ctx, const request_t *request, exchange_t exchange);
    bool (*on_upgrade)(void *ctx, const request_t *request, upgrade_t *ret_upgrade);
    void (*on_opened)(void *user, socket_t *socket);
    void (*on_message)(void *user, bool text, slice_t payload);
    void (*on_pong)(void *user); /* may be NULL */
    void (*on_closed)(void *user, int code);
    /* `address` in words; may be NULL where nobody listens for such connections. */
    void *(*on_line)(void *ctx, slice_t address, slice_t hail, line_t *line);
    /* Append a refusal's header lines and its body, in the type of `response_t`'s default.
     * Of `request` only path and headers count, as far as they were read; it may be NULL. */
    void (*on_error)(void *ctx, err_t err, const request_t *request, buf_t *headers, buf_t *body);
} server_events_t;

/* ---- the server ---- */

/* OPTION(name, default, unit and what happens at it) */
#define SERVER_OPTIONS(OPTION)                                                                \
    OPTION(connections_max, 19000, "all connections; further ones wait in the backlog")       \
    OPTION(connections_per_address_max, 0, "of one address or IPv6 /64; 429; 0 for no limit") \
    OPTION(reuse_port, 0, "1: several servers may listen on one port")                        \
    OPTION(unix_mode, 0660, "mode of a Unix socket's file")                                   \
    OPTION(proxy_ms, 5000, "for a PROXY header, absolute; then cut off")                      \
    OPTION(idle_connections_max, 2000, "HTTP ones between requests; the longest idle closes") \
    OPTION(head_bytes_max, 16384, "request line and headers; 431")                            \
    OPTION(body_bytes_max, 262144, "request body, by Content-Length; 413")                    \
    OPTION(large_bytes_max, 1000000, "the same, of a request that is taken by WAY_LARGE")     \
    OPTION(huge_bytes_max, 8388608, "the same, of WAY_HUGE")                                  \
    OPTION(bodies_bytes_max, 67108864, "of those on their way; the longest at it: 503")       \
    OPTION(huge_bodies_bytes_max, 33554432, "those of them beyond large_bytes_max; 503")      \
    OPTION(replies_bytes_max, 268435456, "replies not taken yet; the slowest is cut off")     \
    OPTION(message_bytes_max, 65536, "WebSocket message, all fragments; close 1009")          \
    OPTION(messages_bytes_max, 67108864, "of those on their way; the longest at it: 1013")    \
    OPTION(message_ms, 30000, "first byte of a message to its last, absolute; 1008")          \
    OPTION(queue_bytes_max, 262144, "output queued for one connection; close 1013")           \
    OPTION(sndbuf_bytes, 131072, "SO_SNDBUF of a connection")                                 \
    OPTION(head_ms, 10000, "first byte to last of the headers, absolute; 408")                \
    OPTION(body_ms, 30000, "headers to the body's last byte, absolute; 408")                  \
    OPTION(body_rate_min, 32768, "bytes a second of a body in pieces, behind body_ms; 408")   \
    OPTION(write_ms, 30000, "for a client to take a reply; then cut off")                     \
    OPTION(hail_ms, 10000, "for the first word of a plain TCP client, absolute; then closed") \
    OPTION(idle_ms, 60000, "keep-alive without a request; then closed")                       \
    OPTION(ping_ms, 25000, "silence after which a WebSocket is pinged")                       \
    OPTION(beat_ms, 15000, "between the heartbeats of an event stream")                       \
    OPTION(silent_ms, 60000, "silence after which a WebSocket is closed")                     \
    OPTION(pause_ms, 100, "for which an HTTP connection that asks for too much is not read")  \
    OPTION(close_ms, 5000, "for a close handshake; then cut off")                             \
    OPTION(sends_per_turn, 500, "WebSocket writes before other work gets its turn")           \
    OPTION(official_writes, 0, "1: one lws_write a frame and WRITEABLE, as its manual wants")

typedef struct server_options {
#define OPTION(name, value, doc) unsigned name;
    SERVER_OPTIONS(OPTION)
#undef OPTION
} server_options_t;

server_options_t server_options_default(void);

typedef struct server_counts {
    size_t connections; /* all */
    size_t sockets;     /* open WebSockets among them */
    size_t exchanges;   /* requests waiting for their reply */
    uint64_t slow;      /* connections closed for reading too slowly, so far */
} server_counts_t;

/* The server registers a tick and a turn hook with `loop`. */
MUST_CHECK err_t server_new(loop_t *loop, const server_options_t *options,
                            const server_events_t *events, server_t **ret_server);

/* The certificate for TLS connections from now on; takes it. */
MUST_CHECK err_t server_secure(server_t *server, tls_t **tls_p);

/* Listen on an endpoint (listen.h); TONGUE_TLS after server_secure.  `ret_port` may be NULL; 0
 * of a Unix socket.  On failure *ret_fault (may be NULL) gets the reason in words. */
MUST_CHECK err_t server_listen(server_t *server, const char *endpoint, tongue_t tongue,
                               int *ret_port, const char **ret_fault);

/* Believe these proxies, and no others, from now on; takes the list. */
void server_trust(server_t *server, trust_t **trust_p);

/* connections_per_address_max from now on; those who are there stay. */
void server_limit_addresses(server_t *server, size_t each_max);

/* Graceful end: stop accepting, answer what is in flight, close WebSockets with 1012;
 * `done` is called once nothing is open, after `deadline_ms` at the latest (never from
 * inside this call). */
void server_drain(server_t *server, unsigned deadline_ms, loop_call_t done, void *ctx);

/* Cut off whatever is still there (on_closed is called for each) and null *server_p. */
void server_destroy(server_t **server_p);

server_counts_t server_counts(const server_t *server);

#endif
