/* tie.h - what keeps two people from talking in their direct room, as the matching actor's
 * events tell: a block by either, or that the chat is closed. */
#ifndef ACTORS_ROOM_TIE_H
#define ACTORS_ROOM_TIE_H

#include "actors/room/rows.h"

/* BLOCKED if either of the two blocks the other. */
MUST_CHECK err_t tie_check_block(turn_t *turn, uint64_t one, uint64_t other);

/* The same, and CLOSED if their chat is. */
MUST_CHECK err_t tie_check(turn_t *turn, uint64_t one, uint64_t other);

apply_fn tie_apply_blocked, tie_apply_unblocked, tie_apply_connected, tie_apply_disconnected;

#endif
