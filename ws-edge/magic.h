/* magic.h - what a file is, found from its first bytes. */
#ifndef WS_EDGE_MAGIC_H
#define WS_EDGE_MAGIC_H

#include "schema/slice.h"

enum { MAGIC_HEAD_MAX = 4096 }; /* bytes that are looked at */

/* The media type of a file that begins so; `whole`: that is all of it. */
const char *magic_type(slice_t head, bool whole);

/* Whether a browser may show such a file by itself, rather than save it. */
bool magic_shows(slice_t type);

/* Whether `type` is in a list of types separated by spaces, where "image/" followed by
 * an asterisk is all images. */
bool magic_listed(slice_t type, slice_t list);

#endif
