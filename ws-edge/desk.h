/* desk.h - the calls that wait for their answers.
 *
 * Each gets a number that nobody else has: the slot in a table and how often that slot
 * was taken before, so that an answer which comes too late finds nobody.  All wait
 * equally long, so they run out of time in the order in which they came.
 *
 * A number is never 0; at most `max` calls wait at a time. */
#ifndef WS_EDGE_DESK_H
#define WS_EDGE_DESK_H

#include "schema/envelope.h"

typedef struct desk desk_t;

/* Called once for each, whatever happens: with the answer, or with a refusal by the
 * desk when the time is over or the broker is gone. */
typedef void waiter_fn(void *ctx, uint64_t tag, const reply_t *reply);

typedef struct waiter {
    waiter_fn *answer;
    void *ctx;
    uint64_t tag;
    uint16_t type;    /* call_number_t */
    uint64_t account; /* for whom it is asked; 0: for the edge */
} waiter_t;

/* Called for each that is settled, before its waiter is. */
typedef void settled_fn(void *ctx, uint64_t account);

desk_t *desk_new(size_t max, uint64_t patience_us);

/* At most one hears. */
void desk_hear(desk_t *desk, settled_fn *settled, void *ctx);

/* Nobody may be waiting any more. */
void desk_destroy(desk_t **desk_p);

/* The call's number, or 0 when the desk is full. */
uint64_t desk_add(desk_t *desk, const waiter_t *waiter, uint64_t now_us);

/* Hand an answer to whom it belongs; does nothing if nobody waits for it. */
void desk_answer(desk_t *desk, const reply_t *reply);

/* Refuse those whose time is over; all of them. */
void desk_expire(desk_t *desk, uint64_t now_us);
void desk_fail_all(desk_t *desk);

size_t desk_count(const desk_t *desk);

#endif
