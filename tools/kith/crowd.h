/* crowd.h - the people of a load: accounts and tokens for a swarm, by the operator's bus.
 *
 * Made so, they have no password that would have to be hashed and count against no
 * address's sign-ups. */
#ifndef TOOLS_KITH_CROWD_H
#define TOOLS_KITH_CROWD_H

#include "actors/token.h"
#include "tools/bench/swarm.h"
#include "tools/kith/peer.h"

typedef struct crowd crowd_t;

/* Nobody yet, for this swarm; both peer and mint stay the caller's. */
crowd_t *crowd_new(swarm_t *swarm, peer_t *peer, const mint_t *mint);
void crowd_destroy(crowd_t **crowd_p);

/* Make one more account with a token; false after a sentence. */
bool crowd_add(crowd_t *crowd);

/* Whether there is one for everybody in the swarm. */
bool crowd_whole(const crowd_t *crowd);

/* Delete all accounts that were made; false after a sentence about those that are left. */
bool crowd_remove(crowd_t *crowd);

#endif
