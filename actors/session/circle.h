/* circle.h - whom a person may know of: those with whom they share a room, and those who show
 * themselves to everybody (blocks.h).
 *
 * Kept from the room actor's events.  Who opens a direct room with another shows them
 * their e-mail; not the other way round, since nobody is asked before.  Whether somebody
 * is here is told to rooms of up to CIRCLE_MEMBERS people as it happens, and in larger
 * ones it is a query. */
#ifndef ACTORS_SESSION_CIRCLE_H
#define ACTORS_SESSION_CIRCLE_H

#include "actors/actor.h"

enum { CIRCLE_MEMBERS = 100 };

/* ---- events of the room actor ---- */

apply_fn circle_apply_created;
apply_fn circle_apply_joined;
apply_fn circle_apply_left;
apply_fn circle_apply_deleted;

/* ---- for decide and query ---- */

/* Whether the account shows its e-mail to the other: it has opened their direct room. */
MUST_CHECK err_t circle_shows(turn_t *turn, uint64_t account, uint64_t other, bool *ret_shows);

/* The rooms in which it is told that this person came or went: their last ones, as long
 * as they are small.  In the turn's arena. */
MUST_CHECK err_t circle_rooms(turn_t *turn, uint64_t account, ids_t *ret_rooms);

/* ---- for queries ---- */

/* The rooms of one who asks, held against those of others. */
typedef struct circle {
    turn_t *turn;
    uint64_t account;
    ids_t rooms; /* ascending */
} circle_t;

MUST_CHECK err_t circle_open(turn_t *turn, uint64_t account, circle_t *ret_circle);

/* Whether the other one is in a room with them, or shows themselves.  Looks at so many of
 * the other's rooms at most that a thousand of them cost no more than a second. */
MUST_CHECK err_t circle_meets(const circle_t *circle, uint64_t other, bool *ret_meets);

#endif
