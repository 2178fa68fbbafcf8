/* small_broker.h - a broker and all actors as one table: for fuzzing an edge.
 *
 *     calls ──> small_broker_hear ──> [pipe] ──> small_broker_next ──> the edge
 *
 * Who hears what is the real registry's affair (broker/peer.h).  Every call is answered in the
 * order of calls, and what happens is recorded at once; so the pipe has the order that the real
 * broker's has: the reply, then the record. */
#ifndef TESTS_FUZZ_SMALL_BROKER_H
#define TESTS_FUZZ_SMALL_BROKER_H

#include "broker/peer.h"
#include "schema/envelope.h"

enum { BROKER_ACCOUNTS = 4, BROKER_ROOMS = 3, BROKER_DEEDS_MAX = 128, BROKER_PAGE = 3 };

/* One record. */
typedef struct deed {
    size_t at; /* in the journal */
    uint16_t type;
    uint64_t room, account;
    unsigned witnesses; /* bits of the accounts that have to see it, or had to */
} deed_t;

typedef struct small_broker {
    registry_t *registry;
    peer_t *edge;
    buf_t journal;
    deed_t deeds[BROKER_DEEDS_MAX + 1]; /* by sequence, from 1 */
    uint64_t head;
    uint64_t first; /* sequence that there still is */
    bool in[BROKER_ROOMS + 1][BROKER_ACCOUNTS + 1];
    uint64_t posts[BROKER_ROOMS + 1];
    size_t taken; /* bytes of the pipe */
    arena_t *arena;
} small_broker_t;

small_broker_t *small_broker_new(void);
void small_broker_free(small_broker_t **broker_p);

/* The edge's pipe ends with all that it hears, and another begins. */
void small_broker_renew(small_broker_t *broker);

/* One call of the edge's. */
void small_broker_hear(small_broker_t *broker, const call_t *call);

/* The next envelope for the edge, good until the broker does something; false: none waits. */
bool small_broker_next(small_broker_t *broker, slice_t *ret_envelope);

/* Things happen; nothing does once there are BROKER_DEEDS_MAX records. */
void small_broker_join(small_broker_t *broker, uint64_t room, uint64_t account);
void small_broker_leave(small_broker_t *broker, uint64_t room, uint64_t account);
void small_broker_post(small_broker_t *broker, uint64_t room, uint64_t account);
void small_broker_end(small_broker_t *broker, uint64_t account, uint64_t session);

/* Whether that account must have been shown the record by now: it was a witness, and has not
 * left the room since, for then it is no longer told of what it had missed. */
bool small_broker_owes(const small_broker_t *broker, uint64_t seq, uint64_t account);

#endif
