/* keep.h - the soft state of the session actor, for recordings: who is connected, who says to
 * be, who is awaited. */
#ifndef ACTORS_SESSION_KEEP_H
#define ACTORS_SESSION_KEEP_H

#include "actors/actor.h"

void session_keep(const void *soft, buf_t *out);
MUST_CHECK err_t session_restore(turn_t *turn, slice_t kept);

#endif
