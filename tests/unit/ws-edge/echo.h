/* echo.h - a small application on the edge's door, in a thread, and a blunt client.
 *
 * Requests:   /echo    path, query parameter q, address and scheme, as text
 *             /body    the body back          /later   answered a moment later
 *             /never   not answered           /gone    its exchange is answered twice
 *             /count   its body in pieces; how many bytes, and in how many pieces
 *             /pour    as many bytes as its query says, in pieces     /cut  half of them
 *             /stream  an event stream of one event
 *             /pause   as /echo, of whoever is not read for a while then
 * Upgrades:   /deny    401 with a JSON body; any other path is accepted
 * Messages:   "close CODE"; "flood COUNT SIZE", that many frames in one turn;
 *             "pause MS" comes back, and is the last that is read for so long;
 *             "count" says how many of this turn were heard before it;
 *             anything else comes back as it is */
#ifndef TESTS_UNIT_WS_EDGE_ECHO_H
#define TESTS_UNIT_WS_EDGE_ECHO_H

#include "ws-edge/server.h"

typedef struct echo echo_t;

/* Options with deadlines that a test can wait for. */
server_options_t echo_options(void);

echo_t *echo_start(const server_options_t *options);

/* The same on another endpoint, with proxies that are trusted. */
echo_t *echo_start_at(const server_options_t *options, const char *endpoint, const char *trusted);

int echo_port(const echo_t *echo);

/* Why a server of its own could not listen there; NULL if it could. */
const char *echo_listen_fault(const char *endpoint);

/* Drain, within a second, and stop; nulls *echo_p. */
void echo_stop(echo_t **echo_p);

/* Begin to drain, and go on. */
void echo_drain(echo_t *echo);

/* Code of the latest on_closed, waiting for it; 0 if there is none within a second. */
int echo_closed_code(echo_t *echo);

/* How many bodies in pieces have lost their client, waiting for one; 0 after a second. */
int echo_gone(echo_t *echo);

/* ---- a client: blocking, gives up after two seconds ---- */

int client_dial(const echo_t *echo);
void client_send(int fd, const char *text);
void client_write(int fd, const void *bytes, size_t len);

/* Read until the server closes, or `len` bytes; NUL-terminated.  How many came. */
size_t client_read(int fd, char *to, size_t len);

/* Read one HTTP reply, its body by Content-Length. */
void client_reply(int fd, char *to, size_t size);

/* Upgrade `path`; asserts that it is accepted. */
int client_upgrade(const echo_t *echo, const char *path);

/* One frame, masked, with the first byte as given (0x81: a whole text). */
void client_frame(int fd, unsigned first, const void *payload, size_t len);
void client_put_frame(buf_t *out, unsigned first, const void *payload, size_t len);

/* Read one frame's first byte, -1 at the end; payload NUL-terminated. */
int client_take(int fd, char *payload, size_t size, size_t *ret_len);

/* Read up to a close frame and return its code; -1 if the connection ends without. */
int client_close_code(int fd);

#endif
