/* tunnel_parts.h - a tunnel's state, as its files and the engine share it. */
#ifndef WS_EDGE_TUNNEL_PARTS_H
#define WS_EDGE_TUNNEL_PARTS_H

#include <sys/queue.h>

#include "ws-edge/server_peers.h"
#include "ws-edge/socket_queue.h"
#include "ws-edge/tunnel.h"

typedef enum tunnel_state {
    TUNNEL_OPEN,
    TUNNEL_CLOSING, /* told to go, and perhaps a poll has still to hear of it */
    TUNNEL_OVER,
} tunnel_state_t;

/* A WebSocket of a tunnel.  It may outlive the tunnel by its closing handshake. */
typedef struct strand {
    wire_t wire;
    const tunnel_ports_t *ports;
    tunnel_t *tunnel;  /* NULL: it has nothing to do with it any more */
    socket_t *socket;  /* NULL: the handshake is under way */
    uint64_t until_us; /* for it to take over */
    bool proven;       /* a probe came through */
} strand_t;

struct tunnel {
    const tunnel_ports_t *ports;
    const tunnel_events_t *events; /* NULL: not begun, or closed */
    void *user;
    eio_peer_t peer;
    char sid[TUNNEL_SID_SIZE];
    tunnel_state_t state;
    strand_t *carrier; /* NULL: it polls */
    strand_t *probe;   /* that is to be the carrier */
    bool gone;         /* the carrier is, or the client has said that it closes */
    bool waiting;      /* `poll` is */
    poll_t poll;
    queue_t queue;
    uint64_t filled_us; /* when it last began to fill, or the carrier's did that was lost … */
    bool lossy;         /* … with something in it */
    uint64_t heard_us;
    uint64_t pinged_us;
    uint64_t noop_us;  /* the last one */
    bool pinging;      /* EIO 4: and no pong yet */
    uint64_t until_us; /* CLOSING */
    int close_code;
    const char *reason;

    /* ---- the engine's ---- */

    struct sio_session *session; /* at its end */
    peer_t *place;               /* among those of its address */
    uint64_t key;
    uint64_t look_us;    /* when it is looked at next */
    bool dirty, probing; /* is in that list */
    TAILQ_ENTRY(tunnel) in_looks;
    TAILQ_ENTRY(tunnel) in_dirty;
    TAILQ_ENTRY(tunnel) in_probing;
};

/* ---- tunnel.c ---- */

/* A packet of ours, to the carrier or into the queue. */
void tunnel_send_packet(tunnel_t *tunnel, eio_type_t type, slice_t data);

/* A packet of the client's. */
void tunnel_hear(tunnel_t *tunnel, const eio_packet_t *packet);

/* Let go of a WebSocket, and close it. */
void tunnel_cut(strand_t **strand_p, int code, const char *reason);

/* ---- tunnel_poll.c ---- */

/* Answer the poll that waits: with a noop, or with all that is queued, if anything is. */
void tunnel_answer_noop(tunnel_t *tunnel);
void tunnel_answer(tunnel_t *tunnel);

#endif
