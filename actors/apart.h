/* apart.h - from whom somebody is kept apart, since one of the two blocks the other: for actors
 * that must say with what they tell who may not see it.
 *
 * A row 'z' account, which the actor keeps from the matching actor's events. */
#ifndef ACTORS_APART_H
#define ACTORS_APART_H

#include "actors/row.h"

typedef struct apart {
    ids_t accounts;
    bool many; /* were more than LIMIT_APART once: nobody knows who they are */
} apart_t;

MUST_CHECK err_t apart_of(turn_t *turn, uint64_t account, apart_t *ret_apart);

/* For apply: whether a block stands between these two, by either. */
void apart_set(turn_t *turn, uint64_t one, uint64_t other, bool apart);

#endif
