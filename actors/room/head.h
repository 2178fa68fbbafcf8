/* head.h - the end of a room: the sequence of its last message, and the read markers of
 * those who have spoken last.
 *
 * Whoever posts has read up to there.  A marker's row for each post would be a third of
 * what a post writes; so the markers of the last speakers stand in the room's own row,
 * which is written with each message anyway.  A marker counts there if it is there; who
 * falls out of it has it written to its own row then. */
#ifndef ACTORS_ROOM_HEAD_H
#define ACTORS_ROOM_HEAD_H

#include "actors/actor.h"

enum { HEAD_SPEAKERS = 12 };

typedef struct speaker {
    uint64_t account;
    uint64_t seq; /* read up to here */
    int64_t time; /* when */
} speaker_t;

typedef struct head {
    uint64_t seq;       /* of the room's last message; 0: there is none */
    uint64_t mentioned; /* nobody is mentioned in a message behind this one */
    size_t count;
    speaker_t speakers[HEAD_SPEAKERS]; /* the last one first */
} head_t;

/* All zero of a room that nobody has spoken in. */
MUST_CHECK err_t head_get(turn_t *turn, uint64_t room, head_t *ret_head);

/* Of an account; NULL if it is not among the last. */
const speaker_t *head_speaker(const head_t *head, uint64_t account);

/* For apply: somebody has spoken.  True if another fell out by that. */
bool head_speak(turn_t *turn, uint64_t room, const speaker_t *speaker, speaker_t *ret_fallen);

/* For apply: a message mentions somebody. */
void head_mention(turn_t *turn, uint64_t room, uint64_t seq);

/* Rows of format 3, which had no such number. */
void head_convert(level_t *to, slice_t key, slice_t value);

/* For apply: somebody has read on; false if they are not among the last speakers. */
bool head_read(turn_t *turn, uint64_t room, const speaker_t *speaker);

#endif
