/* chatbackend.h - the halves of ChatBackend to each other. */
#ifndef WS_EDGE_DIALECTS_CHATBACKEND_H
#define WS_EDGE_DIALECTS_CHATBACKEND_H

#include "ws-edge/dialect.h"

/* A message as the history and the live door show it; `uuid` is what its sender is
 * called there. */
void chatbackend_put_item(buf_t *out, const message_t *message, slice_t uuid);

#endif
