/* socket.h - the set of WebSocket connections (private to the plumbing).
 *
 * What the house sees of one connection is in server.h: socket_send and its kin. */
#ifndef WS_EDGE_SOCKET_H
#define WS_EDGE_SOCKET_H

#include "ws-edge/server.h"
#include "ws-edge/server_peers.h"

typedef struct sockets sockets_t;

/* A connection whose upgrade was accepted; all slices are borrowed. */
typedef struct handover {
    int fd;                   /* taken */
    peer_t *peer;             /* taken */
    void *user;               /* gets on_opened and on_closed, or on_closed alone */
    const char *subprotocol;  /* or NULL */
    slice_t cookie;           /* to set, or zero */
    size_t message_bytes_max; /* 0: as the option has it */
    slice_t key;              /* Sec-WebSocket-Key, checked */
    slice_t early;            /* what came behind the request: the first frames */
    slice_t head;             /* of an event stream, to be sent first; else zero */
} handover_t;

/* NULL if libwebsockets does not start. */
sockets_t *sockets_new(loop_t *loop, const server_options_t *options, const server_events_t *events,
                       peers_t *peers);
void sockets_destroy(sockets_t **sockets_p);

void sockets_adopt(sockets_t *sockets, const handover_t *handover);

/* As server_read_on. */
void sockets_read_on(sockets_t *sockets);

/* Write what the turn has queued; false if some had to be left for the next turn. */
bool sockets_flush(sockets_t *sockets);

/* As server_pause. */
void sockets_pause(sockets_t *sockets, unsigned ms);

/* Pings and deadlines; several times a second. */
void sockets_tick(sockets_t *sockets);

/* Close all with 1012. */
void sockets_drain(sockets_t *sockets);

size_t sockets_count(const sockets_t *sockets);
uint64_t sockets_slow(const sockets_t *sockets); /* closed for reading too slowly, so far */

#endif
