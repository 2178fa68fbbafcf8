/* latency.h - latencies by the hundred million in 20 KiB.
 *
 * Buckets are linear within a power of two, 64 to each, so that a percentile
 * is at most 1.6 % too high at any scale from a nanosecond to 18 minutes. */
#ifndef TOOLS_BENCH_LATENCY_H
#define TOOLS_BENCH_LATENCY_H

#include <stdint.h>

enum {
    LATENCY_STEP_BITS = 6,
    LATENCY_VALUE_BITS = 40,
    LATENCY_BUCKETS = (LATENCY_VALUE_BITS - LATENCY_STEP_BITS + 1) << LATENCY_STEP_BITS,
};

typedef struct latency {
    uint64_t count;
    uint64_t max_ns;
    uint64_t buckets[LATENCY_BUCKETS];
} latency_t;

void latency_reset(latency_t *latency);
void latency_add(latency_t *latency, uint64_t value_ns);

/* The value that `share` (0 to 1) of all values do not exceed; 0 if there are none. */
uint64_t latency_at(const latency_t *latency, double share);

#endif
