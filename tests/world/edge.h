/* edge.h - an edge as the broker sees it: it asks in people's names, and hears what they hear.
 *
 * What ws-edge/link.c does is done here once more, without sockets and browsers: hello, pings, calls
 * with their time and randomness, "unknown" for whatever has no answer when the broker is lost.
 * What is heard and told is held against the promise at once (ledger.h). */
#ifndef TESTS_WORLD_EDGE_H
#define TESTS_WORLD_EDGE_H

#include "actors/bus.h"
#include "schema/type.h"

typedef struct edge edge_t;

edge_t *edge_new(int number);

/* Its process dies, with all connections; and comes back as another. */
void edge_restart(edge_t *edge);

bool edge_is_up(const edge_t *edge);
bus_t *edge_bus(edge_t *edge);

/* Who asks; zeros for a stranger. */
typedef struct asker {
    uint64_t account;
    uint64_t session;
} asker_t;

/* The answer of a call, of its answer's shape, or a status: once for each call. */
typedef void edge_answer_fn(void *ctx, err_t status, const void *answer);

/* False: the broker is not there, so the client was told that nothing was done. */
bool edge_ask(edge_t *edge, asker_t who, call_number_t call, const void *args,
              edge_answer_fn *answer, void *ctx);

/* Somebody's connection to this edge opens or closes; and whether one is open.  All are closed when
 * the broker is lost. */
void edge_connect(edge_t *edge, uint64_t account, bool online);
bool edge_has(const edge_t *edge, uint64_t account);

/* From here on it hears this room. */
void edge_hear(edge_t *edge, uint64_t room);

/* Take what has arrived, do what is due, send. */
void edge_step(edge_t *edge);
int64_t edge_next(const edge_t *edge);

/* All that was asked has been answered. */
bool edge_is_idle(const edge_t *edge);

#endif
