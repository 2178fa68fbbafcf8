/* staff.h - who may do what to other people's accounts.
 *
 *   RANK_NONE       a person or a bot: nothing
 *   RANK_MODERATOR  bans users and bots, sees what is hidden from people
 *   RANK_KEY        an API key: whatever its scopes name, which the edge has checked
 *   RANK_ADMIN      the same, and gives roles and keys
 *   RANK_OPERATOR   the same; comes by the bus, in nobody's name
 *
 * Nobody does any of it to themselves, so the last admin stays one. */
#ifndef ACTORS_SESSION_STAFF_H
#define ACTORS_SESSION_STAFF_H

#include "actors/actor.h"

typedef enum rank {
    RANK_NONE,
    RANK_MODERATOR,
    RANK_KEY,
    RANK_ADMIN,
    RANK_OPERATOR,
} rank_t;

/* The rank of whoever asks. */
MUST_CHECK err_t staff_rank(turn_t *turn, const call_t *call, rank_t *ret_rank);

/* The same; ERR_FORBIDDEN if it is lower than `least`. */
MUST_CHECK err_t staff_check(turn_t *turn, const call_t *call, rank_t least, rank_t *ret_rank);

/* The account that is to be changed: not one's own, nor the system's, nor deleted; a
 * moderator's only by those above.  ERR_FORBIDDEN, ERR_NOT_FOUND. */
MUST_CHECK err_t staff_target(turn_t *turn, const call_t *call, rank_t least, uint64_t account,
                              const account_row_t **ret_row);

/* Whether this rank may give that role: user and bot all may, moderator and admin those
 * from RANK_ADMIN on, system nobody.  ERR_FORBIDDEN. */
MUST_CHECK err_t staff_may_give(turn_t *turn, rank_t rank, role_t role);

#endif
