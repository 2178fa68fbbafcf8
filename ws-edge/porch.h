/* porch.h - connections that a proxy passed on and has yet to introduce.
 *
 * A connection stays here until its PROXY header is whole, and goes on with the address
 * that it names; not a byte behind the header is read.  Who says something else, or takes
 * too long, is shown the door. */
#ifndef WS_EDGE_PORCH_H
#define WS_EDGE_PORCH_H

#include "ws-edge/address.h"
#include "ws-edge/listen.h"
#include "ws-edge/loop.h"

typedef struct porch porch_t;

/* A connection on its way in. */
typedef struct arrival {
    int fd;
    address_t address;
    tongue_t tongue;
} arrival_t;

/* Takes the descriptor. */
typedef void (*porch_call_t)(void *ctx, const arrival_t *arrival);

porch_t *porch_new(loop_t *loop, unsigned header_ms, porch_call_t call, void *ctx);

/* Closes whoever is still there and nulls *porch_p; accepts NULL. */
void porch_destroy(porch_t **porch_p);

/* Take a connection from a proxy that is trusted. */
void porch_take(porch_t *porch, const arrival_t *arrival);

/* Several times a second. */
void porch_tick(porch_t *porch);

/* Close whoever is there. */
void porch_clear(porch_t *porch);

size_t porch_count(const porch_t *porch);

#endif
