/* edge_parts.h - what the parts of one edge share (private to edge, front, client, fan).
 *
 *   server ──requests──> front ──┐              ┌──> link ──> broker
 *   server ──sockets───> client  ──┴─ calls ──────┘      │
 *                         ^                            │ records
 *                         └────────── fan <────────────┘
 *
 * All of it belongs to the edge's thread. */
#ifndef WS_EDGE_EDGE_PARTS_H
#define WS_EDGE_EDGE_PARTS_H

#include <pthread.h>
#include <sys/queue.h>

#include "ws-edge/edge.h"
#include "actors/gate.h"
#include "actors/ledger.h"
#include "actors/token.h"
#include "ws-edge/adopted.h"
#include "ws-edge/dialect.h"
#include "ws-edge/diary.h"
#include "ws-edge/hall.h"
#include "ws-edge/issuer.h"
#include "ws-edge/link.h"
#include "ws-edge/origin.h"
#include "ws-edge/pages.h"
#include "ws-edge/routes.h"
#include "ws-edge/server.h"
#include "ws-edge/shelf.h"
#include "ws-edge/toll.h"
#include "ws-edge/trust.h"

enum { EDGE_ENDPOINTS_MAX = 16 };

typedef struct clients clients_t;

/* For /metrics. */
typedef struct edge_counts {
    uint64_t requests;
    uint64_t refused[ERR_COUNT_];
    uint64_t open[DIALECT_COUNT];
    uint64_t heard[DIALECT_COUNT];      /* messages of connections */
    uint64_t renderings[DIALECT_COUNT]; /* of live events: frames made */
    uint64_t deliveries[DIALECT_COUNT]; /* and queued to connections */
} edge_counts_t;

struct edge {
    loop_t *loop;
    server_t *server;
    link_t *link;
    hall_t *hall;
    gate_t *gate;
    mint_t *mint;
    issuer_t *issuer;   /* NULL: there is none */
    adopted_t *adopted; /* whose credentials are that were shown before */
    routes_t *routes;
    pages_t *pages;
    origins_t *origins;
    toll_t toll;
    clients_t *clients;
    diary_t *diary;
    uint64_t connections;  /* so far; numbers them */
    struct engine *engine; /* Engine.IO's sessions */
    struct pusher_edge *pusher;
    struct pusher_hub *hub; /* its channels */
    char *refused_types;    /* of files, see magic_listed */
    TAILQ_HEAD(, upload) uploads;
    size_t reading_bytes; /* of bodies that a pool's thread is reading */
    shelf_t *shelf;
    struct sweep *sweep;
    shelf_t *photos; /* pictures of profiles, in a folder of its own */
    bool gated;      /* the gate knows all that has ended: requests are served */
    bool ready;      /* so says the broker */
    bool deaf;       /* a subscription failed: everyone must start anew */
    uint32_t asked;  /* own questions that wait: what must be known to be ready */
    arena_t *arena;  /* of the callback at hand; reset where one begins */
    buf_t headers;   /* scratch of the same */
    buf_t body;
    uint64_t marks; /* numbers records for the fan-out */
    struct {
        uint64_t account;
        int64_t time;
        uint64_t mark;
    } came; /* who came or went last, see fan.c */
    edge_counts_t counts;
    trust_t *watchers; /* who may read /metrics */
    uint64_t gate_swept_us;
    pthread_t thread;
    int ports[EDGE_ENDPOINTS_MAX];
    size_t port_count;
};

/* The key of whoever comes from there; `kith trace` may tell where that was. */
static inline uint64_t edge_meet(const edge_t *edge, slice_t address)
{
    uint64_t key = toll_address(&edge->toll, address);
    diary_meet(edge->diary, key, address);
    return key;
}

/* ---- edge.c ---- */

/* Count a refusal of what `account` has asked for, and read less often of whoever asks for too much. */
void edge_refuse(edge_t *edge, uint64_t account, err_t err);

/* ---- edge_news.c ---- */

/* Whether calls can be made at all. */
bool edge_serves(const edge_t *edge);

/* What it wants to be told, and does once in a while. */
link_events_t edge_link_events(edge_t *edge);
hall_ports_t edge_hall_ports(edge_t *edge);
void edge_start_timers(edge_t *edge);

#endif
