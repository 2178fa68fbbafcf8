/* soft.h - the crowd in memory, as it follows the rows.
 *
 * It is made of the committed rows before the actor takes calls, a slice at a time; a question
 * that comes sooner makes the rest.  From then on what is committed leaves the names of those
 * it concerns, who are read again by the next question, or once they are more than a few. */
#ifndef ACTORS_MATCHING_SOFT_H
#define ACTORS_MATCHING_SOFT_H

#include "actors/actor.h"
#include "actors/matching/crowd.h"
#include "actors/matching/lobby.h"
#include "actors/matching/bond.h"
#include "schema/map.h"

typedef struct matching_soft {
    crowd_t *crowd; /* NULL: not begun */
    uint64_t made;  /* all accounts below this one are in it */
    map_t *stale;   /* accounts to be read again */
    doubts_t doubts;
    lobby_t *lobby; /* of the matchmaker, which match.c makes; NULL: not yet */
} matching_soft_t;

void soft_close(void *ctx);

/* For the actor's row: an event was committed. */
bool soft_settled(void *ctx, const record_t *record);
bool soft_warm(turn_t *turn);

/* ---- for queries ---- */

/* The crowd as the committed rows have it. */
MUST_CHECK err_t soft_crowd(turn_t *turn, crowd_t **ret_crowd);

#endif
