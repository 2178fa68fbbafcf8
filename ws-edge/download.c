/* download.c - piece by piece: off the disk on a pool's thread, onto the connection here.
 *
 *     open, check, read a piece (pool) ──► reply with head and piece ──► taken ──► read the next …
 *
 * All of the file is held against its id first: what a disk has changed is never shown.  That is
 * 1 ms for 1 MB, and the pieces then come from memory.
 *
 * Not by sendfile: it would have the loop wait for a disk that has to seek, and there is
 * none through TLS.  A client that takes no piece within `write_ms` is cut off. */
#include "ws-edge/download.h"

#include <errno.h>
#include <unistd.h>

#include "actors/log.h"
#include "ws-edge/shelf.h"

enum { READ_SIZE = 2 * PIECE_SIZE }; /* about what a connection's kernel buffer holds */

typedef struct download {
    edge_t *edge;
    exchange_t exchange;
    const shelf_t *shelf;
    char id[LIMIT_FILE_ID];
    uint64_t file_size;
    uint64_t at;
    uint64_t left;
    int fd;
    uint8_t *piece;
    size_t piece_len;
    err_t err; /* of the work */
    int status;
    char type[LIMIT_FILE_TYPE * 4];
    size_t type_len;
    buf_t headers;
    download_begun_fn *begun; /* NULL once called */
    void *ctx;
} download_t;

static void s_end(download_t *download)
{
    if (download->fd >= 0)
        close(download->fd);
    mem_free(download->piece);
    buf_free(&download->headers);
    mem_free(download);
}

static void s_on_read(void *ctx);

/* ---- on the pool's thread ---- */

static void s_read(void *ctx)
{
    download_t *download = ctx;
    size_t want = download->left < READ_SIZE ? (size_t)download->left : READ_SIZE;
    ssize_t got;
    do
        got = pread(download->fd, download->piece, want, (off_t)download->at);
    while (got < 0 && errno == EINTR);
    download->err = got > 0 ? ERR_OK : ERR_STORAGE;
    download->piece_len = got > 0 ? (size_t)got : 0;
}

static void s_open(void *ctx)
{
    download_t *download = ctx;
    slice_t id = slice_new(download->id, sizeof download->id);
    download->err = shelf_find(download->shelf, id, download->file_size, &download->fd);
    if (download->err == ERR_OK)
        download->err = shelf_check(id, download->fd);
    if (download->err == ERR_OK)
        s_read(download);
}

/* ---- on the loop's ---- */

static void s_on_taken(void *ctx, bool gone)
{
    download_t *download = ctx;
    if (gone || download->left == 0)
        s_end(download);
    else
        loop_work(download->edge->loop, s_read, s_on_read, download);
}

static void s_send(download_t *download)
{
    slice_t piece = slice_new(download->piece, download->piece_len);
    download->at += piece.len;
    download->left -= piece.len;
    if (!exchange_write(download->edge->server, download->exchange, piece, s_on_taken, download))
        s_end(download);
}

static void s_on_read(void *ctx)
{
    download_t *download = ctx;
    if (download->err == ERR_OK) {
        s_send(download);
        return;
    }
    log_error("files", "file %.*s cannot be read", (int)sizeof download->id, download->id);
    exchange_cut(download->edge->server, download->exchange);
    s_end(download);
}

static void s_on_opened(void *ctx)
{
    download_t *download = ctx;
    response_t head = {
        .status = download->status,
        .content_type = slice_new(download->type, download->type_len),
        .headers = buf_slice(&download->headers),
        .size = download->left,
    };
    download_begun_fn *begun = TAKE(download->begun);
    if (download->err == ERR_OK)
        exchange_reply(download->edge->server, download->exchange, &head);
    else
        log_error(
            "files",
            "file %.*s is known and not to be had (%s): bring it back from a backup, or upload "
            "the same again",
            (int)sizeof download->id, download->id, err_info(download->err)->name);
    begun(download->ctx, download->err);
    if (download->err == ERR_OK)
        s_send(download);
    else
        s_end(download);
}

void download_start(edge_t *edge, exchange_t exchange, const response_t *head, const give_t *give,
                    download_begun_fn *begun, void *ctx)
{
    download_t *download = mem_new(download_t);
    download->edge = edge;
    download->exchange = exchange;
    download->shelf = give->photo ? edge->photos : edge->shelf;
    memcpy(download->id, give->id.ptr, sizeof download->id);
    download->file_size = give->file_size;
    download->at = give->first;
    download->left = give->count;
    download->fd = -1;
    download->piece = mem_grow(NULL, READ_SIZE);
    download->status = head->status;
    download->type_len = head->content_type.len;
    memcpy(download->type, head->content_type.ptr, head->content_type.len);
    buf_append(&download->headers, head->headers);
    download->begun = begun;
    download->ctx = ctx;
    loop_work(edge->loop, s_open, s_on_opened, download);
}
