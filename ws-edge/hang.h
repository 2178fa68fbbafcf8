/* hang.h - the call of a request that carries pictures (private to front). */
#ifndef WS_EDGE_HANG_H
#define WS_EDGE_HANG_H

#include "ws-edge/errand.h"

/* Store the errand's pictures, and then make the visit's call, which names them.  A refusal:
 * nothing is stored, and the errand goes on with that. */
MUST_CHECK answer_t hang_pictures(errand_t *errand, const visit_t *visit);

#endif
