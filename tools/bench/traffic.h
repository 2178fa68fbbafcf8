/* traffic.h - messages under way: sent at a pace, checked and timed on arrival.
 *
 * The pace (pace.h) decides who sends when.  The rest is the same for all: each
 * delivery is checked against what its receiver has had from that sender, each
 * acknowledgement against those before, and how long they took is kept.  A room's first `senders` seats may send. */
#ifndef TOOLS_BENCH_TRAFFIC_H
#define TOOLS_BENCH_TRAFFIC_H

#include "tools/bench/latency.h"
#include "tools/bench/swarm.h"
#include "tools/bench/track.h"

typedef struct pace pace_t;

typedef struct load {
    const pace_t *pace;
    uint32_t window; /* messages in flight: what of, the pace says */
    uint32_t rate;   /* messages a second, for the pace that has one */
} load_t;

/* A message of which somebody still waits for something. */
typedef struct flight {
    uint32_t seq;
    uint32_t left; /* deliveries or acknowledgements to come; 0: landed */
    uint64_t sent_ns;
} flight_t;

typedef struct traffic_room {
    flight_t *flights; /* a ring: sequence s is at s % traffic->ring */
    uint64_t moved_ns; /* the last time that anything came */
} traffic_room_t;

typedef struct tally {
    uint64_t sent;
    uint64_t delivered;  /* different messages, over all receivers */
    uint64_t acked;      /* different messages */
    uint64_t late;       /* after one that was sent later */
    uint64_t duplicated; /* deliveries or acknowledgements */
    uint64_t stray;      /* from another room */
    uint64_t refused;
    uint64_t held_back; /* at a fixed rate: due when the connection took nothing; never sent */
    uint64_t stalled;   /* times that a room stood still and was started anew */
} tally_t;

typedef struct traffic {
    swarm_t *swarm;
    load_t load;
    uint32_t senders; /* a room */
    uint32_t ring;    /* size of each room's flights; a power of two */
    traffic_room_t *rooms;
    track_t *tracks; /* of deliveries: one a client and sender of its room */
    track_t *acks;   /* one a client */
    bool stopped;
    uint64_t started_ns;
    uint64_t scheduled; /* messages so far, of a fixed rate or of turns */
    tally_t tally;
    latency_t delivery; /* from sending to receiving */
    latency_t acknowledgement;
} traffic_t;

/* The swarm's clients are ready; it and its listener are the traffic's until
 * the traffic is destroyed. */
traffic_t *traffic_new(swarm_t *swarm, const load_t *load);
void traffic_destroy(traffic_t **traffic_p);

/* Send the first messages; then keep going for `span_ns`. */
void traffic_start(traffic_t *traffic);
void traffic_run(traffic_t *traffic, uint64_t span_ns);

/* Take only times from here on: what came before was warming up. */
void traffic_forget_times(traffic_t *traffic);

/* Send nothing more, and wait until everything has come or nothing comes. */
void traffic_drain(traffic_t *traffic);

/* Deliveries that never came; right after a drain. */
uint64_t traffic_lost(const traffic_t *traffic);

/* For the paces: a room's client says its next message, sent or due at `time_ns`. */
void traffic_send(traffic_t *traffic, client_t *client, uint64_t time_ns);

/* Not once it is being drained, nor for whom the server has closed the connection. */
static inline bool traffic_may_send(const traffic_t *traffic, const client_t *client)
{
    return !traffic->stopped && client->state == CLIENT_READY;
}

static inline traffic_room_t *traffic_room(traffic_t *traffic, const client_t *client)
{
    return &traffic->rooms[client->room];
}

#endif
