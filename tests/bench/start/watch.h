/* watch.h - when is a server, met on its bus, all there? */
#ifndef TESTS_BENCH_START_WATCH_H
#define TESTS_BENCH_START_WATCH_H

#include <stdint.h>

#include "schema/err.h"

typedef struct watch_times {
    int64_t answered; /* µs since 1970: the bus answers */
    int64_t ready;    /* all actors have caught up and take calls */
    int64_t indexed;  /* the catch-up index has, too */
    uint64_t head;    /* records in the journal */
} watch_times_t;

/* Wait for a server that is about to start at the endpoint, an ipc:// path. */
MUST_CHECK err_t watch_run(const char *endpoint, watch_times_t *ret_times);

#endif
