/* flight.h - what is on its way to the disk, and the replies that wait for it.
 *
 * A batch is what one turn gave to the journal.  Replies leave with the commit of
 * their batch, in order; when the journal fails they become "unknown". */
#ifndef BROKER_FLIGHT_H
#define BROKER_FLIGHT_H

#include "schema/envelope.h"

typedef struct flight flight_t;

flight_t *flight_new(void);
void flight_destroy(flight_t **flight_p);

bool flight_empty(const flight_t *flight);
size_t flight_bytes(const flight_t *flight); /* of replies that wait */

/* A reply to be sent once everything up to `seq` is committed; `seq` never falls.
 * It joins the batch of this turn, which waits for the highest of its sequences. */
void flight_add(flight_t *flight, uint64_t seq, slice_t reply);

/* The turn is over: what comes next is another batch. */
void flight_seal(flight_t *flight);

/* Each batch that waits for nothing above `seq` leaves, oldest first. */
typedef void flight_leave_fn(void *ctx, const reply_t *reply);
void flight_land(flight_t *flight, uint64_t seq, flight_leave_fn *leave, void *ctx);

#endif
