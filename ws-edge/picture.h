/* picture.h - pictures that come inside a request, as data URIs (RFC 2397), and their names.
 *
 *     data:image/png;base64,iVBORw0…   ──>   /api/photos/<id>-<bytes>.png
 *
 * What a picture is says its content, never its sender.  The id is the hash of the content,
 * so whoever has a name has seen the picture, or a profile that shows it. */
#ifndef WS_EDGE_PICTURE_H
#define WS_EDGE_PICTURE_H

#include "schema/arena.h"
#include "schema/err.h"

enum { PICTURE_BYTES_MAX = 5 * 1024 * 1024 };

typedef struct picture {
    slice_t content;
    slice_t url; /* under which it will be served */
} picture_t;

bool picture_is_data(slice_t uri);

/* JPEG, PNG or WebP; spaces count as '+', which is what a form makes of those.  In `arena`.
 * ERR_INVALID, and why. */
MUST_CHECK err_t picture_read(slice_t uri, arena_t *arena, picture_t *ret_picture,
                              const char **ret_problem);

/* What the last segment of such a URL names; false: no picture. */
bool picture_named(slice_t name, slice_t *ret_id, uint64_t *ret_size, const char **ret_type);

#endif
