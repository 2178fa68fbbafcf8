/* peers.h - the servers that are measured side by side. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "tools/bench/protocol.h"

extern const protocol_t protocol_kith_socketio, protocol_kith_pusher, protocol_socketio,
    protocol_nats, protocol_mosquitto, protocol_limit, protocol_disk, protocol_jetstream,
    protocol_uwebsockets;

/* NULL if there is none of that name. */
const protocol_t *peers_find(const char *name);

/* All names, one a line. */
void peers_list(void);

/* Make what the swarm's peer needs before anybody connects, and more rooms, which are silent. */
void peers_prepare(swarm_t *swarm, uint32_t spare_rooms);

#endif
