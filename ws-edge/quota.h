/* quota.h - how often somebody may fail: token buckets in a bounded table.
 *
 * Each kind of try has a size and a pace; a bucket belongs to a kind and a key (an
 * address, a login, an account).  The table never grows: when it is full, the bucket
 * that is nearest to being whole again makes room, which forgives the least.
 *
 * Times are monotonic µs. */
#ifndef WS_EDGE_QUOTA_H
#define WS_EDGE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/slice.h"

/* KIND(id, tries at once, ms until one of them is forgiven, what is counted) */
#define QUOTA_KINDS(KIND)                                                 \
    KIND(LOGIN, 50, 10000, "failures to sign in with one login")          \
    KIND(ADDRESS, 500, 1000, "failures to sign in from one address")      \
    KIND(SIGN_UP, 100, 10000, "new accounts from one address")            \
    KIND(UNKNOWN, 1000, 1000, "rooms that one account asked for in vain") \
    KIND(PROBE, 5000, 200, "rooms asked for in vain from one address")

typedef enum quota_kind {
#define KIND(id, tries, pace_ms, doc) QUOTA_##id,
    QUOTA_KINDS(KIND)
#undef KIND
        QUOTA_KIND_COUNT
} quota_kind_t;

typedef struct quota quota_t;

quota_t *quota_new(void);
void quota_destroy(quota_t **quota_p);

/* A key from a text, such that nobody can choose two texts with one key. */
uint64_t quota_key(const quota_t *quota, slice_t text);

/* How long until another try is allowed, in whole seconds; 0: now. */
unsigned quota_wait_s(const quota_t *quota, quota_kind_t kind, uint64_t key, uint64_t now_us);

/* Count one try, or forgive one that turned out well. */
void quota_charge(quota_t *quota, quota_kind_t kind, uint64_t key, uint64_t now_us);
void quota_refund(quota_t *quota, quota_kind_t kind, uint64_t key, uint64_t now_us);

#endif
