/* wire.h - who owns a connection that the server has handed over.
 *
 * What on_upgrade accepts is a wire: the server's callbacks find by it whether a listener,
 * or a session that has several of them, is at this end. */
#ifndef WS_EDGE_WIRE_H
#define WS_EDGE_WIRE_H

#include "ws-edge/server.h"

typedef struct wire wire_t;

typedef struct wire_events {
    void (*opened)(wire_t *wire, socket_t *socket);
    void (*message)(wire_t *wire, bool text, slice_t payload);
    void (*closed)(wire_t *wire, int code); /* the last word of it */
} wire_events_t;

/* Embedded, as its first member, in what owns the connection. */
struct wire {
    const wire_events_t *events;
};

/* For server_events_t; `user` is a wire. */
void wire_opened(void *user, socket_t *socket);
void wire_message(void *user, bool text, slice_t payload);
void wire_closed(void *user, int code);

#endif
