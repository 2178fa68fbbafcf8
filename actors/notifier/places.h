/* places.h - rows in a line, as a queue has them: each takes the next number, and may go before
 * those in front of it have gone.
 *
 * Numbers count up from 1.  Whoever goes at the front takes those along who went behind it, so
 * that the front is a row or the end, and each number is passed over once. */
#ifndef ACTORS_NOTIFIER_PLACES_H
#define ACTORS_NOTIFIER_PLACES_H

#include "actors/notifier/rows.h"

typedef struct places {
    char row;   /* letter of the rows */
    char last;  /* letters of two counters: the last number given, and … */
    char first; /* … one below which there is no row */
} places_t;

/* The front's number, and the last one's; the front is above it if nobody is in the line. */
MUST_CHECK err_t places_bounds(turn_t *turn, const places_t *places, uint64_t *ret_first,
                               uint64_t *ret_last);

row_key_t places_key(const places_t *places, uint64_t number);

/* For apply: a row of this number is there now, which it may have been before; it is not. */
void places_take(turn_t *turn, const places_t *places, uint64_t number);
void places_leave(turn_t *turn, const places_t *places, uint64_t number);

#endif
