/* server_peers.h - how many connections each address holds (private to the plumbing). */
#ifndef WS_EDGE_SERVER_PEERS_H
#define WS_EDGE_SERVER_PEERS_H

#include "ws-edge/address.h"

typedef struct peers peers_t;
typedef struct peer peer_t;

/* At most `each_max` connections an address, 0 for any number. */
peers_t *peers_new(size_t each_max);
void peers_destroy(peers_t **peers_p);

/* From now on; those who are there stay. */
void peers_limit(peers_t *peers, size_t each_max);

/* Whether an address has as many as it may.  This machine may have any number. */
bool peers_full(peers_t *peers, const address_t *address);

/* Count one more connection, whether the address is full or not. */
peer_t *peers_enter(peers_t *peers, const address_t *address);

/* Count one less and null *peer_p; accepts NULL. */
void peers_leave(peers_t *peers, peer_t **peer_p);

#endif
