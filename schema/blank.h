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

/* Append the body without its personal values to `out`, and those, one behind the other, to
 * `values`.  The map in `out` says that it has one pair more, which the caller appends. */
MUST_CHECK err_t blank_take(slice_t body, const shape_t *shape, buf_t *out, buf_t *values);

/* The other way round: the last pair is left out.  ERR_MALFORMED if there are fewer or more
 * values than places for them. */
MUST_CHECK err_t blank_fill(slice_t body, slice_t values, buf_t *out);

/* Append the body as it is without them.  What must have a text has `stead`; an item of a list
 * that must have one is left out, and so is whatever may be missing.  A shape of NULL is a
 * body that this build does not know. */
MUST_CHECK err_t blank_redact(slice_t body, const shape_t *shape, slice_t stead, buf_t *out);

/* What stands in the last pair, which has this name. */
MUST_CHECK err_t blank_last(slice_t body, slice_t name, slice_t *ret_bytes);

#endif
