/* net.h - the world's network: actors/bus.h once more, as queues in memory.
 *
 * What is sent between a peer and the broker arrives in order and whole, after a while; links hold
 * each other up in nothing, so what comes on two of them may come in any order.  A link that
 * breaks loses the end of what is under way, in both directions, and comes back as a new peer.  A
 * peer that takes nothing lets its queue fill. */
#ifndef TESTS_WORLD_NET_H
#define TESTS_WORLD_NET_H

#include "actors/bus.h"

/* How this world's links are. */
typedef struct net_options {
    int64_t delay_us; /* at most, as a rule; some take much longer */
    size_t queue_max; /* messages */
} net_options_t;
void net_set(const net_options_t *options);

/* The process is dead: its links end, and what it had not sent yet is gone. */
void net_kill(int process);

/* The peer's link breaks, and is made anew at once. */
void net_break(bus_t *peer);

/* Nothing comes over it for so long: to the peer, and from there. */
void net_stall(bus_t *peer, int64_t us);

/* A link of the broker's, of any peer; NULL: there is none. */
bus_t *net_any_peer(void);

/* From here on no link breaks or lags. */
void net_heal(void);

/* When the next message arrives that has not; INT64_MAX: none is under way. */
int64_t net_next(void);

/* Whether one is there to be received. */
bool net_has(bus_t *bus);

/* What may be done to a message on its way (plant.h). */
typedef void net_tamper_fn(bool up, buf_t *message);
void net_tamper(net_tamper_fn *tamper);

#endif
