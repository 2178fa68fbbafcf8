/* upload.c - piece by piece: off the connection here, onto the disk on a pool's thread.
 *
 *     read a piece ──► take it (pool) ──┬──► read the next
 *                                       ├──► all there: keep it (pool) ──► done
 *                                       └──► failed, or the client has gone:
 *                                            clear it away (pool) ──► done
 *
 * Only one of the two threads has an upload at a time.  All uploads together may be
 * UPLOADS_BYTES_MAX as announced, since so much may lie in `incoming`; and as a slow one
 * may take hours, those of one account a quarter of it. */
#include "ws-edge/upload.h"

#include "ws-edge/magic.h"

static const uint64_t UPLOADS_BYTES_MAX = UINT64_C(256) * 1024 * 1024;
static const uint64_t UPLOADS_OF_ONE_MAX = UPLOADS_BYTES_MAX / 4;

typedef struct upload {
    TAILQ_ENTRY(upload) in_all;
    edge_t *edge;
    exchange_t exchange;
    uint64_t account; /* whose */
    uint64_t size;    /* as announced */
    uint64_t taken;   /* of it */
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

static void s_keep(void *ctx)
{
    upload_t *upload = ctx;
    upload->err = intake_keep(upload->intake, &upload->kept);
    intake_close(&upload->intake);
}

static void s_take(void *ctx)
{
    upload_t *upload = ctx;
    upload->err = ERR_OK;
    if (upload->intake == NULL)
        upload->err = intake_open(upload->edge->shelf, &upload->intake);
    if (upload->err == ERR_OK)
        upload->err = intake_take(upload->intake, buf_slice(&upload->piece));
}

/* The setting may change with any turn of the loop, so it is read here. */
static bool s_refused(const upload_t *upload)
{
    bool whole = upload->taken == upload->size;
    return magic_listed(slice_of(intake_type(upload->intake, whole)),
                        slice_of(upload->edge->refused_types));
}

static void s_on_taken(void *ctx)
{
    upload_t *upload = ctx;
    if (upload->err != ERR_OK)
        s_end(upload, upload->err);
    else if (s_refused(upload))
        s_end(upload, ERR_UNSUPPORTED_TYPE);
    else if (upload->taken == upload->size)
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

static bool s_fits(const edge_t *edge, uint64_t account, uint64_t size)
{
    uint64_t all = size, own = size;
    const upload_t *upload;
    TAILQ_FOREACH(upload, &edge->uploads, in_all)
    {
        all += upload->size;
        own += upload->account == account ? upload->size : 0;
    }
    return all <= UPLOADS_BYTES_MAX && own <= UPLOADS_OF_ONE_MAX;
}

err_t upload_start(edge_t *edge, exchange_t exchange, uint64_t account, uint64_t size,
                   upload_done_fn *done, void *ctx)
{
    if (!s_fits(edge, account, size))
        return ERR_UNAVAILABLE;
    upload_t *upload = mem_new(upload_t);
    upload->edge = edge;
    upload->exchange = exchange;
    upload->account = account;
    upload->size = size;
    upload->done = done;
    upload->ctx = ctx;
    TAILQ_INSERT_TAIL(&edge->uploads, upload, in_all);
    if (size > 0)
        s_read_on(upload);
    else
        loop_work(edge->loop, s_take, s_on_taken, upload);
    return ERR_OK;
}
