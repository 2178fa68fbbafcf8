/* http.h - many requests over a few kept-alive connections, to set a scene.
 *
 * Nothing here is measured.  Requests are independent of each other; a batch
 * returns when the last has its answer. */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#include "schema/buf.h"

typedef struct http_batch {
    void *ctx;
    uint16_t port;
    size_t count;

    /* Append request `number`, made with http_request. */
    void (*request)(void *ctx, size_t number, buf_t *out);

    /* Its answer was a 2xx with this body; any other ends the bench. */
    void (*answer)(void *ctx, size_t number, slice_t body);
} http_batch_t;

void http_run(const http_batch_t *batch);

/* Append a POST of a JSON body; `token` may be NULL. */
void http_post(buf_t *out, const char *target, const char *token, slice_t body);

#endif
