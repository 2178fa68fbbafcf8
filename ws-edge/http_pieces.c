/* http_pieces.c - bodies that pass through piece by piece, in either direction.
 *
 *     ANSWER ── exchange_read ──► PIECE ── a piece is there ──► ANSWER …
 *     ANSWER ── exchange_reply, `size` ──► SOURCE ── exchange_write ──► WRITE
 *                                             ▲                           │
 *                                             └── the kernel has it all ──┘
 *
 * Whoever handles the request pulls: the client's next bytes are read only once it has
 * asked for them, and asked for a next piece is it only once the kernel has taken the
 * last one.  So a connection holds about two pieces, whatever is sent through it, and a
 * slow disk slows its own connection and no other.
 *
 * Each piece has body_ms to come; and so that nobody is at it for hours with a byte now and
 * then, all of them together have that and what body_rate_min makes of their size.
 *
 * Invariants: `piece` is set in PIECE and nowhere else; `taken` from exchange_write until
 * the output has left.  Each is called once, last of all from conn_abandon. */
#include "ws-edge/http_conn.h"

#include <assert.h>

/* ---- from the client ---- */

void conn_expect_pieces(conn_t *conn, size_t size)
{
    const server_options_t *options = &conn->http->options;
    uint64_t whole_ms = options->body_ms + UINT64_C(1000) * size / options->body_rate_min;
    conn->expected = size;
    conn->whole_us = loop_now_us(conn->http->loop) + UINT64_C(1000) * whole_ms;
}

bool http_exchange_read(http_t *http, exchange_t exchange, piece_call_t call, void *ctx)
{
    conn_t *conn = conn_find(http, exchange);
    if (conn == NULL || conn->state != CONN_ANSWER)
        return false;
    assert(conn->expected > 0);
    if (loop_now_us(http->loop) > conn->whole_us) {
        conn_refuse(conn, ERR_TIMEOUT, NULL);
        return false;
    }
    conn->piece = call;
    conn->stream_ctx = ctx;
    if (conn->asks_first)
        buf_append_text(&conn->output, "HTTP/1.1 100 Continue\r\n\r\n");
    conn->asks_first = false;
    conn_enter(conn, CONN_PIECE);
    conn_mark_dirty(conn); /* goes on with what has been read already */
    return true;
}

void conn_take_piece(conn_t *conn)
{
    size_t size = conn->expected < PIECE_SIZE ? conn->expected : PIECE_SIZE;
    if (conn->input.len < size)
        return;
    piece_call_t call = TAKE(conn->piece);
    buf_t input = conn->input;
    conn->input = (buf_t){0};
    conn->expected -= size;
    conn_enter(conn, CONN_ANSWER);
    call(conn->stream_ctx, slice_new(input.data, size));
    buf_append(&conn->input, slice_from(buf_slice(&input), size));
    buf_free(&input);
}

/* ---- to the client ---- */

bool http_exchange_write(http_t *http, exchange_t exchange, slice_t piece, taken_call_t call,
                         void *ctx)
{
    conn_t *conn = conn_find(http, exchange);
    if (conn == NULL || conn->owed == 0)
        return false;
    assert(piece.len > 0 && piece.len <= conn->owed && conn->taken == NULL);
    buf_append(&conn->output, piece);
    conn->owed -= piece.len;
    conn->last = conn->last || http->draining;
    conn->taken = call;
    conn->stream_ctx = ctx;
    conn_enter(conn, CONN_WRITE);
    conn_mark_dirty(conn);
    return true;
}

void conn_taken(conn_t *conn)
{
    taken_call_t call = TAKE(conn->taken);
    if (conn->owed > 0) {
        conn_enter(conn, CONN_SOURCE);
        watch_want(conn->watch, WATCH_NOTHING);
    }
    call(conn->stream_ctx, false);
}

void http_exchange_cut(http_t *http, exchange_t exchange)
{
    conn_t *conn = conn_find(http, exchange);
    if (conn == NULL || conn->owed == 0)
        return;
    conn->owed = 0;
    conn->last = true;
    conn_enter(conn, CONN_WRITE);
    conn_mark_dirty(conn);
}

/* ---- the end ---- */

void conn_abandon(conn_t *conn)
{
    piece_call_t piece = TAKE(conn->piece);
    taken_call_t taken = TAKE(conn->taken);
    void *ctx = conn->stream_ctx;
    if (piece != NULL)
        piece(ctx, (slice_t){0});
    if (taken != NULL)
        taken(ctx, true);
}
