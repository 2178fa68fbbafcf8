/* prepare.h - from a request to the first call (private to front). */
#ifndef WS_EDGE_PREPARE_H
#define WS_EDGE_PREPARE_H

#include "ws-edge/errand.h"

/* Whether reading the request would hold up all others. */
bool prepare_is_long(const route_t *route, const request_t *request);

/* Have a long request's credential looked for elsewhere; `serve` follows, with copies, once and
 * not from inside this call.  False: too many are being read. */
typedef void serve_fn(errand_t *errand, const request_t *request, const slice_t *params,
                      const badge_t *badge);
MUST_CHECK bool prepare_badge(errand_t *errand, const request_t *request, const slice_t *params,
                              serve_fn *serve);

/* Read the body, have the dialect make a call of the request, and let the errand go on with
 * that or with a refusal; a body with pictures in it takes a while longer. */
void prepare(errand_t *errand, const request_t *request, const slice_t *params);

#endif
