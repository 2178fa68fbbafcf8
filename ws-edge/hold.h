/* hold.h - a request that has to wait, copied whole. */
#ifndef WS_EDGE_HOLD_H
#define WS_EDGE_HOLD_H

#include "ws-edge/request.h"
#include "ws-edge/route.h"

typedef struct hold {
    arena_t *arena; /* of all that the others point to, and of this */
    request_t request;
    slice_t params[ROUTE_PARAMS_MAX];
} hold_t;

hold_t *hold_new(const request_t *request, const slice_t params[ROUTE_PARAMS_MAX]);
void hold_destroy(hold_t **hold_p);

#endif
