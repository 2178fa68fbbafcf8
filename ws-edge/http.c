/* http.c - HTTP/1.1 connections: reading requests, waiting for replies, deadlines.
 *
 * Why not the HTTP of libwebsockets 4.1.6: it drops malformed and oversized heads and
 * unknown methods without an answer, hands on a decoded query only, takes a body of
 * unknown length for 100 MB, hangs on chunked ones, answers an unknown Upgrade twice,
 * and parses the next head over the current one if a reply comes late.  So requests
 * are read here; libwebsockets gets a connection, with a head of our own making, once
 * its upgrade is accepted, and no stranger's bytes ever reach its HTTP parser.
 *
 *            first byte          head             body complete
 *     IDLE ───────────► HEAD ─────────► BODY ─────────────┐
 *      ▲                  │ no body                       ▼
 *      ├──────────────────┼───────────────────────────► ANSWER ──► (WebSocket)
 *      │ reply, all taken │ refusal                       │ reply
 *      └── WRITE ◄────────┴───────────────────────────────┘
 *            │ last reply taken
 *            ▼
 *          LINGER ──► closed          (PIECE and SOURCE: see http_pieces.c)
 *
 * Invariants: a connection is in the list of its state, which is ordered by deadline
 * since all of one state get the same time; input is parsed in IDLE, HEAD and BODY only;
 * one request is in flight at a time, so replies need no sorting; connections are
 * released in conn_close only, and whoever may have called it does not touch them again.
 *
 * LINGER: to close with unread input makes the kernel reset the connection, and the
 * client may never see why it was refused.  So we stop sending, and read and drop what
 * comes until the client closes or a second has passed. */
#include "ws-edge/http_conn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINGER_MS = 1000 };

http_t *http_new(loop_t *loop, const server_options_t *options, const server_events_t *events,
                 peers_t *peers, sockets_t *sockets)
{
    http_t *http = mem_new(http_t);

    http->loop = loop;
    http->options = *options;
    http->events = *events;
    http->peers = peers;
    http->sockets = sockets;
    TAILQ_INIT(&http->dirty);
    for (int state = 0; state < CONN_STATE_COUNT_; state++)
        TAILQ_INIT(&http->states[state]);
    http->allowed_us[CONN_IDLE] = options->idle_ms * UINT64_C(1000);
    http->allowed_us[CONN_HEAD] = options->head_ms * UINT64_C(1000);
    http->allowed_us[CONN_BODY] = options->body_ms * UINT64_C(1000);
    http->allowed_us[CONN_PIECE] = options->body_ms * UINT64_C(1000);
    http->allowed_us[CONN_WRITE] = options->write_ms * UINT64_C(1000);
    http->allowed_us[CONN_LINGER] = LINGER_MS * UINT64_C(1000);
    http->allowed_us[CONN_PAUSE] = options->pause_ms * UINT64_C(1000);
    http->path = mem_zeroed(options->head_bytes_max);
    http->scratch = mem_zeroed(CONN_READ_SIZE);
    return http;
}

/* ---- the life of a connection ---- */

static uint32_t s_slot_take(http_t *http)
{
    if (http->free_count == 0) {
        uint32_t count = http->slot_count > 0 ? http->slot_count * 2 : 64;
        http->slots = mem_grow(http->slots, count * sizeof(*http->slots));
        http->free_slots = mem_grow(http->free_slots, count * sizeof(*http->free_slots));
        for (uint32_t slot = count; slot-- > http->slot_count;) {
            http->slots[slot] = NULL;
            http->free_slots[http->free_count++] = slot;
        }
        http->slot_count = count;
    }
    return http->free_slots[--http->free_count];
}

static void s_leave_state(conn_t *conn)
{
    TAILQ_REMOVE(&conn->http->states[conn->state], conn, in_state);
    conn->http->counts[conn->state]--;
}

static void s_join_state(conn_t *conn, conn_state_t state)
{
    http_t *http = conn->http;
    conn->state = state;
    conn->due_us = loop_now_us(http->loop) + http->allowed_us[state];
    TAILQ_INSERT_TAIL(&http->states[state], conn, in_state);
    http->counts[state]++;
}

void conn_enter(conn_t *conn, conn_state_t state)
{
    s_leave_state(conn);
    s_join_state(conn, state);
}

/* The output is gone, or given up. */
static void s_free_output(conn_t *conn)
{
    conn->http->held -= conn->held;
    conn->held = 0;
    conn->sent = 0;
    buf_free(&conn->output);
}

void conn_release(conn_t *conn)
{
    http_t *http = conn->http;

    watch_close(&conn->watch);
    s_leave_state(conn);
    if (conn->dirty)
        TAILQ_REMOVE(&http->dirty, conn, in_dirty);
    conn_expect_nothing(conn);
    http->slots[conn->exchange.slot] = NULL;
    http->free_slots[http->free_count++] = conn->exchange.slot;
    conn_abandon(conn);
    buf_free(&conn->input);
    s_free_output(conn);
    mem_free(conn);
}

