/* blank.h - the personal values of a body taken out, put back, or done without.
 *
 * A value that was taken out leaves nil in its place, which no body has otherwise; so whoever
 * has the values can put them back without knowing the shape, and gets the same bytes.
 * What is personal the shape says (type.h). */
#ifndef SCHEMA_BLANK_H
#define SCHEMA_BLANK_H

#include "schema/buf.h"
#include "schema/err.h"
#include "schema/type.h"

/* A body's pairs without the head of their map. */
typedef struct pairs {
    size_t count;
    slice_t bytes;
} pairs_t;

MUST_CHECK err_t blank_pairs(slice_t body, pairs_t *ret_pairs);

/* Take the bin that the first pair holds, which has this name, off the front. */
MUST_CHECK err_t blank_first(pairs_t *pairs, slice_t name, slice_t *ret_bytes);

/* Append the pairs without their personal values to `out`, and those, one behind the other, to
 * `values`. */
MUST_CHECK err_t blank_take(const pairs_t *pairs, const shape_t *shape, buf_t *out, buf_t *values);

/* The other way round, as a map again.  ERR_MALFORMED if there are fewer or more values than
 * places for them. */
MUST_CHECK err_t blank_fill(const pairs_t *pairs, slice_t values, buf_t *out);

/* Append the map as it is without them.  What must have a text has `stead`; an item of a list
 * that must have one is left out, and so is whatever may be missing.  A shape of NULL is a
 * body that this build does not know. */
MUST_CHECK err_t blank_redact(const pairs_t *pairs, const shape_t *shape, slice_t stead,
                              buf_t *out);

#endif
