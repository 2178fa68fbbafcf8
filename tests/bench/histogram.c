#include "tests/bench/histogram.h"

#include <string.h>

#define STEPS (UINT64_C(1) << HISTOGRAM_STEP_BITS)
#define VALUE_MAX ((UINT64_C(1) << HISTOGRAM_VALUE_BITS) - 1)

void histogram_reset(histogram_t *histogram)
{
    memset(histogram, 0, sizeof *histogram);
}

/* Values below 64 have a bucket each; from there on every power of two is cut
 * into 64, told apart by the six bits that follow the leading one. */
static uint64_t s_bucket(uint64_t value_ns)
{
    if (value_ns < STEPS)
        return value_ns;
    uint64_t shift = (uint64_t)(63 - __builtin_clzll(value_ns)) - HISTOGRAM_STEP_BITS;
    return (shift << HISTOGRAM_STEP_BITS) + (value_ns >> shift);
}

void histogram_add(histogram_t *histogram, uint64_t value_ns)
{
    if (value_ns > VALUE_MAX)
        value_ns = VALUE_MAX;
    if (value_ns > histogram->max_ns)
        histogram->max_ns = value_ns;
    histogram->buckets[s_bucket(value_ns)] += 1;
    histogram->count += 1;
}

/* The largest value that falls into a bucket. */
static uint64_t s_bucket_end(uint64_t bucket)
{
    if (bucket < STEPS)
        return bucket;
    uint64_t shift = (bucket >> HISTOGRAM_STEP_BITS) - 1;
    uint64_t lead = bucket - (shift << HISTOGRAM_STEP_BITS);
    return ((lead + 1) << shift) - 1;
}

uint64_t histogram_at(const histogram_t *histogram, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)histogram->count);
    uint64_t passed = 0;
    for (uint64_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        passed += histogram->buckets[i];
        if (passed > 0 && passed >= wanted) {
            uint64_t end = s_bucket_end(i);
            return end < histogram->max_ns ? end : histogram->max_ns;
        }
    }
    return histogram->max_ns;
}
