/* waiting.h - a queue of people who wait for something to be looked at again, all equally long:
 * whoever has joined first is due first, so that only the front has to be looked at. */
#ifndef ACTORS_NOTIFIER_WAITING_H
#define ACTORS_NOTIFIER_WAITING_H

#include "actors/notifier/rows.h"

typedef struct waiting {
    char row;   /* letter of the places */
    char last;  /* letters of two counters: the last place given, and … */
    char first; /* … one below which nobody stands */
} waiting_t;

/* Who has waited longest, and since when; ERR_NOT_FOUND: nobody waits. */
MUST_CHECK err_t waiting_front(turn_t *turn, const waiting_t *queue, uint64_t *ret_account,
                               int64_t *ret_since);

/* For apply: the place of an account that joins, which is never 0; and it leaves. */
uint64_t waiting_join(turn_t *turn, const waiting_t *queue, uint64_t account, int64_t time);
void waiting_leave(turn_t *turn, const waiting_t *queue, uint64_t place);

#endif
