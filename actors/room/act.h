/* act.h - one person about to act on another in a room: rank, role, mute, kick, ban. */
#ifndef ACTORS_ROOM_ACT_H
#define ACTORS_ROOM_ACT_H

#include "actors/room/room.h"

typedef struct act {
    room_t room;
    uint64_t by;      /* who acts */
    room_rank_t rank; /* of theirs */
    uint64_t account; /* on whom; may be the same */
    room_rank_t their_rank;
    const membership_t *their; /* NULL: not in the room */
} act_t;

/* Whether they may act at all: in a room that is not direct, with at least that rank. */
MUST_CHECK err_t act_begin(turn_t *turn, uint64_t by, uint64_t room, uint64_t account,
                           room_rank_t least, act_t *ret_act);

/* Whether they may act on this one: on themselves, or on somebody of a lower rank. */
MUST_CHECK err_t act_outranks(turn_t *turn, const act_t *act);

/* Both, on somebody else, who must be in the room. */
MUST_CHECK err_t act_begin_on_member(turn_t *turn, uint64_t by, uint64_t room, uint64_t account,
                                     room_rank_t least, act_t *ret_act);

/* ERR_FORBIDDEN if the room would be left to people none of whom owns it. */
MUST_CHECK err_t act_leaves_owner(turn_t *turn, uint64_t room, const membership_t *owner);

#endif