void conn_close(conn_t *conn)
{
    http_t *http = conn->http;
    peer_t *peer = conn->peer;
    int fd = conn->fd;

    conn_release(conn);
    close(fd);
    peers_leave(http->peers, &peer);
}

void conn_mark_dirty(conn_t *conn)
{
    if (conn->dirty)
        return;
    conn->dirty = true;
    TAILQ_INSERT_TAIL(&conn->http->dirty, conn, in_dirty);
    loop_again(conn->http->loop);
}

/* ---- replies ---- */

void conn_answer(conn_t *conn, const response_t *reply)
{
    bool unread = conn->expected > 0; /* of a body that nobody wants to see to its end */
    bool stays = conn->keep_alive && !conn->http->draining && !unread;

    http_render(&conn->output, reply, stays, conn->head_only);
    conn->last = !stays;
    conn->rude = conn->rude || unread;
    conn->owed = conn->head_only ? 0 : reply->size;
    conn_enter(conn, conn->owed > 0 ? CONN_SOURCE : stays ? CONN_IDLE : CONN_WRITE);
    conn_mark_dirty(conn);
}

conn_t *conn_find(const http_t *http, exchange_t exchange)
{
    if (exchange.slot >= http->slot_count)
        return NULL;
    conn_t *conn = http->slots[exchange.slot];
    return conn != NULL && conn->exchange.turn == exchange.turn ? conn : NULL;
}

static conn_t *s_find_waiting(const http_t *http, exchange_t exchange)
{
    conn_t *conn = conn_find(http, exchange);
    return conn != NULL && conn->state == CONN_ANSWER ? conn : NULL;
}

void http_reply(http_t *http, exchange_t exchange, const response_t *reply)
{
    conn_t *conn = s_find_waiting(http, exchange);
    if (conn != NULL)
        conn_answer(conn, reply);
}

bool http_waits(const http_t *http, exchange_t exchange)
{
    return s_find_waiting(http, exchange) != NULL;
}

response_t conn_error_reply(http_t *http, err_t err, const request_t *request)
{
    buf_reset(&http->error_headers);
    buf_reset(&http->error_body);
    http->events.on_error(http->events.ctx, err, request, &http->error_headers, &http->error_body);
    if (err == ERR_METHOD_NOT_ALLOWED)
        buf_append_text(&http->error_headers,
                        "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n");
    return (response_t){
        .status = err_info(err)->status,
        .headers = buf_slice(&http->error_headers),
        .body = buf_slice(&http->error_body),
    };
}

/* Answer what no handler shall see, and end the connection: where the next request
 * would begin is not known. */
void conn_refuse(conn_t *conn, err_t err, const request_t *request)
{
    response_t reply = conn_error_reply(conn->http, err, request);

    conn->keep_alive = false;
    conn->head_only = false;
    conn->rude = true;
    conn_answer(conn, &reply);
}

void http_turn_away(http_t *http, int fd, err_t err)
{
    buf_t output = {0};
    response_t reply = conn_error_reply(http, err, NULL);

    http_render(&output, &reply, false, false);
    ssize_t sent = send(fd, output.data, output.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; /* a courtesy: the connection ends either way */
    close(fd);
    buf_free(&output);
}

/* ---- writing ---- */

static void s_linger(conn_t *conn)
{
    shutdown(conn->fd, SHUT_WR);
    conn_enter(conn, CONN_LINGER);
    watch_want(conn->watch, WATCH_READ);
}

/* No request is being read or answered: what has come of the next one may wait. */
static bool s_is_between(const conn_t *conn)
{
    return conn->state == CONN_IDLE || conn->state == CONN_HEAD || conn->state == CONN_WRITE;
}

static void s_pause(conn_t *conn)
{
    conn->pauses = false;
    conn_enter(conn, CONN_PAUSE);
    watch_want(conn->watch, WATCH_NOTHING);
}

static void s_read_on(conn_t *conn)
{
    if (conn->state == CONN_WRITE || conn->state == CONN_PAUSE)
        conn_enter(conn, CONN_IDLE);
    watch_want(conn->watch, WATCH_READ);
    conn_advance(conn);
}

static void s_written(conn_t *conn)
{
    s_free_output(conn);
    if (conn->taken != NULL)
        conn_taken(conn);
    if (conn->owed > 0 || conn->output.len > 0)
        return;
    if (conn->state == CONN_PIECE) {
        watch_want(conn->watch, WATCH_READ);
        conn_take_piece(conn);
    } else if (conn->last && conn->rude) {
        s_linger(conn);
    } else if (conn->last) {
        conn_close(conn);
    } else if (conn->pauses && s_is_between(conn)) {
        s_pause(conn);
    } else {
        s_read_on(conn);
    }
}

/* Count what the client does not take.  A reply of megabytes costs it a line to ask for, so
 * if all together are too much who has been at it the longest gives way. */
static void s_hold(conn_t *conn)
{
    http_t *http = conn->http;
    http->held += conn->output.len - conn->held;
    conn->held = conn->output.len;
    while (http->held > http->options.replies_bytes_max) {
        conn_t *slowest = TAILQ_FIRST(&http->states[CONN_WRITE]);
        if (slowest == NULL || slowest == conn)
            return;
        conn_close(slowest);
    }
}

static void s_write(conn_t *conn)
{
    size_t left = conn->output.len - conn->sent;
    ssize_t sent =
        left > 0 ? send(conn->fd, conn->output.data + conn->sent, left, MSG_NOSIGNAL) : 0;

    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        conn_close(conn);
        return;
    }
    conn->sent += sent > 0 ? (size_t)sent : 0;
    if (conn->sent == conn->output.len) {
        s_written(conn);
        return;
    }
    if (conn->state == CONN_IDLE)
        conn_enter(conn, CONN_WRITE);
    watch_want(conn->watch, WATCH_WRITE);
    s_hold(conn);
}

