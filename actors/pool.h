/* pool.h - one thread for the slow work of an actor: hashing and verifying passwords.
 *
 * Orders and results travel as bytes, never as pointers.  A password is wiped as
 * soon as its work is done, and no result holds one.  At most POOL_QUEUE orders
 * are open; one more is refused, so that a flood of sign-ins waits outside. */
#ifndef ACTORS_POOL_H
#define ACTORS_POOL_H

#include "actors/actor.h"
#include "actors/bus.h"

enum { POOL_QUEUE = 64 }; /* about 4 s of work at 70 ms each */

typedef struct pool pool_t;

typedef struct pool_options {
    bool weak;        /* the least Argon2 cost: tests only */
    bool md5_clients; /* a password has a second verifier, of its MD5 */
} pool_options_t;

/* Start the pool of the actor `name`. */
MUST_CHECK err_t pool_start(const char *name, const pool_options_t *options, pool_t **ret_pool);

/* End the thread when it is done with what it is at, drop what else is queued,
 * and null *pool_p. */
void pool_stop(pool_t **pool_p);

/* Order work; the texts are copied.  HASH takes no verifier.  VERIFY of an empty
 * verifier takes as long as any other and fits nothing.  ERR_UNAVAILABLE: the
 * queue is full. */
MUST_CHECK err_t pool_submit(pool_t *pool, uint64_t ticket, const work_t *work);

/* The next result, if one is there; results come in the order of the orders.  Its
 * texts live until the next call. */
bool pool_result(pool_t *pool, uint64_t *ret_ticket, work_result_t *ret_result);

/* How many there were, each of which hashed a password: the one thing here that is slow. */
uint64_t pool_orders(const pool_t *pool);

/* What to wait on: it has a message when a result is there. */
bus_t *pool_bus(const pool_t *pool);

#endif
