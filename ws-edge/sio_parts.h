/* sio_parts.h - a Socket.IO session's state, as its two files share it. */
#ifndef WS_EDGE_SIO_PARTS_H
#define WS_EDGE_SIO_PARTS_H

#include "ws-edge/client.h"
#include "ws-edge/sio.h"
#include "ws-edge/sio_session.h"
#include "ws-edge/ticket.h"

typedef struct nsp nsp_t;

/* A listener in a namespace. */
typedef struct ear {
    outlet_t outlet;
    nsp_t *nsp;
    client_t *client;
} ear_t;

/* A namespace that was asked for. */
struct nsp {
    sio_session_t *session;
    const char *name;   /* a dialect's */
    dialect_id_t first; /* of the dialect that stands for it */
    bool joined;        /* and its client knows */
    bool refused;       /* to be forgotten */
    ticket_t ticket;    /* by which its client comes back */
    ear_t *ears[DIALECT_COUNT];
    nsp_t *next;
};

struct sio_session {
    edge_t *edge;
    tunnel_t *tunnel; /* NULL: not begun, or over */
    eio_version_t version;
    visitor_t visitor;
    buf_t token; /* the visitor's */
    nsp_t *nsps;
    uint64_t idle_us; /* since when it has no namespace */
    who_t bound;      /* who is to own it; account 0: nobody */
    sio_gather_t gather;
};

/* ---- sio_join.c: coming into a namespace, and going ---- */

/* A CONNECT for `name`, whose JSON is `auth` (NULL without any). */
void sio_join(sio_session_t *session, slice_t name, const json_node_t *auth);

/* NULL if it was not asked for, or refused. */
nsp_t *sio_find(const sio_session_t *session, slice_t name);

/* The listener of this dialect, which is nobody if it comes only now. */
client_t *sio_listener(nsp_t *nsp, dialect_id_t dialect);

void sio_leave(nsp_t *nsp, int code);
void sio_leave_all(sio_session_t *session, int code);

/* Forget what was refused. */
void sio_sweep(sio_session_t *session);

/* ---- sio_session.c ---- */

/* One packet, as a message. */
void sio_send(sio_session_t *session, const buf_t *packet);

/* The client has done what is not done. */
void sio_offend(sio_session_t *session, err_t err, const char *reason);

#endif
