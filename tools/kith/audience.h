/* audience.h - the people of a load: accounts and tokens for a swarm, by the operator's bus.
 *
 * Made so, they have no password that would have to be hashed and count against no
 * address's sign-ups. */
#ifndef TOOLS_KITH_AUDIENCE_H
#define TOOLS_KITH_AUDIENCE_H

#include "actors/token.h"
#include "tools/bench/swarm.h"
#include "tools/kith/peer.h"

typedef struct audience audience_t;

/* Nobody yet, for this swarm; both peer and mint stay the caller's. */
audience_t *audience_new(swarm_t *swarm, peer_t *peer, const mint_t *mint);
void audience_destroy(audience_t **audience_p);

/* Make one more account with a token; false after a sentence. */
bool audience_add(audience_t *audience);

/* Whether there is one for everybody in the swarm. */
bool audience_whole(const audience_t *audience);

/* Delete all accounts that were made; false after a sentence about those that are left. */
bool audience_remove(audience_t *audience);

#endif
