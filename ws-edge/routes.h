/* routes.h - all routes of all dialects, and which of them a path may be.
 *
 * Every request asks, and there are some hundred patterns; so their prints (route.h) lie side by
 * side, and only those few are walked with the path whose print is the path's. */
#ifndef WS_EDGE_ROUTES_H
#define WS_EDGE_ROUTES_H

#include "ws-edge/dialect.h"

typedef struct routes routes_t;

routes_t *routes_new(void);
void routes_destroy(routes_t **routes_p);

/* A walk over the routes whose patterns match a path, whatever their methods: in the order of the
 * dialects, and of their tables. */
typedef struct routes_walk {
    const routes_t *routes;
    slice_t path;
    uint64_t bits;
    size_t next;
    const dialect_t *dialect; /* where it has come to … */
    const route_t *route;
    slice_t params[ROUTE_PARAMS_MAX]; /* … and what the path has there */
} routes_walk_t;

routes_walk_t routes_walk(const routes_t *routes, slice_t path);

/* To the next one; false behind the last. */
bool routes_next(routes_walk_t *walk);

#endif
