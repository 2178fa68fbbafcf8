/* quota.c - a bucket is one number: when it will be whole again.
 *
 * A try moves that time back by the kind's pace; a bucket whose time lies more than
 * its size away has run dry.  So buckets need no timer, and those that are whole are
 * free slots. */
#include "ws-edge/quota.h"

#include "actors/crypto.h"
#include "schema/mem.h"

enum { WAYS = 8, SETS = 4096 }; /* 512 KiB */

typedef struct bucket {
    uint64_t tag;      /* key and kind */
    uint64_t whole_us; /* when nothing will be owed any more */
} bucket_t;

struct quota {
    uint8_t secret[CRYPTO_BLAKE128_SIZE];
    uint64_t quiet_us[QUOTA_KIND_COUNT]; /* from then on all of that kind are whole */
    bucket_t buckets[SETS][WAYS];
};

static const struct {
    uint64_t tries;
    uint64_t pace_us;
} s_kinds[QUOTA_KIND_COUNT] = {
#define KIND(id, tries, pace_ms, doc) {tries, pace_ms * UINT64_C(1000)},
    QUOTA_KINDS(KIND)
#undef KIND
};

quota_t *quota_new(void)
{
    quota_t *quota = mem_new(quota_t);
    crypto_random(quota->secret, sizeof quota->secret);
    return quota;
}

void quota_destroy(quota_t **quota_p)
{
    mem_free(*quota_p);
    *quota_p = NULL;
}

uint64_t quota_key(const quota_t *quota, slice_t text)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    uint64_t key;
    crypto_blake128(slice_new(quota->secret, sizeof quota->secret), text, hash);
    memcpy(&key, hash, sizeof key);
    return key;
}

/* A mix of all bits (splitmix64), since accounts are keys as they are; never 0. */
static uint64_t s_tag(quota_kind_t kind, uint64_t key)
{
    uint64_t mixed = key + ((uint64_t)kind + 1) * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (mixed ^ (mixed >> 31)) | 1;
}

static const bucket_t *s_find(const quota_t *quota, uint64_t tag)
{
    const bucket_t *set = quota->buckets[tag >> 32 & (SETS - 1)];
    for (int way = 0; way < WAYS; way++)
        if (set[way].tag == tag)
            return &set[way];
    return NULL;
}

/* The key's bucket; a new one takes the slot that owes least. */
static bucket_t *s_take(quota_t *quota, uint64_t tag)
{
    bucket_t *set = quota->buckets[tag >> 32 & (SETS - 1)];
    bucket_t *least = &set[0];
    for (int way = 0; way < WAYS; way++) {
        if (set[way].tag == tag)
            return &set[way];
        if (set[way].whole_us < least->whole_us)
            least = &set[way];
    }
    *least = (bucket_t){.tag = tag};
    return least;
}

unsigned quota_wait_s(const quota_t *quota, quota_kind_t kind, uint64_t key, uint64_t now_us)
{
    if (now_us >= quota->quiet_us[kind]) /* nearly always: nobody has failed lately */
        return 0;
    const bucket_t *bucket = s_find(quota, s_tag(kind, key));
    uint64_t room_us = (s_kinds[kind].tries - 1) * s_kinds[kind].pace_us;
    if (bucket == NULL || bucket->whole_us <= now_us + room_us)
        return 0;
    return (unsigned)((bucket->whole_us - now_us - room_us + 999999) / 1000000);
}

void quota_charge(quota_t *quota, quota_kind_t kind, uint64_t key, uint64_t now_us)
{
    bucket_t *bucket = s_take(quota, s_tag(kind, key));
    uint64_t from_us = bucket->whole_us > now_us ? bucket->whole_us : now_us;
    bucket->whole_us = from_us + s_kinds[kind].pace_us;
    if (bucket->whole_us > quota->quiet_us[kind])
        quota->quiet_us[kind] = bucket->whole_us;
}

void quota_refund(quota_t *quota, quota_kind_t kind, uint64_t key, uint64_t now_us)
{
    bucket_t *bucket = s_take(quota, s_tag(kind, key));
    uint64_t owed_us = bucket->whole_us > now_us ? bucket->whole_us - now_us : 0;
    uint64_t pace_us = s_kinds[kind].pace_us;
    bucket->whole_us = owed_us > pace_us ? bucket->whole_us - pace_us : now_us;
}
