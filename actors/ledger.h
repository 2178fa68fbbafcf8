/* ledger.h - what is counted, as Prometheus wants to read it.
 *
 * A histogram has a bucket for each power of two, so that adding costs a few
 * instructions and no decision about bounds.  A ledger is the list of numbers of one
 * moment; the broker's travel as an answer, and the edge adds its own. */
#ifndef ACTORS_LEDGER_H
#define ACTORS_LEDGER_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/type.h"

enum { HISTOGRAM_BUCKETS = 24 };

/* Bucket number i counts values up to 2^i that no lower one does; the last one all others. */
typedef struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t sum;
} histogram_t;

void histogram_add(histogram_t *histogram, uint64_t value);

typedef struct ledger {
    arena_t *arena;
    buf_t metrics; /* metric_t, one behind the other */
} ledger_t;

/* The numbers so far; good until the next one is put. */
list_t ledger_list(const ledger_t *ledger);
void ledger_free(ledger_t *ledger);

/* Open a family; its values follow.  `seconds`: they are given in µs. */
void ledger_family(ledger_t *ledger, metric_kind_t kind, const char *name, const char *help,
                   bool seconds);

/* A value of the family opened last; `labels` as `reason="invalid"`, NULL for none.
 * Both texts are copied. */
void ledger_value(ledger_t *ledger, const char *labels, uint64_t value);

/* A family of one histogram. */
void ledger_histogram(ledger_t *ledger, const char *name, const char *help, bool seconds,
                      const histogram_t *histogram);

/* A family of one value. */
void ledger_one(ledger_t *ledger, metric_kind_t kind, const char *name, const char *help,
                uint64_t value);

/* Append the numbers in the text format of Prometheus, version 0.0.4. */
void ledger_print(buf_t *out, list_t metrics);

#endif
