/* sample.h - how a running server stands: what the broker, the notifier and all edges count. */
#ifndef TOOLS_KITH_SAMPLE_H
#define TOOLS_KITH_SAMPLE_H

#include "tools/kith/census.h"
#include "tools/kith/edges.h"

/* One edge's part. */
typedef struct edge_sample {
    uint64_t edge; /* number on the bus */
    census_t census;
    list_t slowest; /* edge_peer_t */
} edge_sample_t;

enum { SAMPLE_EDGES_MAX = 64 };

typedef struct sample {
    arena_t *arena;
    int64_t time; /* µs since 1970 */
    int64_t at;   /* monotonic µs: for the time between two */
    census_t broker;
    edges_count_t asked;
    edge_sample_t edges[SAMPLE_EDGES_MAX];
    size_t edge_count;
} sample_t;

/* Ask; on an error there is none. */
MUST_CHECK err_t sample_take(peer_t *peer, sample_t **ret_sample);
void sample_destroy(sample_t **sample_p);

/* The same edge a moment before; an empty one if it was not there. */
const edge_sample_t *sample_edge(const sample_t *sample, uint64_t edge);

#endif
