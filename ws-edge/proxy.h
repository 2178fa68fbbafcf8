/* proxy.h - the PROXY protocol's header, versions 1 and 2, as HAProxy's document has it.
 *
 * A proxy that passes on whole connections says first whose they are. */
#ifndef WS_EDGE_PROXY_H
#define WS_EDGE_PROXY_H

#include "ws-edge/address.h"

enum { PROXY_SIZE_MAX = 2048 }; /* bytes of a header, its extensions too */

typedef enum proxy_state {
    PROXY_PART,  /* so far it is a header's beginning */
    PROXY_WHOLE, /* *ret_header is set */
    PROXY_BAD,   /* it is none, or too long, or of something other than a stream */
} proxy_state_t;

typedef struct proxy_header {
    size_t size;      /* bytes; the client's own begin behind them */
    address_t source; /* ADDRESS_NONE: unknown, or the proxy itself (a health check) */
} proxy_header_t;

proxy_state_t proxy_read(slice_t input, proxy_header_t *ret_header);

#endif
