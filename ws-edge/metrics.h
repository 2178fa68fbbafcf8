/* metrics.h - /metrics, in the text format of Prometheus: what this edge counts, and what
 * the broker tells of itself and the actors.
 *
 * It is for those who watch the server: only addresses of the setting `metrics.from` see it, and
 * nothing that came through a proxy does, so that one which forwards everything does
 * not show it to the world. */
#ifndef WS_EDGE_METRICS_H
#define WS_EDGE_METRICS_H

#include "ws-edge/edge_parts.h"

/* True if the request is for it, and will be answered. */
bool metrics_take(edge_t *edge, const request_t *request, exchange_t exchange);

/* What the edge and its process count, for others than Prometheus. */
void metrics_put(const edge_t *edge, ledger_t *ledger);

#endif
