/* download.h - a file on its way to a client. */
#ifndef WS_EDGE_DOWNLOAD_H
#define WS_EDGE_DOWNLOAD_H

#include "ws-edge/dialect.h"
#include "ws-edge/edge_parts.h"

/* With ERR_OK the reply has begun and needs no one any more.  Errors, with nothing sent
 * yet: NOT_FOUND where the shelf has no such file, STORAGE. */
typedef void download_begun_fn(void *ctx, err_t err);

/* Reply with `head`, copied, and the bytes that are to be given.  `begun` follows, once
 * and not from inside this call. */
void download_start(edge_t *edge, exchange_t exchange, const response_t *head, const give_t *give,
                    download_begun_fn *begun, void *ctx);

#endif
