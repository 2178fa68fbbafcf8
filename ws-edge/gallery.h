/* gallery.h - the pictures of one request, until they are on the shelf of photos. */
#ifndef WS_EDGE_GALLERY_H
#define WS_EDGE_GALLERY_H

#include "ws-edge/edge_parts.h"
#include "ws-edge/picture.h"

typedef struct gallery gallery_t;

/* Copies of the pictures' contents; at most LIMIT_PHOTOS. */
gallery_t *gallery_new(const picture_t *pictures, size_t count);

/* Accepts NULL; not while they are being stored. */
void gallery_destroy(gallery_t **gallery_p);

uint64_t gallery_bytes(const gallery_t *gallery);

/* Store them all; `done` follows, once and not from inside this call.  STORAGE: the disk
 * refuses one. */
typedef void gallery_done_fn(void *ctx, err_t err);
void gallery_store(gallery_t *gallery, edge_t *edge, gallery_done_fn *done, void *ctx);

#endif
