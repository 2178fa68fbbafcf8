/* picture.h - pictures that come inside a request, as data URIs (RFC 2397).
 *
 *     data:image/png;base64,iVBORw0…   ──>   /api/photos/<id>-<bytes>.png
 *
 * What a picture is says its content, never its sender, and nothing stays of what was
 * written beside it (metadata.h). */
#ifndef WS_EDGE_PICTURE_H
#define WS_EDGE_PICTURE_H

#include "schema/arena.h"
#include "schema/err.h"
#include "schema/type.h"

typedef struct picture {
    slice_t content;
    slice_t url; /* under which a profile keeps it */
    file_t file; /* as it will be stored */
} picture_t;

bool picture_is_data(slice_t uri);

/* JPEG, PNG or WebP; spaces count as '+', which is what a form makes of those.  In `arena`.
 * ERR_INVALID, and why. */
MUST_CHECK err_t picture_read(slice_t uri, arena_t *arena, picture_t *ret_picture,
                              const char **ret_problem);

#endif
