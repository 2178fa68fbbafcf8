/* postman.h - threads that carry something to a server that may be slow or dead.
 *
 * Each has one errand at a time, so such a server keeps a few errands waiting and nothing
 * else.  Errands and what came of them travel as bytes. */
#ifndef ACTORS_NOTIFIER_POSTMAN_H
#define ACTORS_NOTIFIER_POSTMAN_H

#include <stdatomic.h>

#include "actors/actor.h"

enum { POSTMEN_MAX = 8, POSTMAN_REASON_SIZE = 64 };

/* What became of an errand; GONE: there is nobody any more whom it was for. */
typedef enum delivery_outcome {
    DELIVERY_SENT,
    DELIVERY_LATER,
    DELIVERY_NEVER,
    DELIVERY_GONE,
    DELIVERY_COUNT_
} delivery_outcome_t;

typedef struct delivery {
    uint64_t number;
    delivery_outcome_t outcome;
    int64_t wait_s;                   /* LATER: not before so many seconds, as the receiver asks */
    char reason[POSTMAN_REASON_SIZE]; /* empty if it was taken */
} delivery_t;

/* The errand itself, on a postman's thread: *delivery says that it was taken, unless it is
 * changed.  `stop` becomes true when it has to end soon. */
typedef void postman_fn(const void *ctx, slice_t order, const atomic_bool *stop,
                        delivery_t *delivery);

/* For a postman_fn. */
void postman_fail(delivery_t *delivery, delivery_outcome_t outcome, const char *reason);

typedef struct postmen postmen_t;

/* So many threads; NULL if they cannot be started, which is logged.  `ctx` is only read.
 * Without `carry` there are none, and nobody comes back but in a re-run. */
postmen_t *postmen_new(size_t count, postman_fn *carry, const void *ctx);

/* Whoever is on the way turns back.  Accepts NULL. */
void postmen_destroy(postmen_t **postmen_p);

/* Whether one is free, and whether one is on the way with this. */
bool postmen_free(const postmen_t *postmen);
bool postmen_have(const postmen_t *postmen, uint64_t number);

/* Send one who is free; the order is copied. */
void postmen_give(postmen_t *postmen, uint64_t number, slice_t order);

/* The next who has come back, or has when this was recorded; false if none has. */
bool postmen_result(postmen_t *postmen, turn_t *turn, delivery_t *ret_delivery);

/* For recordings: the numbers that are on the way, and back. */
ids_t postmen_keep(const postmen_t *postmen, arena_t *arena);
void postmen_restore(postmen_t *postmen, ids_t numbers);

#endif
