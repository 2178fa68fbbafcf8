/* policy.h - what an edge lets others do, as far as that may change while it runs. */
#ifndef WS_EDGE_POLICY_H
#define WS_EDGE_POLICY_H

#include "ws-edge/edge_parts.h"

/* Trusted proxies, connections of an address, rates, certificates.  All of it is read before
 * any of it counts: on an error, which has been logged, nothing has changed. */
MUST_CHECK err_t policy_take(edge_t *edge, const edge_options_t *options);

#endif
