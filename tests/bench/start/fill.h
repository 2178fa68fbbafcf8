/* fill.h - a data folder as a busy server would have left it. */
#ifndef TESTS_BENCH_START_FILL_H
#define TESTS_BENCH_START_FILL_H

#include "schema/err.h"

typedef struct fill_options {
    const char *data;  /* must exist, and be empty */
    unsigned messages; /* room.posted records; the others come on top */
    unsigned rooms;
    unsigned accounts;
} fill_options_t;

/* Make the journal and the projections of all actors. */
MUST_CHECK err_t fill_run(const fill_options_t *options);

#endif
