/* docket.h - the calls that an actor was given and has not answered.
 *
 * An actor that dies takes its mailbox with it: the docket says who has to be told.
 * Calls are answered nearly in their order, so the one that is looked for lies near the
 * front; only those that wait for the actor's pool (a few) stay there for long. */
#ifndef BROKER_DOCKET_H
#define BROKER_DOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct errand {
    uint64_t origin; /* the peer that asked */
    uint64_t corr;   /* its own number for it */
    uint16_t type;
} errand_t;

/* Zeroed: empty. */
typedef struct docket {
    errand_t *items;
    size_t first;
    size_t count;
    size_t size; /* a power of two */
} docket_t;

void docket_add(docket_t *docket, errand_t errand);

/* It is answered; nothing happens if it is not there. */
void docket_strike(docket_t *docket, uint64_t origin, uint64_t corr);

/* Take the oldest off; false if there is none. */
bool docket_take(docket_t *docket, errand_t *ret_errand);

void docket_clear(docket_t *docket);

#endif
