/* mute.h - what a person wants to know of one room's messages, for good or for a while. */
#ifndef ACTORS_NOTIFIER_MUTE_H
#define ACTORS_NOTIFIER_MUTE_H

#include "actors/notifier/rows.h"

/* Their wish for this room; notice_wish_NONE if they have none, or none any more. */
MUST_CHECK err_t mute_wish(turn_t *turn, uint64_t account, uint64_t room, notice_wish_t *ret_wish);

/* For apply: who leaves a room has no wish for it. */
void mute_forget(turn_t *turn, uint64_t account, uint64_t room);

#endif
