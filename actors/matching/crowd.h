/* crowd.h - everybody who can be recommended, in memory, so that the best for somebody are
 * found without looking at all.
 *
 *   cell    half a degree of the earth, and one for those whose place is unknown
 *   chunk   those of a cell of one kind of gender and a tenth of fame; unordered
 *
 * A question opens chunks by the highest key that anybody in them can have, and ends when
 * that is below the worst it has found: it is exact.  Per person 88 bytes, 24 that are
 * looked at first, 12 that say where they are, and what growing arrays leave free: 180 at
 * most.  It holds nothing that the rows do not, and is made of them. */
#ifndef ACTORS_MATCHING_CROWD_H
#define ACTORS_MATCHING_CROWD_H

#include "actors/matching/trial.h"

typedef struct crowd crowd_t;

crowd_t *crowd_new(void);
void crowd_destroy(crowd_t **crowd_p);

/* Somebody is there, or is otherwise than before; or is there no longer. */
void crowd_put(crowd_t *crowd, const candidate_t *candidate);
void crowd_drop(crowd_t *crowd, uint64_t account);

size_t crowd_count(const crowd_t *crowd);
size_t crowd_bytes(const crowd_t *crowd); /* that it takes */

typedef struct found {
    rank_t rank;
    candidate_t candidate;
} found_t;

/* Which of those who pass are wanted. */
typedef struct wanted {
    ids_t apart; /* not these; ascending */
    bool continued;
    rank_t after; /* only what comes behind it, if that is so */
    size_t limit;
} wanted_t;

/* The first ones, in their order; how many. */
size_t crowd_search(crowd_t *crowd, const trial_t *trial, const wanted_t *wanted,
                    found_t *ret_found);

#endif
