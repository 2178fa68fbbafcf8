/* http.h - the set of HTTP connections (private to the plumbing). */
#ifndef WS_EDGE_HTTP_H
#define WS_EDGE_HTTP_H

#include "ws-edge/server.h"
#include "ws-edge/server_peers.h"
#include "ws-edge/socket.h"

typedef struct http http_t;

http_t *http_new(loop_t *loop, const server_options_t *options, const server_events_t *events,
                 peers_t *peers, sockets_t *sockets);
void http_destroy(http_t **http_p);

/* Take a new connection. */
void http_adopt(http_t *http, int fd, peer_t *peer, const sender_t *sender);

/* Whose word about clients counts from now on; borrowed until the next call. */
void http_trust(http_t *http, const trust_t *trust);

/* Answer on a descriptor that is not taken, as far as it fits, and close it. */
void http_turn_away(http_t *http, int fd, err_t err);

void http_reply(http_t *http, exchange_t exchange, const response_t *reply);
bool http_waits(const http_t *http, exchange_t exchange);

/* As exchange_read and its kin in server.h. */
bool http_exchange_read(http_t *http, exchange_t exchange, piece_call_t call, void *ctx);
bool http_exchange_write(http_t *http, exchange_t exchange, slice_t piece, taken_call_t call,
                         void *ctx);
void http_exchange_cut(http_t *http, exchange_t exchange);

/* Write the replies of the turn and go on with pipelined requests. */
void http_flush(http_t *http);

/* As server_pause. */
void http_pause(http_t *http);

/* Deadlines; several times a second. */
void http_tick(http_t *http);

/* Close what is idle, and everything else after its reply. */
void http_drain(http_t *http);

size_t http_count(const http_t *http);
size_t http_waiting(const http_t *http);

/* ---- http_reply.c ---- */

/* Append a reply, head and body; `head_only` leaves the body out, but not its length. */
void http_render(buf_t *output, const response_t *reply, bool keep_alive, bool head_only);

/* Append the head of an event stream, which ends with its connection. */
void http_render_stream(buf_t *output, slice_t headers);

#endif
