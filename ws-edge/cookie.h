/* cookie.h - the one way in which we set a cookie. */
#ifndef WS_EDGE_COOKIE_H
#define WS_EDGE_COOKIE_H

#include "ws-edge/dialect.h"

/* A Set-Cookie line: for all paths, out of the reach of scripts, not sent along with what
 * other sites' pages ask for; over TLS only if it was given over TLS.  `value` has no
 * semicolon; an empty one takes the cookie back. */
void cookie_put(buf_t *headers, const char *name, slice_t value, bool secure);

/* The same in a visit's reply.  Nobody whose cookies do not count (origin.h) gets one: no
 * foreign page signs a person in. */
void cookie_give(visit_t *visit, const char *name, slice_t value);

#endif
