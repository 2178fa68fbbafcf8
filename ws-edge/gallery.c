/* gallery.c - pictures are hashed and written on a pool's thread, one behind the other. */
#include "ws-edge/gallery.h"

#include <assert.h>

struct gallery {
    shelf_t *shelf;
    buf_t contents[LIMIT_PHOTOS];
    size_t count;
    err_t err; /* of the work */
    gallery_done_fn *done;
    void *ctx;
};

gallery_t *gallery_new(const picture_t *pictures, size_t count)
{
    assert(count <= LIMIT_PHOTOS);
    gallery_t *gallery = mem_new(gallery_t);
    gallery->count = count;
    for (size_t i = 0; i < count; i++)
        buf_append(&gallery->contents[i], pictures[i].content);
    return gallery;
}

void gallery_destroy(gallery_t **gallery_p)
{
    gallery_t *gallery = TAKE(*gallery_p);
    if (gallery == NULL)
        return;
    for (size_t i = 0; i < gallery->count; i++)
        buf_free(&gallery->contents[i]);
    mem_free(gallery);
}

uint64_t gallery_bytes(const gallery_t *gallery)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < gallery->count; i++)
        bytes += gallery->contents[i].len;
    return bytes;
}

static void s_work(void *ctx)
{
    gallery_t *gallery = ctx;
    kept_t kept;
    gallery->err = ERR_OK;
    for (size_t i = 0; gallery->err == ERR_OK && i < gallery->count; i++)
        gallery->err = shelf_put(gallery->shelf, buf_slice(&gallery->contents[i]), &kept);
}

static void s_on_worked(void *ctx)
{
    const gallery_t *gallery = ctx;
    gallery->done(gallery->ctx, gallery->err);
}

void gallery_store(gallery_t *gallery, edge_t *edge, gallery_done_fn *done, void *ctx)
{
    gallery->shelf = edge->photos;
    gallery->done = done;
    gallery->ctx = ctx;
    loop_work(edge->loop, s_work, s_on_worked, gallery);
}
