/* claim.h - what people may say of themselves in words, in tags and by photos.
 *
 * Pure, so that an edge can look at it too before it has somebody registered. */
#ifndef ACTORS_MATCHING_CLAIM_H
#define ACTORS_MATCHING_CLAIM_H

#include "schema/codec.h"

/* Put what an update says into the profile, and leave alone what it does not say.
 * ERR_INVALID, and what is wrong with it; `profile` may be half changed then. */
MUST_CHECK err_t claim_take(const profile_update_call_t *ask, arena_t *arena, profile_t *profile,
                            fault_t *ret_fault);

#endif
