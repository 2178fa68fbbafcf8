/* head.h - the end of a room: the sequence of its last message, and who has spoken last.
 *
 * Whoever posts has read up to there.  A marker's row for each post would be a third of
 * what a post writes; so the last speakers stand in the room's own row, which is written
 * with each message anyway, and who falls out of it gets the row then. */
#ifndef ACTORS_ROOM_HEAD_H
#define ACTORS_ROOM_HEAD_H

#include "actors/actor.h"

enum { HEAD_SPEAKERS = 8 };

typedef struct speaker {
    uint64_t account;
    uint64_t seq; /* of their last message */
    int64_t time;
} speaker_t;

typedef struct head {
    uint64_t seq; /* of the room's last message; 0: there is none */
    size_t count;
    speaker_t speakers[HEAD_SPEAKERS]; /* the last one first */
} head_t;

/* All zero of a room that nobody has spoken in. */
MUST_CHECK err_t head_get(turn_t *turn, uint64_t room, head_t *ret_head);

/* Of an account; NULL if it is not among the last. */
const speaker_t *head_speaker(const head_t *head, uint64_t account);

/* For apply: somebody has spoken.  True if another fell out by that. */
bool head_move(turn_t *turn, uint64_t room, const speaker_t *speaker, speaker_t *ret_fallen);

#endif
