#include "tools/bench/latency.h"

#include <string.h>

#define STEPS (UINT64_C(1) << LATENCY_STEP_BITS)
#define VALUE_MAX ((UINT64_C(1) << LATENCY_VALUE_BITS) - 1)

void latency_reset(latency_t *latency)
{
    memset(latency, 0, sizeof *latency);
}

/* Values below 64 have a bucket each; from there on every power of two is cut
 * into 64, told apart by the six bits that follow the leading one. */
static uint64_t s_bucket(uint64_t value_ns)
{
    if (value_ns < STEPS)
        return value_ns;
    uint64_t shift = (uint64_t)(63 - __builtin_clzll(value_ns)) - LATENCY_STEP_BITS;
    return (shift << LATENCY_STEP_BITS) + (value_ns >> shift);
}

void latency_add(latency_t *latency, uint64_t value_ns)
{
    if (value_ns > VALUE_MAX)
        value_ns = VALUE_MAX;
    if (value_ns > latency->max_ns)
        latency->max_ns = value_ns;
    latency->buckets[s_bucket(value_ns)] += 1;
    latency->count += 1;
}

/* The largest value that falls into a bucket. */
static uint64_t s_bucket_end(uint64_t bucket)
{
    if (bucket < STEPS)
        return bucket;
    uint64_t shift = (bucket >> LATENCY_STEP_BITS) - 1;
    uint64_t lead = bucket - (shift << LATENCY_STEP_BITS);
    return ((lead + 1) << shift) - 1;
}

uint64_t latency_at(const latency_t *latency, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)latency->count);
    uint64_t passed = 0;
    for (uint64_t i = 0; i < LATENCY_BUCKETS; i++) {
        passed += latency->buckets[i];
        if (passed > 0 && passed >= wanted) {
            uint64_t end = s_bucket_end(i);
            return end < latency->max_ns ? end : latency->max_ns;
        }
    }
    return latency->max_ns;
}
