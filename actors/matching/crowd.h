/* crowd.h - everybody who can be recommended, in memory, so that the best for somebody are
 * found without looking closely at all.
 *
 *   person  what is told apart of them, by their account
 *   cell    a degree of the earth, and those in it at a glance
 *   group   those of one kind of gender, of a band of ages and a tier of fame, at a glance
 *
 * A question about places looks through the cells near by, from the nearest on.  If that
 * may not be enough it goes through the groups, the one with the highest key that anybody
 * in it can have first, and ends when that is below the worst it has found.  There the
 * lines of tags (lines.h) tell of hundreds at once who has enough of them to be looked at.
 * So it is exact, and at the worst one walk over the 16 bytes that are a person at first
 * glance.
 *
 * Per person 88 bytes, 8 that say where they stand, glances of 40 bytes twice, 24 of lines,
 * and what growing arrays leave free: 260 at most.  It holds nothing that the rows do not,
 * and is made of them. */
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
size_t crowd_search(const crowd_t *crowd, const trial_t *trial, const wanted_t *wanted,
                    found_t *ret_found);

#endif
