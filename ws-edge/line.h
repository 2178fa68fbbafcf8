/* line.h - plain TCP connections: the client says one object (hail.h), and is sent frames
 * from then on.
 *
 *     accepted ──► HAILING ── whole ──► on_line ──► OPEN ── line_close ──► CLOSING ──► on_closed
 *                     └── no object, or none in time: closed, and nobody hears of it
 *
 * There is no other word in this protocol: who is refused, too slow, or left by a server
 * that stops is closed.  No callback runs inside line_send and line_close. */
#ifndef WS_EDGE_LINE_H
#define WS_EDGE_LINE_H

#include "ws-edge/server.h"
#include "ws-edge/server_peers.h"

/* ---- one of them, from on_line to on_closed ---- */

/* Queue the frame's bytes as they are; takes a reference of its own. */
void line_send(line_t *line, body_t *frame);

/* Close after what is queued. */
void line_close(line_t *line);

/* Bytes queued and not yet handed to the kernel. */
size_t line_queued(const line_t *line);

/* As socket_waits_us. */
uint64_t line_waits_us(const line_t *line);

/* ---- all of them (private to the plumbing) ---- */

typedef struct lines lines_t;

lines_t *lines_new(loop_t *loop, const server_options_t *options, const server_events_t *events,
                   peers_t *peers);

/* Closes whoever is there; accepts NULL. */
void lines_destroy(lines_t **lines_p);

/* Takes the descriptor and the peer. */
void lines_adopt(lines_t *lines, int fd, peer_t *peer, const address_t *address);

/* Write what the turn has queued; false if some had to be left for the next turn. */
bool lines_flush(lines_t *lines);

/* Deadlines; several times a second. */
void lines_tick(lines_t *lines);

/* Close all. */
void lines_drain(lines_t *lines);

size_t lines_count(const lines_t *lines);
uint64_t lines_slow(const lines_t *lines); /* closed for reading too slowly, so far */

#endif
