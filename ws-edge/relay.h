/* relay.h - TLS before the server: a thread that turns ciphered connections into plain ones.
 *
 *     client ══TLS══ relay ──socket pair── server
 *
 * The server reads requests off descriptors, and libwebsockets takes over descriptors; so
 * neither needs to know of TLS, and ciphering runs beside them on a core of its own.  What
 * happens at one end happens at the other: a slow reader stops the writer, an end of data
 * is an end of data, and what was written before a close arrives before it. */
#ifndef WS_EDGE_RELAY_H
#define WS_EDGE_RELAY_H

#include "schema/err.h"
#include "ws-edge/tls.h"

typedef struct relay relay_t;

/* UNAVAILABLE if there is no thread for it. */
MUST_CHECK err_t relay_start(relay_t **ret_relay);

/* For connections from now on; takes the certificate.  Before the first connection. */
void relay_use(relay_t *relay, tls_t **tls_p);

/* Take a client's connection; its plain end, or -1 if there are no descriptors, when
 * the connection stays the caller's.  `sndbuf` bytes may wait in that end. */
int relay_pass(relay_t *relay, int fd, int sndbuf);

/* Connections that it holds, each of three descriptors with its plain end. */
size_t relay_count(const relay_t *relay);

/* Give what is on its way a moment to arrive, then end; nulls *relay_p, accepts NULL. */
void relay_stop(relay_t **relay_p);

#endif
