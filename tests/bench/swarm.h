/* swarm.h - thousands of WebSocket clients on one epoll loop.
 *
 * A swarm is `rooms` rooms of `seats` clients each.  It connects them, speaks
 * RFC 6455, and hands what comes in to the peer's row (peer.h), which in turn
 * tells the listener what it means.  A client's bytes leave in one send after
 * the turn in which they were queued.
 *
 * It must stay far cheaper than the servers that it measures: one large read a
 * client a turn into one shared buffer, whole frames parsed in place, nothing
 * allocated or copied on the way of a message. */
#ifndef BENCH_SWARM_H
#define BENCH_SWARM_H

#include "schema/buf.h"
#include "tests/bench/stamp.h"

typedef struct swarm swarm_t;
typedef struct client client_t;
typedef struct peer peer_t;

typedef enum client_state {
    CLIENT_NEW,
    CLIENT_UPGRADING, /* waits for the 101 */
    CLIENT_GREETING,  /* waits until the peer says that it is signed in and subscribed */
    CLIENT_READY,
    CLIENT_CLOSED, /* by the server */
} client_state_t;

/* A message to be sent again and again: one whole frame and what to patch in it. */
typedef struct post {
    buf_t frame;
    size_t stamp_at;
    size_t id_at;        /* the peer's own */
    size_t client_id_at; /* the peer's own */
} post_t;

struct client {
    swarm_t *swarm;
    int fd;
    client_state_t state;
    uint32_t number; /* in the swarm; the sender in its stamps */
    uint32_t room;
    uint32_t seat;        /* in the room */
    uint32_t sent;        /* messages; the sequence of the next */
    uint32_t stamp_guess; /* where the last frame had its stamp */
    bool dirty;           /* in the swarm's list of those with something to send */
    bool blocked;         /* the kernel's buffer is full; epoll tells */
    buf_t out;
    size_t out_sent;
    buf_t rest;     /* the beginning of a frame */
    buf_t fragment; /* the beginning of a message, or of the peer's next packet */
    post_t post;
    char *token;
};

/* Whom the peers tell what came in. */
typedef struct listener {
    void *ctx;
    void (*delivered)(void *ctx, client_t *client, const stamp_t *stamp);
    void (*acked)(void *ctx, client_t *client, uint64_t id);
    void (*refused)(void *ctx, client_t *client, slice_t words);
} listener_t;

typedef struct swarm_plan {
    const peer_t *peer;
    uint16_t port;
    uint32_t rooms;
    uint32_t seats;
    uint32_t payload_bytes;
    bool in_rooms; /* clients join their rooms; otherwise they only sign in */
} swarm_plan_t;

struct swarm {
    swarm_plan_t plan;
    listener_t listener;
    uint32_t nonce;     /* keeps names of one run apart from another's */
    uint64_t *room_ids; /* of the server's making; the peer's own */
    client_t *clients;
    uint32_t count;
    uint32_t started;
    uint32_t ready;
    uint32_t closed;
    uint64_t now_ns; /* when the last read returned */
    int epoll_fd;
    uint8_t *in;
    client_t **dirty;
    uint32_t dirty_count;
};

/* Prepare the clients without connecting them; accounts and rooms are made on
 * the server where the peer has any. */
swarm_t *swarm_new(const swarm_plan_t *plan);
void swarm_destroy(swarm_t **swarm_p);

/* Connect all clients and return when the last is ready. */
void swarm_connect(swarm_t *swarm);

/* Wait at most `wait_ns` for input, handle what there is, send what was queued. */
void swarm_turn(swarm_t *swarm, uint64_t wait_ns);

client_t *swarm_client(swarm_t *swarm, uint32_t room, uint32_t seat);

/* Queue bytes that are already framed; they leave at the end of the turn. */
void client_send(client_t *client, slice_t frames);
void client_send_frame(client_t *client, slice_t body);

/* Queue the client's next message, stamped with `time_ns`. */
void client_post(client_t *client, uint64_t time_ns);

/* The peer's part: this client is signed in and hears its room. */
void client_ready(client_t *client);

#endif