void http_flush(http_t *http)
{
    conn_t *conn;
    while ((conn = TAILQ_FIRST(&http->dirty)) != NULL) {
        TAILQ_REMOVE(&http->dirty, conn, in_dirty);
        conn->dirty = false;
        s_write(conn);
    }
}

/* ---- descriptors, deadlines, the end ---- */

static void s_on_ready(void *ctx, unsigned ready)
{
    conn_t *conn = ctx;

    if ((ready & WATCH_WRITE) != 0 && conn->output.len > 0) {
        conn_mark_dirty(conn); /* written with the others, before the loop sleeps */
        return;
    }
    if (conn->state == CONN_ANSWER || conn->state == CONN_WRITE || conn->state == CONN_SOURCE)
        watch_want(conn->watch, WATCH_NOTHING); /* pipelined: read on after the reply */
    else
        conn_read(conn);
}

void http_adopt(http_t *http, int fd, peer_t *peer, const sender_t *sender)
{
    conn_t *conn = mem_new(conn_t);

    conn->http = http;
    conn->fd = fd;
    conn->peer = peer;
    conn->exchange.slot = s_slot_take(http);
    http->slots[conn->exchange.slot] = conn;
    conn->sender = *sender;
    s_join_state(conn, CONN_HEAD);
    uint32_t slot = conn->exchange.slot;
    conn_read(conn); /* most have asked by now, and who leaves HTTP by that need not be watched */
    if (http->slots[slot] != NULL)
        conn->watch = loop_watch_fd(http->loop, fd, s_on_ready, conn);
}

void http_trust(http_t *http, const trust_t *trust)
{
    http->trust = trust;
}

void http_pause(http_t *http)
{
    conn_t *conn = http->heard;
    if (conn != NULL && !trust_has(http->trust, &conn->sender.address))
        conn->pauses = true;
}

static void s_expire(conn_t *conn)
{
    if (conn->state == CONN_PAUSE) {
        s_read_on(conn);
        return;
    }
    bool reading = conn->state == CONN_HEAD || conn->state == CONN_BODY;

    if (conn->state == CONN_PIECE || (reading && conn->input.len > 0)) {
        conn_refuse(conn, ERR_TIMEOUT, NULL);
        conn_abandon(conn);
    } else {
        conn_close(conn);
    }
}

void http_tick(http_t *http)
{
    uint64_t now_us = loop_now_us(http->loop);
    conn_t *conn;

    while (http->counts[CONN_IDLE] > http->options.idle_connections_max)
        conn_close(TAILQ_FIRST(&http->states[CONN_IDLE]));
    for (int state = 0; state < CONN_STATE_COUNT_; state++) {
        if (http->allowed_us[state] == 0)
            continue;
        while ((conn = TAILQ_FIRST(&http->states[state])) != NULL && conn->due_us <= now_us)
            s_expire(conn);
    }
}

/* Whatever has no request under way goes at once; what still has output, after it. */
static void s_drain_state(http_t *http, conn_state_t state)
{
    conn_t *conn = TAILQ_FIRST(&http->states[state]);
    while (conn != NULL) {
        conn_t *next = TAILQ_NEXT(conn, in_state);
        if (conn->output.len > 0)
            conn->last = true;
        else if (conn->input.len == 0)
            conn_close(conn);
        conn = next;
    }
}

void http_drain(http_t *http)
{
    http->draining = true;
    s_drain_state(http, CONN_IDLE);
    s_drain_state(http, CONN_HEAD);
    s_drain_state(http, CONN_WRITE);
    s_drain_state(http, CONN_PAUSE);
}

void http_destroy(http_t **http_p)
{
    http_t *http = *http_p;
    if (http == NULL)
        return;
    for (uint32_t slot = 0; slot < http->slot_count; slot++)
        if (http->slots[slot] != NULL)
            conn_close(http->slots[slot]);
    mem_free(http->slots);
    mem_free(http->free_slots);
    mem_free(http->path);
    mem_free(http->scratch);
    buf_free(&http->error_headers);
    buf_free(&http->error_body);
    mem_free(http);
    *http_p = NULL;
}

size_t http_count(const http_t *http)
{
    return http->slot_count - http->free_count;
}

size_t http_waiting(const http_t *http)
{
    return http->counts[CONN_ANSWER];
}
