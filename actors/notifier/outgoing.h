/* outgoing.h - queues of what has to leave the house: mails and webhooks.
 *
 * An item has a number, and a row from the event that queued it to the event that says that it
 * is done with; so a queue is walked by key. */
#ifndef ACTORS_NOTIFIER_OUTGOING_H
#define ACTORS_NOTIFIER_OUTGOING_H

#include "actors/notifier/places.h"
#include "actors/notifier/postman.h"

typedef struct outgoing {
    places_t places;    /* of the items */
    int64_t back_off;   /* µs: before the second try; then four times as long, up to six hours */
    shape_fn *shape;    /* of an item */
    const char *called; /* in the log */
} outgoing_t;

/* The number of the next item. */
MUST_CHECK err_t outgoing_next(turn_t *turn, const outgoing_t *queue, uint64_t *ret_number);

MUST_CHECK err_t outgoing_get(turn_t *turn, const outgoing_t *queue, uint64_t number,
                              const void **ret_item);

/* When an item is tried again that was tried so often before; 0: never, it has expired by then. */
int64_t outgoing_due(const outgoing_t *queue, uint64_t tries, int64_t expires, int64_t now);

/* Give the postmen what is due, as long as one is free.  `look` says of an item whether it is.
 * A walk is of bounded length; the next goes on behind it, at *cursor, and round and round. */
typedef bool outgoing_look_fn(turn_t *turn, const void *item);
void outgoing_walk(turn_t *turn, const outgoing_t *queue, outgoing_look_fn *look,
                   postmen_t *postmen, uint64_t *cursor);

/* An item was not taken: say so. */
void outgoing_warn(const outgoing_t *queue, uint64_t number, slice_t reason, int64_t due);

/* ---- for apply ---- */

void outgoing_put(turn_t *turn, const outgoing_t *queue, uint64_t number, const void *item);
void outgoing_remove(turn_t *turn, const outgoing_t *queue, uint64_t number);

#endif
