/* counts.h - what the broker counts, and what it makes of it for /metrics. */
#ifndef BROKER_COUNTS_H
#define BROKER_COUNTS_H

#include "actors/ledger.h"
#include "schema/err.h"
#include "schema/type.h"

enum { OWNERS = 8 }; /* of owner_t */

typedef struct counts {
    uint64_t calls;               /* that were forwarded or answered */
    uint64_t refused[ERR_COUNT_]; /* by reason, by whomever; ERR_OK: answered */
    uint64_t judge_asked;         /* questions for verdicts */
    uint64_t ruled[ruling_TRANSFORM + 1];
    uint64_t unjudged_passed; /* for want of a verdict in time */
    uint64_t unjudged_refused;
    uint64_t verdicts_late;
    uint64_t answered[OWNERS]; /* calls, by the actor */
    uint64_t emitted[OWNERS];  /* events, also those that pass unrecorded */
    histogram_t batch_records; /* of each commit */
    histogram_t batch_bytes;
    histogram_t commit_us; /* writing and fsync */
} counts_t;

struct router;

/* All of it, and the router's own state. */
void counts_put(const counts_t *counts, const struct router *router, ledger_t *ledger);

#endif
