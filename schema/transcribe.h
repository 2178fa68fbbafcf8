/* transcribe.h - MessagePack as JSON, whatever it says: from the bytes, without a shape. */
#ifndef SCHEMA_TRANSCRIBE_H
#define SCHEMA_TRANSCRIBE_H

#include "schema/buf.h"
#include "schema/err.h"

/* Whether the value of a name is left out, for "…". */
typedef bool transcribe_hides_fn(slice_t name);

/* Append the first MessagePack value of *in, which is taken off it; bytes become a text of
 * hexadecimal digits.  `hides` may be NULL.  ERR_MALFORMED: it is none, or deeper than
 * LIMIT_JSON_DEPTH; what was appended of it stands behind `out`. */
MUST_CHECK err_t transcribe(buf_t *out, slice_t *in, transcribe_hides_fn *hides);

/* A text of hexadecimal digits. */
void transcribe_hex(buf_t *out, slice_t bytes);

#endif
