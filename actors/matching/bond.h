/* bond.h - what people make of others counts for as long as they are there.
 *
 * A bond is that somebody likes, has visited or blocks another; each has a place among those of
 * its person.  Of who is deleted, or banned until a time, the bonds are withdrawn one after the
 * other: they are left as they are, and count for nobody's fame, likes and visits; after a
 * ban they count again.  A round does a page of that, as an event that names the others, so
 * that nobody waits for somebody with ten thousand likes. */
#ifndef ACTORS_MATCHING_BOND_H
#define ACTORS_MATCHING_BOND_H

#include "actors/matching/matching.h"

/* ---- for apply ---- */

/* The one stands to the other somehow: gives the stance its place, if it has none. */
void bond_begin(turn_t *turn, uint64_t account, uint64_t other, stance_t *stance);

/* ---- for decide ---- */

/* ERR_FORBIDDEN: who is deleted or banned begins nothing, lest a bond is overlooked. */
MUST_CHECK err_t bond_check(turn_t *turn, uint64_t account);

/* ---- rounds: whose bonds may have to be withdrawn, or to count again ---- */

typedef struct doubts {
    buf_t accounts; /* u64, the oldest first */
    size_t first;   /* those before it are done with */
} doubts_t;

void bond_doubt(doubts_t *doubts, uint64_t account);
void bond_round(turn_t *turn, doubts_t *doubts);

/* Whether a round has anything to do for somebody, now or when a ban is over. */
bool bond_is_due(turn_t *turn, uint64_t account, const person_t *person);

#endif
