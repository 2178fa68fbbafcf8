/* route.h - REST as a table: which request is which call.
 *
 * A pattern is a path whose segments may be parameters: "/v1/rooms/:room/messages".
 * It matches with and without a slash at the end.  Path parameters, query parameters
 * and the members of a JSON body are fields of the call, by name. */
#ifndef WS_EDGE_ROUTE_H
#define WS_EDGE_ROUTE_H

#include "schema/err.h"
#include "ws-edge/request.h"

struct visit;
struct answer;

enum { ROUTE_PARAMS_MAX = 4 };

typedef struct route {
    method_t method; /* GET serves HEAD too */
    const char *pattern;
    uint16_t call;      /* call_number_t; with `ask`, only what it needs of access, 0: nothing */
    int status;         /* of success; 0: 200 */
    bool cookie;        /* the dialect's cookie is a credential too */
    bool strangers;     /* who shows no credential may ask too; one that is shown counts */
    bool deaf;          /* whatever the body says is passed over: all is in the path */
    bool pieces;        /* the body does not come whole: visit_t's `take_in` asks for it */
    bool pictures;      /* the body may hold some: it is taken up to huge_bytes_max */
    uint64_t limit_max; /* of the field `limit`, where it is below the schema's; or 0 */
    /* Instead of filling the call from path, query and body. */
    err_t (*ask)(struct visit *visit, struct answer *ret_refusal);
    /* Instead of the dialect's own. */
    void (*show)(struct visit *visit, const struct answer *answer);
} route_t;

/* Whether the pattern matches; its parameters in order are in `params`. */
bool route_matches(const route_t *route, slice_t path, slice_t params[ROUTE_PARAMS_MAX]);

/* A path at a glance: what a pattern has not in its mask is a parameter, or too far behind.  A path
 * whose bits differ from a pattern's within that mask does not match it; a path's own mask says
 * nothing. */
typedef struct print {
    uint64_t bits;
    uint64_t mask;
} print_t;

print_t route_print(slice_t path);

/* The name of parameter number `index` of the pattern; the zero slice if there is none. */
slice_t route_param_name(const route_t *route, size_t index);

#endif
