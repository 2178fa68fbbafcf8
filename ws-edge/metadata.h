/* metadata.h - a picture without what was written beside it: places, dates, names, comments. */
#ifndef WS_EDGE_METADATA_H
#define WS_EDGE_METADATA_H

#include "schema/buf.h"
#include "schema/err.h"

/* Append the picture, a JPEG, PNG, GIF or WebP, as it is shown and no more than that.
 * ERR_UNSUPPORTED_TYPE: it is none of these; ERR_MALFORMED: it does not hold together. */
MUST_CHECK err_t metadata_strip(slice_t picture, buf_t *out);

#endif
