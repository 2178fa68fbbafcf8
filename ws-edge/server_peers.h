/* server_peers.h - how many connections each address holds (private to the plumbing). */
#ifndef WS_EDGE_SERVER_PEERS_H
#define WS_EDGE_SERVER_PEERS_H

#include <stddef.h>

typedef struct peers peers_t;
typedef struct peer peer_t;

struct sockaddr;

/* At most `each_max` connections an address, 0 for any number. */
peers_t *peers_new(size_t each_max);
void peers_destroy(peers_t **peers_p);

/* Count one more connection; NULL if its address has as many as it may. */
peer_t *peers_enter(peers_t *peers, const struct sockaddr *address);

/* Count one less and null *peer_p; accepts NULL. */
void peers_leave(peers_t *peers, peer_t **peer_p);

#endif
