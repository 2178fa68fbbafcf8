/* keep.h - the matchmaker's soft state, for recordings: its lobby, and whose bonds are in doubt.
 *
 * The crowd is not among it: questions alone look at that. */
#ifndef ACTORS_MATCHING_KEEP_H
#define ACTORS_MATCHING_KEEP_H

#include "actors/actor.h"

void matching_keep(const void *soft, buf_t *out);
MUST_CHECK err_t matching_restore(turn_t *turn, slice_t kept);

#endif
