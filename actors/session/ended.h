/* ended.h - what must be refused although its token has not expired.
 *
 * Sign-outs and revocations stand in a queue in the order in which the tokens that they
 * concern expire by themselves.  Whoever joins the queue takes up to two expired ones
 * off its front (expiry.h). */
#ifndef ACTORS_SESSION_ENDED_H
#define ACTORS_SESSION_ENDED_H

#include "actors/actor.h"

typedef struct ended {
    int64_t expires;  /* when it can be forgotten, µs */
    uint64_t session; /* this one, or with an account all of the account's before it */
    uint64_t account; /* 0: a single session */
    uint64_t kept;    /* of the account's, the one that is good all the same; 0: none */
} ended_t;

/* For apply: join the queue at `now`, the event's own time. */
MUST_CHECK err_t ended_add(turn_t *turn, const ended_t *ended, int64_t now);

/* For queries: call `each` with all that has not expired. */
typedef void ended_each_fn(void *ctx, const ended_t *ended);
MUST_CHECK err_t ended_scan(turn_t *turn, ended_each_fn *each, void *ctx);

#endif
