/* sweep.h - what nobody has any more leaves the shelves. */
#ifndef WS_EDGE_SWEEP_H
#define WS_EDGE_SWEEP_H

#include "ws-edge/edge_parts.h"

typedef struct sweep sweep_t;

/* Sweep the edge's shelves each `period_s`, for the first time when that is over; 0: never. */
sweep_t *sweep_new(edge_t *edge, unsigned period_s);

/* Accepts NULL; not while a question or work of it is under way. */
void sweep_destroy(sweep_t **sweep_p);

/* Begin one if it is time; to be called about once a second. */
void sweep_tick(sweep_t *sweep);

#endif
