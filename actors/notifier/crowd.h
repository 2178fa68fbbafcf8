/* crowd.h - who is in a room, and who is there at present.
 *
 * Of a room of at most LIMIT_NOTICE_MEMBERS people the members are known by name, in one
 * row, so that a post looks at that and at no other.  A larger one has its number of members
 * there: nobody in it is told of what goes on, but of mentions and answers.  Each member has a
 * seat besides, from 1 to that number without a gap, by which the names are found again when
 * a room gets small.
 *
 * Who has spoken in a room or read on in it lately is there, and needs no notice of what
 * they see. */
#ifndef ACTORS_NOTIFIER_CROWD_H
#define ACTORS_NOTIFIER_CROWD_H

#include "actors/notifier/rows.h"

typedef struct crowd {
    bool large; /* then nobody is named */
    uint64_t count;
    uint64_t members[LIMIT_NOTICE_MEMBERS];
} crowd_t;

/* ERR_NOT_FOUND: there is no such room any more. */
MUST_CHECK err_t crowd_get(turn_t *turn, uint64_t room, crowd_t *ret_crowd);

/* Who has a seat, also in a room that is gone; ERR_NOT_FOUND behind the last. */
MUST_CHECK err_t crowd_seat(turn_t *turn, uint64_t room, uint64_t seat, uint64_t *ret_account);

/* Who was last there, and the sequence of the room's last message, which is 0 of a large
 * room and of one in which nothing was said. */
typedef struct here {
    uint64_t seq;
    size_t count;
    struct {
        uint64_t account;
        int64_t time;
    } people[LIMIT_NOTICE_MEMBERS]; /* the last one first */
} here_t;

MUST_CHECK err_t here_get(turn_t *turn, uint64_t room, here_t *ret_here);

/* Whether somebody was there at this time. */
bool here_is(const here_t *here, uint64_t account, int64_t time);

/* For apply: somebody speaks, or reads on. */
void here_put(turn_t *turn, uint64_t room, here_t *here, uint64_t account, int64_t time);

/* For apply; who is in a room already is not added again. */
void crowd_begin(turn_t *turn, uint64_t room);
void crowd_end(turn_t *turn, uint64_t room);
void crowd_add(turn_t *turn, uint64_t room, uint64_t account);
void crowd_remove(turn_t *turn, uint64_t room, uint64_t account);

#endif
