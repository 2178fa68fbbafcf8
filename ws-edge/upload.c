/* upload.c - piece by piece: off the connection here, onto the disk on a pool's thread.
 *
 *     read a piece ──► take it (pool) ──┬──► read the next
 *                                       ├──► all there: keep it (pool) ──► done
 *                                       └──► failed, or the client has gone:
 *                                            clear it away (pool) ──► done
 *
 * A photo is not kept as it came: what is written beside it goes first (metadata.h), for
 * which all of it, at most LIMIT_PHOTO, is read from the disk.
 *
 * Only one of the two threads has an upload at a time.  All uploads together may be
 * UPLOADS_BYTES_MAX as announced, since so much may lie in `incoming`; and as a slow one
 * may take hours, those of one account a quarter of it. */
#include "ws-edge/upload.h"

#include "actors/photo.h"
#include "ws-edge/magic.h"
#include "ws-edge/metadata.h"

static const uint64_t UPLOADS_BYTES_MAX = UINT64_C(256) * 1024 * 1024;
static const uint64_t UPLOADS_OF_ONE_MAX = UPLOADS_BYTES_MAX / 4;

typedef struct upload {
    TAILQ_ENTRY(upload) in_all;
    edge_t *edge;
    exchange_t exchange;
    upload_order_t order;
    uint64_t taken; /* of its bytes */
    intake_t *intake;
    buf_t piece;
    kept_t kept;
    err_t err; /* of the work, or what ended it */
    upload_done_fn *done;
    void *ctx;
} upload_t;

static void s_read_on(upload_t *upload);

/* ---- the end ---- */

/* Closing may have to unlink, which may block. */
static void s_close(void *ctx)
{
    upload_t *upload = ctx;
    intake_close(&upload->intake);
}

static void s_on_closed(void *ctx)
{
    upload_t *upload = ctx;
    TAILQ_REMOVE(&upload->edge->uploads, upload, in_all);
    upload->done(upload->ctx, upload->err, &upload->kept);
    buf_free(&upload->piece);
    mem_free(upload);
}

static void s_end(upload_t *upload, err_t err)
{
    upload->err = err;
    loop_work(upload->edge->loop, s_close, s_on_closed, upload);
}

/* ---- taking ---- */

static shelf_t *s_shelf(const upload_t *upload)
{
    return upload->order.photo ? upload->edge->photos : upload->edge->shelf;
}

static err_t s_keep_photo(upload_t *upload)
{
    buf_t content = {0}, left = {0};
    err_t err = intake_read(upload->intake, &content);
    if (err == ERR_OK && metadata_strip(buf_slice(&content), &left) != ERR_OK)
        err = ERR_UNSUPPORTED_TYPE;
    if (err == ERR_OK)
        err = shelf_put(s_shelf(upload), buf_slice(&left), &upload->kept);
    buf_free(&content);
    buf_free(&left);
    return err;
}

static void s_keep(void *ctx)
{
    upload_t *upload = ctx;
    upload->err =
        upload->order.photo ? s_keep_photo(upload) : intake_keep(upload->intake, &upload->kept);
    intake_close(&upload->intake);
}

static void s_take(void *ctx)
{
    upload_t *upload = ctx;
    upload->err = ERR_OK;
    if (upload->intake == NULL)
        upload->err = intake_open(s_shelf(upload), &upload->intake);
    if (upload->err == ERR_OK)
        upload->err = intake_take(upload->intake, buf_slice(&upload->piece));
}

/* The setting may change with any turn of the loop, so it is read here. */
static bool s_refused(const upload_t *upload)
{
    slice_t type = slice_of(intake_type(upload->intake, upload->taken == upload->order.size));
    return magic_listed(type, slice_of(upload->edge->refused_types)) ||
           (upload->order.photo && !magic_listed(type, SLICE_LIT(PHOTO_TYPES)));
}

static void s_on_taken(void *ctx)
{
    upload_t *upload = ctx;
    if (upload->err != ERR_OK)
        s_end(upload, upload->err);
    else if (s_refused(upload))
        s_end(upload, ERR_UNSUPPORTED_TYPE);
    else if (upload->taken == upload->order.size)
        loop_work(upload->edge->loop, s_keep, s_on_closed, upload);
    else
        s_read_on(upload);
}

static void s_on_piece(void *ctx, slice_t piece)
{
    upload_t *upload = ctx;
    if (piece.ptr == NULL) {
        s_end(upload, ERR_TIMEOUT);
        return;
    }
    buf_reset(&upload->piece);
    buf_append(&upload->piece, piece);
    upload->taken += piece.len;
    loop_work(upload->edge->loop, s_take, s_on_taken, upload);
}

static void s_read_on(upload_t *upload)
{
    if (!exchange_read(upload->edge->server, upload->exchange, s_on_piece, upload))
        s_end(upload, ERR_TIMEOUT);
}

static bool s_fits(const edge_t *edge, const upload_order_t *order)
{
    uint64_t all = order->size, own = order->size;
    const upload_t *upload;
    TAILQ_FOREACH(upload, &edge->uploads, in_all)
    {
        all += upload->order.size;
        own += upload->order.account == order->account ? upload->order.size : 0;
    }
    return all <= UPLOADS_BYTES_MAX && own <= UPLOADS_OF_ONE_MAX;
}

err_t upload_start(edge_t *edge, exchange_t exchange, const upload_order_t *order,
                   upload_done_fn *done, void *ctx)
{
    if (!s_fits(edge, order))
        return ERR_UNAVAILABLE;
    upload_t *upload = mem_new(upload_t);
    upload->edge = edge;
    upload->exchange = exchange;
    upload->order = *order;
    upload->done = done;
    upload->ctx = ctx;
    TAILQ_INSERT_TAIL(&edge->uploads, upload, in_all);
    if (order->size > 0)
        s_read_on(upload);
    else
        loop_work(edge->loop, s_take, s_on_taken, upload);
    return ERR_OK;
}
