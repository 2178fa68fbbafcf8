/* expiry.h - queues in the order of expiry, of things that live differently long.
 *
 * A queue is a table of buckets, one for each hour in which something expires, and a
 * counter that says which bucket is the first.  An hour's number stands above a place
 * in the key, so that all is found by key:
 *
 *   hour · 2^32           how many are in the bucket
 *   hour · 2^32 + place   1, 2, 3 …: the value that was put in
 *
 * Whoever adds something should also take some, so that a queue holds little more than
 * what has not expired, and needs neither timer nor scan.  Up to an hour passes between
 * a thing's expiry and the moment from which it can be taken. */
#ifndef ACTORS_SESSION_EXPIRY_H
#define ACTORS_SESSION_EXPIRY_H

#include "actors/session/rows.h"

typedef struct expiry {
    rows_table_t table;
    rows_counter_t front; /* no bucket before this one has anything; 0: none had yet */
} expiry_t;

/* Times are µs since 1970.  For apply. */
MUST_CHECK err_t expiry_add(turn_t *turn, const expiry_t *queue, int64_t expires, slice_t value);

/* Take one that has expired by `now`.  ERR_NOT_FOUND: there is none, or it lies behind
 * so many empty hours that another call must find it. */
MUST_CHECK err_t expiry_take(turn_t *turn, const expiry_t *queue, int64_t now, slice_t *ret_value);

/* Whether two times fall into the same bucket. */
bool expiry_same(int64_t one, int64_t other);

/* For queries: each value that waits, until `each` returns false. */
typedef bool expiry_each_fn(void *ctx, slice_t value);
MUST_CHECK err_t expiry_scan(turn_t *turn, const expiry_t *queue, expiry_each_fn *each, void *ctx);

#endif
