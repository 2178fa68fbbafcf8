/* keep.h - the notifier's soft state, for recordings: who is connected, what is on its way. */
#ifndef ACTORS_NOTIFIER_KEEP_H
#define ACTORS_NOTIFIER_KEEP_H

#include "actors/actor.h"

void notifier_keep(const void *soft, buf_t *out);
MUST_CHECK err_t notifier_restore(turn_t *turn, slice_t kept);

#endif
