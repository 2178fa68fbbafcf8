/* gate.h - sessions that have ended although their tokens have not expired.
 *
 * Asked for every request and upgrade, synchronously, so it is all in memory: single
 * sessions, and for whole accounts the first session that is still good.  Kept true by
 * the journal's events; what has expired is forgotten.
 *
 * Times are wall-clock µs. */
#ifndef WS_EDGE_GATE_H
#define WS_EDGE_GATE_H

#include "schema/type.h"
#include "ws-edge/dialect.h"

typedef struct gate gate_t;

gate_t *gate_new(void);
void gate_destroy(gate_t **gate_p);

/* Forget everything. */
void gate_clear(gate_t *gate);

/* This session has ended; all sessions of the account below that number have. */
void gate_end(gate_t *gate, uint64_t session, int64_t expires);
void gate_end_before(gate_t *gate, uint64_t account, uint64_t session, int64_t expires);

/* Whether the session still stands. */
bool gate_passes(const gate_t *gate, who_t who);

/* Forget those whose tokens have expired by now. */
void gate_sweep(gate_t *gate, int64_t now);

#endif
