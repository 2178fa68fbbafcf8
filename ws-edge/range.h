/* range.h - which bytes a request wants (RFC 9110, section 14): one range or all. */
#ifndef WS_EDGE_RANGE_H
#define WS_EDGE_RANGE_H

#include "schema/slice.h"

typedef enum range_kind {
    RANGE_ALL,
    RANGE_FROM, /* `first` to `last`, or to the end */
    RANGE_LAST, /* the last `last` bytes */
} range_kind_t;

typedef struct range {
    range_kind_t kind;
    uint64_t first;
    uint64_t last; /* the byte's number, and UINT64_MAX for the end; of LAST a count */
} range_t;

/* The header `Range`.  What is no single range of bytes is ignored, as the specification
 * has it: then it is all. */
range_t range_read(slice_t header);

/* The bytes of a file of that size; false: it has none of them. */
bool range_fit(const range_t *range, uint64_t size, uint64_t *ret_first, uint64_t *ret_count);

#endif
