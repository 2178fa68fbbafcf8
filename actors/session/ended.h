/* ended.h - what must be refused although its token has not expired.
 *
 * Sign-outs and revocations stand in a queue in the order in which they happened,
 * each until the tokens that it concerns have expired by themselves.  Whoever joins
 * the queue takes up to two expired ones off its front, so it holds no more than
 * what has ended within the life of a token, and needs neither timer nor scan. */
#ifndef ACTORS_SESSION_ENDED_H
#define ACTORS_SESSION_ENDED_H

#include "actors/actor.h"

typedef struct ended {
    int64_t expires;  /* when it can be forgotten, µs */
    uint64_t session; /* this one, or with an account all of the account's before it */
    uint64_t account; /* 0: a single session */
} ended_t;

/* For apply: join the queue at `now`, the event's own time. */
MUST_CHECK err_t ended_add(turn_t *turn, const ended_t *ended, int64_t now);

/* For queries: call `each` with all that has not expired. */
typedef void ended_each_fn(void *ctx, const ended_t *ended);
MUST_CHECK err_t ended_scan(turn_t *turn, ended_each_fn *each, void *ctx);

#endif
