/* prepare.h - from a request to the first call (private to front). */
#ifndef WS_EDGE_PREPARE_H
#define WS_EDGE_PREPARE_H

#include "ws-edge/errand.h"

/* Read the body, have the dialect make a call of the request, and let the errand go on with
 * that or with a refusal; a body with pictures in it takes a while longer. */
void prepare(errand_t *errand, const request_t *request, const slice_t *params);

#endif
