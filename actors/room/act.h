/* act.h - one person about to act on another in a room: rank, role, mute, kick, ban. */
#ifndef ACTORS_ROOM_ACT_H
#define ACTORS_ROOM_ACT_H

#include "actors/room/room.h"

typedef struct act {
    room_t room;
    uint64_t by;               /* who acts */
    room_rank_t rank;          /* of theirs */
    uint64_t account;          /* on whom; may be the same */
    const membership_t *their; /* NULL: not in the room */
} act_t;

/* Whether they may: in a room that is not direct, with at least that rank, on themselves
 * or on somebody of a lower one. */
MUST_CHECK err_t act_begin(turn_t *turn, uint64_t by, uint64_t room, uint64_t account,
                           room_rank_t least, act_t *ret_act);

/* The same on somebody else, who must be in the room. */
MUST_CHECK err_t act_begin_on_member(turn_t *turn, uint64_t by, uint64_t room, uint64_t account,
                                     room_rank_t least, act_t *ret_act);

/* ERR_FORBIDDEN if the room would be left to people none of whom owns it. */
MUST_CHECK err_t act_leaves_owner(turn_t *turn, uint64_t room, const membership_t *owner);

#endif
