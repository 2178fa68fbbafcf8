/* edges.h - a question to all edges of a running server at once. */
#ifndef TOOLS_KITH_EDGES_H
#define TOOLS_KITH_EDGES_H

#include "schema/arena.h"
#include "tools/kith/peer.h"

/* Of one edge; lives as long as the arena. */
typedef void edges_told_fn(void *ctx, const bus_told_event_t *told);

/* How many were asked, and how many have answered in time. */
typedef struct edges_count {
    uint64_t asked;
    uint64_t answered;
} edges_count_t;

/* Each answer comes to `told`; two seconds are waited for them. */
MUST_CHECK err_t edges_ask(peer_t *peer, bus_ask_call_t *question, arena_t *arena,
                           edges_told_fn *told, void *ctx, edges_count_t *ret_count);

#endif
