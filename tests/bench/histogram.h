/* histogram.h - latencies by the hundred million in 20 KiB.
 *
 * Buckets are linear within a power of two, 64 to each, so that a percentile
 * is at most 1.6 % too high at any scale from a nanosecond to 18 minutes. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_STEP_BITS = 6,
    HISTOGRAM_VALUE_BITS = 40,
    HISTOGRAM_BUCKETS = (HISTOGRAM_VALUE_BITS - HISTOGRAM_STEP_BITS + 1) << HISTOGRAM_STEP_BITS,
};

typedef struct histogram {
    uint64_t count;
    uint64_t max_ns;
    uint64_t buckets[HISTOGRAM_BUCKETS];
} histogram_t;

void histogram_reset(histogram_t *histogram);
void histogram_add(histogram_t *histogram, uint64_t value_ns);

/* The value that `share` (0 to 1) of all values do not exceed; 0 if there are none. */
uint64_t histogram_at(const histogram_t *histogram, double share);

#endif
