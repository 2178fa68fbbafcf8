/* waiting.h - a queue of people who wait for something to be looked at again, all equally long:
 * whoever has joined first is due first, so that only the front has to be looked at. */
#ifndef ACTORS_NOTIFIER_WAITING_H
#define ACTORS_NOTIFIER_WAITING_H

#include "actors/notifier/places.h"

/* Who has waited longest, and since when; ERR_NOT_FOUND: nobody waits. */
MUST_CHECK err_t waiting_front(turn_t *turn, const places_t *queue, uint64_t *ret_account,
                               int64_t *ret_since);

/* For apply: the place of an account that joins, which is never 0; it leaves by places_leave. */
uint64_t waiting_join(turn_t *turn, const places_t *queue, uint64_t account, int64_t time);

#endif
