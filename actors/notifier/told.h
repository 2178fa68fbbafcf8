/* told.h - who in a room of several was told of its messages, and when: they are not told
 * of each that follows. */
#ifndef ACTORS_NOTIFIER_TOLD_H
#define ACTORS_NOTIFIER_TOLD_H

#include "actors/notifier/rows.h"

typedef struct told {
    size_t count;
    struct {
        uint64_t account;
        int64_t time;
    } people[LIMIT_NOTICE_MEMBERS];
} told_t;

MUST_CHECK err_t told_get(turn_t *turn, uint64_t room, told_t *ret_told);

/* When an account was told of what it has not read; 0: it was not. */
int64_t told_time(const told_t *told, uint64_t account);

/* Whether that is so short ago that this is not worth telling. */
bool told_lately(const told_t *told, uint64_t account, int64_t time);

/* For apply: an account is told, or has read it all. */
void told_put(turn_t *turn, uint64_t room, uint64_t account, int64_t time);
void told_remove(turn_t *turn, uint64_t room, uint64_t account);

#endif
