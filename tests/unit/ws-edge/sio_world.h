/* sio_world.h - a Socket.IO session at a tunnel that polls, in an edge without a broker.
 *
 * It takes the place of link.c, so that a test sees what is asked and answers it by its own
 * hand; and of edge_serves.  There is one world at a time. */
#ifndef TESTS_UNIT_WS_EDGE_SIO_WORLD_H
#define TESTS_UNIT_WS_EDGE_SIO_WORLD_H

#include "ws-edge/client.h"
#include "ws-edge/sio_session.h"

enum { SIO_WORLD_ACCOUNT = 7, SIO_WORLD_SESSION = 70, SIO_WORLD_CALLS_MAX = 64 };

typedef struct sio_world {
    edge_t edge;
    eio_version_t version;
    tunnel_ports_t ports;
    tunnel_t *tunnel; /* NULL: it is over */
    sio_session_t *session;
    bool stirred;
    uint64_t ahead_us;                   /* of the loop's clock */
    buf_t said;                          /* the last payload that the client fetched */
    int ended_with;                      /* 0: it has not */
    waiter_t calls[SIO_WORLD_CALLS_MAX]; /* that wait for their answers, the oldest first */
    size_t call_count;
    buf_t args; /* of the last call, as JSON */
    size_t told;
    bool away; /* the broker is */
    buf_t token;
    wire_t *wire; /* of its WebSocket, or of one that is to be; NULL: there is none */
    bool closing; /* we have said so on it */
    void (*framed)(const struct sio_world *world, slice_t frame); /* what goes out there */
} sio_world_t;

/* Account 7, session 70 has the token; `visitor` may be NULL. */
sio_world_t *sio_world_new(eio_version_t version, const visitor_t *visitor);
void sio_world_free(sio_world_t **world_p);

/* The token is another one of the same session, good for so many seconds longer. */
void sio_world_renews(sio_world_t *world, unsigned seconds);

/* The client says a packet of Socket.IO, or bytes; and fetches what there is. */
void sio_world_hears(sio_world_t *world, slice_t text);
void sio_world_hears_bytes(sio_world_t *world, slice_t bytes);

/* It posts a payload; opens a WebSocket, says something there, hangs up. */
void sio_world_posts(sio_world_t *world, slice_t payload);
void sio_world_dials(sio_world_t *world);
void sio_world_frames(sio_world_t *world, bool text, slice_t frame);
void sio_world_hangs_up(sio_world_t *world);

/* Time passes. */
void sio_world_passes(sio_world_t *world, uint64_t us);

/* The oldest call is answered; `object` is of its answer's shape, and NULL for a refusal. */
void sio_world_answers(sio_world_t *world, err_t status, const void *object);

#endif
