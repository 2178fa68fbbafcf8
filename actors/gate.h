/* gate.h - sessions that have ended although their tokens have not expired.
 *
 * The edge asks it for every request and upgrade, the broker for every call, so it is
 * all in memory: single sessions, and for whole accounts the first session that is
 * still good.  It learns them from the session actor's list and then from the journal's
 * events; what has expired is forgotten.
 *
 * Times are wall-clock µs. */
#ifndef ACTORS_GATE_H
#define ACTORS_GATE_H

#include "schema/envelope.h"
#include "schema/type.h"

typedef struct gate gate_t;

gate_t *gate_new(void);
void gate_destroy(gate_t **gate_p);

/* Forget everything. */
void gate_clear(gate_t *gate);

/* All at once: the answer to session.ended. */
void gate_learn(gate_t *gate, const ended_list_t *ended);

/* The account whose sessions a record ends, of which the gate takes note; 0 for any
 * other record. */
uint64_t gate_hear(gate_t *gate, const record_t *record);

/* This session has ended; all sessions of an account below a number have. */
void gate_end(gate_t *gate, uint64_t session, int64_t expires);
void gate_end_before(gate_t *gate, const not_before_t *ended);

/* Whether the account's session still stands. */
bool gate_passes(const gate_t *gate, uint64_t account, uint64_t session);

/* Forget those whose tokens have expired by now. */
void gate_sweep(gate_t *gate, int64_t now);

#endif
