/* meeting.h - two people, one of whom asks, and how they stand to each other.
 *
 * Who is deleted or banned is nobody.  Who blocks the asker is nobody to them, too; and
 * whoever is hidden, unless they like the asker, match or have an open chat. */
#ifndef ACTORS_MATCHING_MEETING_H
#define ACTORS_MATCHING_MEETING_H

#include "actors/matching/rows.h"

typedef struct meeting {
    uint64_t self;
    uint64_t other;
    const person_t *person;  /* the other one */
    standing_row_t standing; /* theirs */
    stance_t mine;           /* to them */
    stance_t theirs;         /* to the asker */
    chat_row_t chat;
} meeting_t;

/* The other one, whoever blocks whom.  INVALID: oneself; NOT_FOUND: deleted, or never was. */
MUST_CHECK err_t meeting_find(turn_t *turn, const call_t *call, uint64_t other,
                              meeting_t *ret_meeting);

/* The same if the asker may see them.  NOT_FOUND; BLOCKED if the asker blocks them. */
MUST_CHECK err_t meeting_see(turn_t *turn, const call_t *call, uint64_t other,
                             meeting_t *ret_meeting);

/* What the second adds to the first. */
MUST_CHECK err_t meeting_check(const turn_t *turn, const meeting_t *meeting);

/* As the asker is told. */
relation_t meeting_relation(const meeting_t *meeting);

/* Answer with it. */
void meeting_answer(turn_t *turn, const meeting_t *meeting);

#endif
