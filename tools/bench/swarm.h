/* swarm.h - thousands of WebSocket clients on one epoll loop.
 *
 * A swarm is `rooms` rooms of `seats` clients each.  It connects them, speaks
 * RFC 6455, and hands what comes in to the row of its protocol (protocol.h), which in
 * turn tells the listener what it means.  A client's bytes leave in one send after
 * the turn in which they were queued.
 *
 * It must stay far cheaper than the servers that it measures: one large read a
 * client a turn into one shared buffer, whole frames parsed in place, nothing
 * allocated or copied on the way of a message. */
#ifndef TOOLS_BENCH_SWARM_H
#define TOOLS_BENCH_SWARM_H

#include <netinet/in.h>

#include "schema/buf.h"
#include "tools/bench/stamp.h"

typedef struct swarm swarm_t;
typedef struct client client_t;
typedef struct protocol protocol_t;

typedef enum client_state {
    CLIENT_NEW,
    CLIENT_UPGRADING, /* waits for the 101 */
    CLIENT_GREETING,  /* waits until its protocol says that it is signed in and subscribed */
    CLIENT_READY,
    CLIENT_CLOSED, /* by the server */
} client_state_t;

/* A message to be sent again and again: one whole frame and what to patch in it. */
typedef struct post {
    buf_t frame;
    size_t stamp_at;
    size_t id_at;        /* the protocol's own */
    size_t client_id_at; /* the protocol's own */
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
    buf_t fragment; /* the beginning of a message, or of the next packet */
    post_t post;
    char *token;
};

/* Whom the protocols tell what came in. */
typedef struct listener {
    void *ctx;
    void (*delivered)(void *ctx, client_t *client, const stamp_t *stamp);
    void (*acked)(void *ctx, client_t *client, uint32_t seq, uint64_t age_ns);
    void (*refused)(void *ctx, client_t *client, slice_t words);
} listener_t;

typedef struct swarm_plan {
    const protocol_t *protocol;
    struct sockaddr_in server;
    uint32_t rooms;
    uint32_t seats;
    uint32_t payload_bytes;
    bool in_rooms; /* clients join their rooms; otherwise they only sign in */
} swarm_plan_t;

struct swarm {
    swarm_plan_t plan;
    listener_t listener;
    uint32_t nonce;     /* keeps names of one run apart from another's */
    uint64_t *room_ids; /* of the server's making; NULL where it has none */
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

/* As many open files as the kernel lets this user have; how many that is. */
uint64_t swarm_raise_files(void);

/* The clients, not yet connected.  Where the protocol has accounts and rooms, their
 * tokens and ids have to be there before they connect (scene.h makes them by REST). */
swarm_t *swarm_new(const swarm_plan_t *plan);
void swarm_destroy(swarm_t **swarm_p);

/* Connect all clients and return when the last is ready. */
void swarm_connect(swarm_t *swarm);

/* Handle what comes for so long. */
void swarm_idle(swarm_t *swarm, uint64_t span_ns);

/* Wait at most `wait_ns` for input, handle what there is, send what was queued. */
void swarm_turn(swarm_t *swarm, uint64_t wait_ns);

client_t *swarm_client(swarm_t *swarm, uint32_t room, uint32_t seat);

/* Queue bytes that are already framed; they leave at the end of the turn. */
void client_send(client_t *client, slice_t frames);
void client_send_frame(client_t *client, slice_t body);

/* Queue the client's next message, stamped with `time_ns`. */
void client_post(client_t *client, uint64_t time_ns);

/* The protocol's part: this client is signed in and hears its room. */
void client_ready(client_t *client);

#endif
