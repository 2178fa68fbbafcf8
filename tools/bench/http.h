/* http.h - many requests over a few kept-alive connections, to set a scene.
 *
 * Nothing here is measured.  Requests are independent of each other; a batch
 * returns when the last has its answer. */
#ifndef TOOLS_BENCH_HTTP_H
#define TOOLS_BENCH_HTTP_H

#include <netinet/in.h>

#include "schema/buf.h"

/* Append request `number`, made with http_ask. */
typedef void http_request_fn(void *ctx, size_t number, buf_t *out);

/* Its answer was a 2xx with this body; any other ends the bench. */
typedef void http_answer_fn(void *ctx, size_t number, slice_t body);

typedef struct http_batch {
    void *ctx;
    const struct sockaddr_in *server;
    size_t count;
    http_request_fn *request;
    http_answer_fn *answer;
} http_batch_t;

void http_run(const http_batch_t *batch);

/* Append a request, such as "GET" of "/v1/rooms"; the token may be NULL, the body of JSON
 * empty. */
void http_ask(buf_t *out, const char *method, const char *target, const char *token, slice_t body);

/* Whether anybody listens there; errno tells why not. */
bool http_listens(const struct sockaddr_in *server);

#endif
