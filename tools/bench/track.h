/* track.h - what one receiver has had from one sender: each message once, in order?
 *
 * Sequences start at 0.  The last 64 are remembered one by one, which tells a
 * duplicate from a late arrival; what is older than that is called late. */
#ifndef TOOLS_BENCH_TRACK_H
#define TOOLS_BENCH_TRACK_H

#include <stdint.h>

typedef enum track_verdict { TRACK_IN_ORDER, TRACK_LATE, TRACK_DUPLICATE } track_verdict_t;

typedef struct track {
    uint32_t next;     /* one more than the highest sequence so far */
    uint32_t received; /* different messages; what is missing at the end was lost */
    uint64_t seen;     /* bit i: next - 1 - i has come */
} track_t;

track_verdict_t track_add(track_t *track, uint32_t seq);

#endif
