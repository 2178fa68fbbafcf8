/* instant.h - points of time in words. */
#ifndef WS_EDGE_INSTANT_H
#define WS_EDGE_INSTANT_H

#include "schema/buf.h"

/* `"2026-01-02T03:04:05.000006Z"`, with its quotes (RFC 3339); the time is µs since 1970. */
void instant_put(buf_t *out, int64_t time_us);

#endif
