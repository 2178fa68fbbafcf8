/* fill.h - a request as the call of its route, where the dialect has no own way. */
#ifndef WS_EDGE_FILL_H
#define WS_EDGE_FILL_H

#include "ws-edge/dialect.h"

/* Set the visit's call and arguments.  What the call does not know is refused.
 * Errors, with status and detail in *ret_refusal: INVALID, UNKNOWN_FIELD, MALFORMED,
 * NOT_FOUND for a path with an impossible id. */
MUST_CHECK err_t fill_call(visit_t *visit, answer_t *ret_refusal);

#endif
