/* quota.c - a bucket is one number: when it will be whole again.
 *
 * A try moves that time back by the rate's pace; a bucket whose time lies more than
 * its size away has run dry.  So buckets need no timer, and those that are whole are
 * free slots. */
#include "ws-edge/quota.h"

#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/mem.h"

enum {
    WAYS = 8,
    SETS = 4096, /* 512 KiB */
    NUMBER_MAX = 1000000000,
    SECONDS_MAX = 31 * 24 * 3600,
};

typedef struct bucket {
    uint64_t tag;      /* key and rate */
    uint64_t whole_us; /* when nothing will be owed any more */
} bucket_t;

struct quota {
    uint8_t secret[CRYPTO_BLAKE128_SIZE];
    rate_t rates[RATE_COUNT];
    uint64_t quiet_us[RATE_COUNT]; /* from then on all of that rate are whole */
    bucket_t buckets[SETS][WAYS];
};

static rate_t s_rate(uint64_t number, uint64_t seconds)
{
    uint64_t pace_us = number > 0 ? seconds * 1000000 / number : 0;
    return (rate_t){.size = number, .pace_us = pace_us > 0 ? pace_us : 1};
}

/* Digits and nothing else, from 1 to `max`; moves on behind them. */
static bool s_read_number(const char **at, uint64_t max, uint64_t *ret_number)
{
    char *end;
    if (**at < '1' || **at > '9')
        return false;
    *ret_number = strtoull(*at, &end, 10);
    *at = end;
    return *ret_number <= max;
}

err_t rate_read(const char *text, rate_t *ret_rate)
{
    uint64_t number = 0, seconds = 1;
    bool good =
        strcmp(text, "off") == 0 || (s_read_number(&text, NUMBER_MAX, &number) && *text++ == '/' &&
                                     s_read_number(&text, SECONDS_MAX, &seconds) && *text == '\0');
    if (!good)
        return ERR_INVALID;
    *ret_rate = s_rate(number, seconds);
    return ERR_OK;
}

rate_t rate_default(rate_id_t id)
{
    static const struct {
        uint64_t number, seconds;
    } rows[RATE_COUNT] = {
#define RATE(id_, name, number_, seconds_, doc) {number_, seconds_},
#include "schema/rates.def"
#undef RATE
    };
    return s_rate(rows[id].number, rows[id].seconds);
}

quota_t *quota_new(void)
{
    quota_t *quota = mem_new(quota_t);
    crypto_random(quota->secret, sizeof quota->secret);
    for (rate_id_t id = 0; id < RATE_COUNT; id++)
        quota->rates[id] = rate_default(id);
    return quota;
}

void quota_destroy(quota_t **quota_p)
{
    mem_free(*quota_p);
    *quota_p = NULL;
}

void quota_set(quota_t *quota, rate_id_t id, const rate_t *rate)
{
    quota->rates[id] = *rate;
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
static uint64_t s_tag(rate_id_t id, uint64_t key)
{
    uint64_t mixed = key + ((uint64_t)id + 1) * UINT64_C(0x9e3779b97f4a7c15);
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

unsigned quota_wait_s(const quota_t *quota, rate_id_t id, uint64_t key, uint64_t now_us)
{
    const rate_t *rate = &quota->rates[id];
    if (rate->size == 0 || now_us >= quota->quiet_us[id]) /* nearly always */
        return 0;
    const bucket_t *bucket = s_find(quota, s_tag(id, key));
    uint64_t room_us = (rate->size - 1) * rate->pace_us;
    if (bucket == NULL || bucket->whole_us <= now_us + room_us)
        return 0;
    return (unsigned)((bucket->whole_us - now_us - room_us + 999999) / 1000000);
}

void quota_charge(quota_t *quota, rate_id_t id, uint64_t key, uint64_t many, uint64_t now_us)
{
    if (quota->rates[id].size == 0)
        return;
    bucket_t *bucket = s_take(quota, s_tag(id, key));
    uint64_t from_us = bucket->whole_us > now_us ? bucket->whole_us : now_us;
    bucket->whole_us = from_us + many * quota->rates[id].pace_us;
    if (bucket->whole_us > quota->quiet_us[id])
        quota->quiet_us[id] = bucket->whole_us;
}

void quota_refund(quota_t *quota, rate_id_t id, uint64_t key, uint64_t now_us)
{
    bucket_t *bucket = s_take(quota, s_tag(id, key));
    uint64_t owed_us = bucket->whole_us > now_us ? bucket->whole_us - now_us : 0;
    uint64_t pace_us = quota->rates[id].pace_us;
    bucket->whole_us = owed_us > pace_us ? bucket->whole_us - pace_us : now_us;
}
