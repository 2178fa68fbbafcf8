/* soft.h - the crowd in memory, as it follows the rows.
 *
 * It is made of the committed rows by the first question, and from then on what is
 * committed leaves the names of those it concerns, who are read again by the next one. */
#ifndef ACTORS_MATCHING_SOFT_H
#define ACTORS_MATCHING_SOFT_H

#include "actors/actor.h"
#include "actors/matching/crowd.h"
#include "actors/matching/lobby.h"
#include "schema/map.h"

typedef struct matching_soft {
    crowd_t *crowd; /* NULL: not made yet */
    map_t *stale;   /* accounts to be read again */
    lobby_t *lobby; /* of the matchmaker, which match.c makes; NULL: not yet */
} matching_soft_t;

void soft_close(void *ctx);

/* For the actor's row: an event was committed. */
void soft_settled(void *ctx, const record_t *record);

/* ---- for queries ---- */

/* The crowd as the committed rows have it. */
MUST_CHECK err_t soft_crowd(turn_t *turn, crowd_t **ret_crowd);

#endif
