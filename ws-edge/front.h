/* front.h - every HTTP request, through one driver over the dialects' route tables. */
#ifndef WS_EDGE_FRONT_H
#define WS_EDGE_FRONT_H

#include "ws-edge/edge_parts.h"

/* The server's callbacks; `ctx` is the edge. */
way_t front_head(void *ctx, const request_t *request);
void front_request(void *ctx, const request_t *request, exchange_t exchange);
bool front_upgrade(void *ctx, const request_t *request, upgrade_t *ret_upgrade);
void front_error(void *ctx, err_t err, const request_t *request, buf_t *headers, buf_t *body);

#endif
