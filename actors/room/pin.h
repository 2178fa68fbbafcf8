/* pin.h - messages that a room keeps in sight. */
#ifndef ACTORS_ROOM_PIN_H
#define ACTORS_ROOM_PIN_H

#include "actors/actor.h"

/* For apply: pinned at that time, or 0 for no longer; the annex is the caller's to put. */
void pin_set(turn_t *turn, uint64_t room, annex_t *annex, int64_t pinned);

#endif
