/* origin.h - which web pages may read our replies (the Fetch standard's CORS).
 *
 * A page's origin is allowed if it is the public URL's or listed; and while there is no public
 * URL, or it is of this machine too, if it is http or https on this machine by any port.  Only
 * an allowed origin is named in a reply, never "*". */
#ifndef WS_EDGE_ORIGIN_H
#define WS_EDGE_ORIGIN_H

#include "schema/buf.h"
#include "ws-edge/request.h"

enum { ORIGIN_SIZE_MAX = 512 };

typedef struct origins origins_t;

/* `listed` has origins separated by spaces; both may be NULL. */
origins_t *origins_new(const char *public_url, const char *listed);
void origins_destroy(origins_t **origins_p);

/* The request's origin if it is allowed, else the zero slice. */
slice_t origin_of(const origins_t *origins, const request_t *request);

/* Whether the request's cookies say who is asking.  A browser sends them along whatever page
 * makes it ask, so they count only if that page's origin is allowed, or if it names none and
 * does not come from another page, be it of the same site.  Anybody may name an explicit credential; no page can have
 * it sent against its bearer's will. */
bool origin_trusts_cookie(const origins_t *origins, const request_t *request);

/* Header lines of every reply to a request from that origin (or from none). */
void origin_put_headers(buf_t *headers, slice_t origin);

/* Header lines of the answer to OPTIONS, besides. */
void origin_put_preflight(buf_t *headers, const request_t *request);

#endif
