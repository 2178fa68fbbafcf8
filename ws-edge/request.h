/* request.h - one HTTP request as its handler sees it: read, checked, complete.
 *
 * Everything is borrowed for the duration of the callback: copy what shall live
 * longer.  Slices point into the connection's input; `path` is decoded. */
#ifndef WS_EDGE_REQUEST_H
#define WS_EDGE_REQUEST_H

#include "schema/arena.h"
#include "schema/err.h"
#include "schema/slice.h"

/* METHOD(identifier, as it is sent): what we serve; others are refused with 405. */
#define METHODS(METHOD) \
    METHOD(GET)         \
    METHOD(HEAD)        \
    METHOD(POST)        \
    METHOD(PUT)         \
    METHOD(PATCH)       \
    METHOD(DELETE)      \
    METHOD(OPTIONS)

typedef enum method {
#define METHOD(id) METHOD_##id,
    METHODS(METHOD)
#undef METHOD
        METHOD_COUNT_
} method_t;

typedef struct header {
    slice_t name; /* as sent; compare without case */
    slice_t value;
} header_t;

enum { REQUEST_HEADERS_MAX = 100 };

typedef struct request {
    method_t method;
    slice_t path;     /* decoded: starts with '/', UTF-8, no NUL, no "." or ".." segment */
    slice_t query;    /* raw, what follows '?'; zero slice if there is none */
    slice_t body;     /* complete; empty for an upgrade */
    slice_t address;  /* the client's, "192.0.2.1" or "2001:db8::1"; "unix" of the socket */
    bool secure;      /* the client's own connection is TLS */
    bool keep_alive;  /* the connection stays open after the reply */
    bool upgrade;     /* asks for a WebSocket */
    size_t body_size; /* as Content-Length announces it */
    size_t header_count;
    header_t headers[REQUEST_HEADERS_MAX];
} request_t;

const char *method_name(method_t method);

/* The first header of that name, any case: request_header(r, "authorization").
 * The zero slice if there is none. */
slice_t request_header(const request_t *request, const char *name);

/* The first query parameter of that name, percent and plus decoded, in `arena` where
 * decoding changes it.  ERR_NOT_FOUND; ERR_MALFORMED for a broken escape, bad UTF-8 or NUL. */
MUST_CHECK err_t request_query(const request_t *request, const char *name, arena_t *arena,
                               slice_t *ret_value);

/* The next parameter off the front of a query or form, name and value decoded into `arena`;
 * ERR_NOT_FOUND behind the last one, ERR_MALFORMED as above. */
MUST_CHECK err_t request_query_next(slice_t *rest, arena_t *arena, slice_t *ret_name,
                                    slice_t *ret_value);

/* A cookie's value as sent, without quotes; the zero slice if there is none. */
slice_t request_cookie(const request_t *request, const char *name);

/* Whether a comma-separated header has `token`, any case: Connection, subprotocols. */
bool request_header_has(const request_t *request, const char *name, const char *token);

/* Item number `index` of a comma-separated header, in all its lines; the zero slice
 * behind the last one. */
slice_t request_header_item(const request_t *request, const char *name, size_t index);

/* ---- for the HTTP plumbing ---- */

/* Bytes up to and with the blank line, 0 if it has not come yet.  `*scanned` remembers
 * how far was looked already; start it with 0. */
size_t request_head_size(slice_t input, size_t *scanned);

/* Parse a complete head (RFC 9112); `path` gets the decoded path and has room for
 * head.len bytes.  ERR_MALFORMED, ERR_METHOD_NOT_ALLOWED, ERR_LENGTH_REQUIRED for
 * chunked bodies, ERR_HEADERS_TOO_LARGE for too many of them. */
MUST_CHECK err_t request_parse(slice_t head, uint8_t *path, request_t *ret_request);

#endif
