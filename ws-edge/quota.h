/* quota.h - how often somebody may do something: token buckets in a bounded table.
 *
 * Each rate (schema/rates.def) has a size and a pace; a bucket belongs to a rate and a key
 * (an address, a login, an account).  The table never grows: when it is full, the bucket
 * that is nearest to being whole again makes room, which forgives the least.
 *
 * Times are monotonic µs. */
#ifndef WS_EDGE_QUOTA_H
#define WS_EDGE_QUOTA_H

#include "schema/err.h"
#include "schema/slice.h"

typedef enum rate_id {
#define RATE(id, name, number, seconds, doc) RATE_##id,
#include "schema/rates.def"
#undef RATE
    RATE_COUNT
} rate_id_t;

typedef struct rate {
    uint64_t size;    /* at once; 0: no limit */
    uint64_t pace_us; /* until one of them is forgiven */
} rate_t;

/* "NUMBER/SECONDS", or "off"; INVALID for anything else. */
MUST_CHECK err_t rate_read(const char *text, rate_t *ret_rate);

/* As the table has it. */
rate_t rate_default(rate_id_t id);

typedef struct quota quota_t;

/* With the rates of the table. */
quota_t *quota_new(void);
void quota_destroy(quota_t **quota_p);

/* From now on; what is owed stays owed. */
void quota_set(quota_t *quota, rate_id_t id, const rate_t *rate);

/* A key from a text, such that nobody can choose two texts with one key. */
uint64_t quota_key(const quota_t *quota, slice_t text);

/* How long until another try is allowed, in whole seconds; 0: now. */
unsigned quota_wait_s(const quota_t *quota, rate_id_t id, uint64_t key, uint64_t now_us);

/* Count so many; what is more than is left is owed, and makes the next wait longer. */
void quota_charge(quota_t *quota, rate_id_t id, uint64_t key, uint64_t many, uint64_t now_us);

/* Forgive one that is not to count after all. */
void quota_refund(quota_t *quota, rate_id_t id, uint64_t key, uint64_t now_us);

#endif
