/* front_parts.h - what every reply of the front begins with (private to front). */
#ifndef WS_EDGE_FRONT_PARTS_H
#define WS_EDGE_FRONT_PARTS_H

#include "ws-edge/bearer.h"
#include "ws-edge/dialect.h"
#include "ws-edge/front.h"

/* Empty the edge's scratch and begin the headers; `secretive`: no cache may keep it. */
void front_begin_headers(edge_t *edge, slice_t origin, bool secretive);

/* What has been written to the scratch, as a reply. */
response_t front_response(const edge_t *edge, int status);

void front_put_retry(buf_t *headers, const answer_t *refusal);

/* The credential that a request shows, as its dialect's slot gives it. */
typedef struct badge {
    err_t err;
    slice_t token;
} badge_t;

/* Who asks, as far as the token alone says; the refusal where it will not do.  Without a
 * route no cookie counts.  *ret_bearer is left alone where a stranger may ask.  The badge may
 * be NULL: it is looked for. */
MUST_CHECK err_t front_identify(const edge_t *edge, const dialect_t *dialect, const route_t *route,
                                const request_t *request, const badge_t *badge,
                                bearer_t *ret_bearer, answer_t *ret_refusal);

/* Whether it asks for an event stream. */
bool front_is_stream(const request_t *request);

/* Whether the query holds a token. */
bool front_has_token(const request_t *request, arena_t *arena);

#endif
