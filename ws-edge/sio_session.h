/* sio_session.h - Socket.IO over one tunnel: namespaces, and the listeners in them.
 *
 *     tunnel ── messages ──► packets ──► a namespace ── its events' names ──► a listener
 *
 * A namespace has one listener (client.h) for each of the dialects that speak in it, all
 * with the tunnel for their outlet.  The dialect that claims no events stands for the
 * namespace: it is there from the first and its welcome is the namespace's; the others
 * come with the first event that is theirs. */
#ifndef WS_EDGE_SIO_SESSION_H
#define WS_EDGE_SIO_SESSION_H

#include "ws-edge/engine.h"
#include "ws-edge/tunnel.h"

typedef struct sio_session sio_session_t;

/* Who came, by the request with which the session began. */
typedef struct visitor {
    caller_t caller;
    who_t who;     /* by a cookie or a token; account 0: nobody yet */
    slice_t token; /* shown openly, or zero; copied */
    bool plain;    /* it wants no offsets */
} visitor_t;

sio_session_t *sio_session_new(edge_t *edge, const visitor_t *visitor);

/* Its tunnel is over.  Accepts NULL. */
void sio_session_free(sio_session_t **session_p);

/* Speak through this tunnel. */
void sio_session_begin(sio_session_t *session, tunnel_t *tunnel);

/* Whose it is, as long as that session of theirs is good; account 0: nobody's. */
who_t sio_session_who(const sio_session_t *session);

/* Make it theirs, if it is nobody's and they may hear what happens. */
void sio_session_own(sio_session_t *session, who_t who);

/* The same with the next sio_session_settle, if this caller is the one with whom it began. */
void sio_session_bind(sio_session_t *session, who_t who, const caller_t *caller);

/* At the end of a turn. */
void sio_session_settle(sio_session_t *session);

#endif
