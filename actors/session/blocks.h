/* blocks.h - who blocks whom, and who shows themselves to everybody, as the matching actor's
 * events tell.
 *
 * Of two of whom one blocks the other neither sees that the other is there at all.  Who
 * has filled in a profile that is not hidden shows everybody else whether they are here. */
#ifndef ACTORS_SESSION_BLOCKS_H
#define ACTORS_SESSION_BLOCKS_H

#include "actors/actor.h"

apply_fn blocks_apply_blocked, blocks_apply_unblocked, blocks_apply_profile;

MUST_CHECK err_t blocks_between(turn_t *turn, uint64_t one, uint64_t other, bool *ret_blocked);

MUST_CHECK err_t blocks_shown(turn_t *turn, uint64_t account, bool *ret_shown);

#endif
