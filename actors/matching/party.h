/* party.h - a match for one ticket: others of its queue who all accept it and each other.
 *
 * Others whose own turn is still to come are passed over: then it is they who look, and an older
 * one than this may fit them.
 *
 * The largest size that the ticket takes is tried first, down to the least that will do at this
 * time; of those who fit the oldest come first.  What is found is right by all that the tickets
 * say; what only rows can tell (`vet`) is asked of each who would join, and of the ticket itself.
 *
 * For a size of two it finds somebody if there is anybody.  For more it looks at the oldest
 * PARTY_CANDIDATES of those who fit the ticket, and gives up after PARTY_STEPS tries to put them
 * together, since that may take for ever. */
#ifndef ACTORS_MATCHING_PARTY_H
#define ACTORS_MATCHING_PARTY_H

#include "actors/matching/lobby.h"

enum { PARTY_CANDIDATES = 256, PARTY_STEPS = 20000 };

/* Whether rows let somebody join these, who may be none yet.  It may put them off. */
typedef bool party_vet_fn(void *ctx, waiter_t *const *members, size_t count, waiter_t *candidate);

typedef struct party {
    waiter_t *members[LIMIT_TICKET_SIZE]; /* by age */
    size_t count;                         /* 0: there is none */
    size_t work;                          /* tickets that were held against each other */
} party_t;

party_t party_find(const lobby_t *lobby, waiter_t *waiter, int64_t now, party_vet_fn *vet,
                   void *ctx);

#endif
