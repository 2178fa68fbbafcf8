/* upload.h - a request's body on its way to the shelf. */
#ifndef WS_EDGE_UPLOAD_H
#define WS_EDGE_UPLOAD_H

#include "ws-edge/edge_parts.h"
#include "ws-edge/shelf.h"

/* What it came to; `kept` lives for the call, and only with ERR_OK.  Errors: STORAGE,
 * UNSUPPORTED_TYPE, and TIMEOUT where the client has gone. */
typedef void upload_done_fn(void *ctx, err_t err, const kept_t *kept);

/* What is to be taken in. */
typedef struct upload_order {
    uint64_t account; /* whose */
    uint64_t size;    /* bytes of the exchange's body */
    bool photo;       /* for the shelf of photos: a picture, without what is written beside it */
} upload_order_t;

/* `done` follows, once and not from inside this call.  ERR_UNAVAILABLE: too much of the
 * account, or of all, is on its way already. */
MUST_CHECK err_t upload_start(edge_t *edge, exchange_t exchange, const upload_order_t *order,
                              upload_done_fn *done, void *ctx);

#endif
