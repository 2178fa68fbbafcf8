/* hail.h - the first word on a plain TCP connection: a JSON object behind which nothing
 * says that it is over.
 *
 * Only strings and braces are looked at, to find its end; whether it is JSON is for whoever
 * parses it. */
#ifndef WS_EDGE_HAIL_H
#define WS_EDGE_HAIL_H

#include "schema/slice.h"

enum { HAIL_SIZE_MAX = 1024 }; /* bytes, with the white space before it */

typedef enum hail_state {
    HAIL_PART,  /* so far it may become one */
    HAIL_WHOLE, /* whatever follows it */
    HAIL_BAD,   /* whatever follows: no object, or too long a one */
} hail_state_t;

/* `input` is all that has come; *ret_hail is the object in it, if it is whole. */
hail_state_t hail_read(slice_t input, slice_t *ret_hail);

#endif
