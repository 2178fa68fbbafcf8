/* etag.h - entity tags (RFC 9110, section 8.8.3): who has an answer already need not get it. */
#ifndef WS_EDGE_ETAG_H
#define WS_EDGE_ETAG_H

#include "schema/slice.h"

enum {
    ETAG_SIZE = 22 + 1,        /* base64url of 16 bytes, and its NUL */
    ETAG_MATCH_SIZE = 128,     /* bytes of If-None-Match that are looked at */
    ETAG_BODY_MAX = 64 * 1024, /* larger bodies get none: hashing them holds up the others */
};

/* The tag of a body, without quotes. */
void etag_of(slice_t body, char ret_tag[ETAG_SIZE]);

/* Whether If-None-Match or If-Range names this tag; weakly, which for a hash is as good. */
bool etag_names(slice_t header, slice_t tag);

#endif
