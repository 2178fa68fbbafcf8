/* fill.h - a request as the call of its route, where the dialect has no own way. */
#ifndef WS_EDGE_FILL_H
#define WS_EDGE_FILL_H

#include "ws-edge/dialect.h"

/* Set the visit's call and arguments.  What the call does not know is refused.
 * Errors, with status and detail in *ret_refusal: INVALID, UNKNOWN_FIELD, MALFORMED,
 * NOT_FOUND for a path with an impossible id. */
MUST_CHECK err_t fill_call(visit_t *visit, answer_t *ret_refusal);

/* The request's User-Agent as the name of a device; empty if it has none. */
slice_t fill_device(const request_t *request);

/* The same for a call that opens a stranger's session, if it names no device. */
void fill_missing_device(visit_t *visit);

#endif
