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
 *          LINGER ──► closed
 *
 * Invariants: a connection is in the list of its state, which is ordered by deadline
 * since all of one state get the same time; input is parsed in IDLE, HEAD and BODY only;
 * one request is in flight at a time, so replies need no sorting; connections are
 * released in s_close only, and whoever may have called it does not touch them again.
 *
 * LINGER: to close with unread input makes the kernel reset the connection, and the
 * client may never see why it was refused.  So we stop sending, and read and drop what
 * comes until the client closes or a second has passed. */
#include "ws-edge/http.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_SIZE = 64 * 1024,
    OUTPUT_PAUSE = 64 * 1024, /* unsent bytes from which on pipelined requests wait */
    LINGER_MS = 1000,
};

typedef enum conn_state {
    CONN_IDLE,
    CONN_HEAD,
    CONN_BODY,
    CONN_ANSWER,
    CONN_WRITE,
    CONN_LINGER,
    CONN_STATE_COUNT_
} conn_state_t;

/* What came of an attempt to take one request off the input. */
typedef enum step {
    STEP_DONE, /* taken; there may be another */
    STEP_WAIT, /* not whole yet, or refused */
    STEP_GONE, /* the connection has left HTTP */
} step_t;

typedef struct conn {
    TAILQ_ENTRY(conn) in_state;
    TAILQ_ENTRY(conn) in_dirty;
    http_t *http;
    watch_t *watch;
    peer_t *peer;
    uint64_t due_us;
    buf_t input;
    size_t scanned; /* of the input, in the search for the end of a head */
    size_t needed;  /* bytes of input that make the request whole; 0: not known yet */
    buf_t output;
    size_t sent; /* of the output */
    exchange_t exchange;
    int fd;
    conn_state_t state;
    bool dirty; /* in the list of those with something to write or to read on */
    bool last;  /* close after the output */
    bool rude;  /* close by way of LINGER: unread input is likely */
    bool keep_alive;
    bool head_only;
    char address[INET6_ADDRSTRLEN];
} conn_t;

TAILQ_HEAD(conn_list, conn);

struct http {
    loop_t *loop;
    server_options_t options;
    server_events_t events;
    peers_t *peers;
    sockets_t *sockets;
    struct conn_list states[CONN_STATE_COUNT_];
    size_t counts[CONN_STATE_COUNT_];
    uint64_t allowed_us[CONN_STATE_COUNT_]; /* 0: no deadline */
    struct conn_list dirty;
    conn_t **slots;
    uint32_t slot_count;
    uint32_t *free_slots; /* a stack */
    uint32_t free_count;
    uint32_t turn; /* distinguishes the exchanges of a slot */
    bool draining;
    request_t request; /* of the callback that is running */
    uint8_t *path;
    uint8_t *scratch;
    buf_t error_body;
};

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
    http->allowed_us[CONN_WRITE] = options->write_ms * UINT64_C(1000);
    http->allowed_us[CONN_LINGER] = LINGER_MS * UINT64_C(1000);
    http->path = mem_zeroed(options->head_bytes_max);
    http->scratch = mem_zeroed(READ_SIZE);
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

static void s_enter(conn_t *conn, conn_state_t state)
{
    s_leave_state(conn);
    s_join_state(conn, state);
}

/* Release all but the descriptor. */
static void s_release(conn_t *conn)
{
    http_t *http = conn->http;

    watch_close(&conn->watch);
    s_leave_state(conn);
    if (conn->dirty)
        TAILQ_REMOVE(&http->dirty, conn, in_dirty);
    http->slots[conn->exchange.slot] = NULL;
    http->free_slots[http->free_count++] = conn->exchange.slot;
    buf_free(&conn->input);
    buf_free(&conn->output);
    mem_free(conn);
}

static void s_close(conn_t *conn)
{
    http_t *http = conn->http;
    peer_t *peer = conn->peer;
    int fd = conn->fd;

    s_release(conn);
    close(fd);
    peers_leave(http->peers, &peer);
}

static void s_mark_dirty(conn_t *conn)
{
    if (conn->dirty)
        return;
    conn->dirty = true;
    TAILQ_INSERT_TAIL(&conn->http->dirty, conn, in_dirty);
    loop_again(conn->http->loop);
}

/* ---- replies ---- */

static void s_answer(conn_t *conn, const reply_t *reply)
{
    bool stays = conn->keep_alive && !conn->http->draining;

    http_render(&conn->output, reply, stays, conn->head_only);
    conn->last = !stays;
    s_enter(conn, stays ? CONN_IDLE : CONN_WRITE);
    s_mark_dirty(conn);
}

static conn_t *s_find_waiting(const http_t *http, exchange_t exchange)
{
    if (exchange.slot >= http->slot_count)
        return NULL;
    conn_t *conn = http->slots[exchange.slot];
    bool waits = conn != NULL && conn->state == CONN_ANSWER && conn->exchange.turn == exchange.turn;
    return waits ? conn : NULL;
}

void http_reply(http_t *http, exchange_t exchange, const reply_t *reply)
{
    conn_t *conn = s_find_waiting(http, exchange);
    if (conn != NULL)
        s_answer(conn, reply);
}

bool http_waits(const http_t *http, exchange_t exchange)
{
    return s_find_waiting(http, exchange) != NULL;
}

static reply_t s_error_reply(http_t *http, err_t err)
{
    buf_reset(&http->error_body);
    http->events.on_error(http->events.ctx, err, &http->error_body);
    reply_t reply = {.status = err_info(err)->status, .body = buf_slice(&http->error_body)};
    if (err == ERR_METHOD_NOT_ALLOWED)
        reply.headers = SLICE_LIT("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n");
    return reply;
}

/* Answer what no handler shall see, and end the connection: where the next request
 * would begin is not known. */
static void s_refuse(conn_t *conn, err_t err)
{
    reply_t reply = s_error_reply(conn->http, err);

    conn->keep_alive = false;
    conn->head_only = false;
    conn->rude = true;
    s_answer(conn, &reply);
}

void http_turn_away(http_t *http, int fd, err_t err)
{
    buf_t output = {0};
    reply_t reply = s_error_reply(http, err);

    http_render(&output, &reply, false, false);
    ssize_t sent = send(fd, output.data, output.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; /* a courtesy: the connection ends either way */
    close(fd);
    buf_free(&output);
}

/* ---- upgrades ---- */

/* RFC 6455: base64 of 16 bytes. */
static bool s_valid_key(slice_t key)
{
    if (key.len != 24 || key.ptr[22] != '=' || key.ptr[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++) {
        uint8_t byte = key.ptr[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!letter && !(byte >= '0' && byte <= '9') && byte != '+' && byte != '/')
            return false;
    }
    return true;
}

/* The connection leaves HTTP: from here on it is libwebsockets'. */
static void s_hand_over(conn_t *conn, const upgrade_t *upgrade, slice_t early)
{
    http_t *http = conn->http;
    handover_t handover = {
        .fd = conn->fd,
        .peer = conn->peer,
        .user = upgrade->user,
        .subprotocol = upgrade->subprotocol,
        .key = request_header(&http->request, "sec-websocket-key"),
        .early = early,
    };

    s_release(conn);
    sockets_adopt(http->sockets, &handover);
}

static void s_ask_for_version_13(conn_t *conn)
{
    reply_t reply = s_error_reply(conn->http, ERR_INVALID);
    reply.status = 426;
    reply.headers = SLICE_LIT("Sec-WebSocket-Version: 13\r\n");
    s_answer(conn, &reply);
}

static step_t s_upgrade(conn_t *conn, slice_t early)
{
    http_t *http = conn->http;
    const request_t *request = &http->request;
    upgrade_t upgrade = {0};

    if (!slice_is(request_header(request, "sec-websocket-version"), "13")) {
        s_ask_for_version_13(conn);
    } else if (!s_valid_key(request_header(request, "sec-websocket-key")) ||
               request->body_size > 0 || conn->output.len > 0) {
        s_refuse(conn, ERR_MALFORMED);
    } else if (http->draining) {
        s_refuse(conn, ERR_UNAVAILABLE);
    } else if (http->events.on_upgrade(http->events.ctx, request, &upgrade)) {
        s_hand_over(conn, &upgrade, early);
        return STEP_GONE;
    } else {
        s_answer(conn, &upgrade.refusal);
    }
    return STEP_DONE;
}

/* ---- reading ---- */

/* What can be said of a head that is not complete yet. */
static err_t s_check_start(const http_t *http, slice_t input)
{
    if (input.len > http->options.head_bytes_max)
        return ERR_HEADERS_TOO_LARGE;
    if (input.len == 0)
        return ERR_OK;
    if (input.ptr[0] < '!' || input.ptr[0] > '~')
        return ERR_MALFORMED; /* a TLS greeting, say: no method begins so */
    const uint8_t *line_end = memchr(input.ptr, '\n', input.len);
    bool bare = line_end != NULL && (line_end == input.ptr || line_end[-1] != '\r');
    return bare ? ERR_MALFORMED : ERR_OK;
}

/* Parse the head of `head` bytes into http->request and check its limits. */
static err_t s_read_head(http_t *http, slice_t input, size_t head)
{
    if (head > http->options.head_bytes_max)
        return ERR_HEADERS_TOO_LARGE;
    err_t err = request_parse(slice_new(input.ptr, head), http->path, &http->request);
    if (err == ERR_OK && http->request.body_size > http->options.body_bytes_max)
        err = ERR_TOO_LARGE;
    return err;
}

/* The body is still on its way; a client that asks first is told to go on. */
static step_t s_await_body(conn_t *conn, size_t whole)
{
    conn->needed = whole;
    conn->scanned = 0; /* the head is read again once the body is there */
    s_enter(conn, CONN_BODY);
    if (request_header_has(&conn->http->request, "expect", "100-continue")) {
        buf_append_text(&conn->output, "HTTP/1.1 100 Continue\r\n\r\n");
        s_mark_dirty(conn);
    }
    return STEP_WAIT;
}

static step_t s_dispatch(conn_t *conn, slice_t behind)
{
    http_t *http = conn->http;
    request_t *request = &http->request;

    request->address = slice_of(conn->address);
    conn->scanned = 0;
    conn->needed = 0;
    conn->keep_alive = request->keep_alive;
    conn->head_only = request->method == METHOD_HEAD;
    conn->exchange.turn = ++http->turn;
    s_enter(conn, CONN_ANSWER);
    if (request->upgrade)
        return s_upgrade(conn, behind);
    http->events.on_request(http->events.ctx, request, conn->exchange);
    return STEP_DONE;
}

/* Take one request off `*input`, if a whole one is there. */
static step_t s_step(conn_t *conn, slice_t *input)
{
    http_t *http = conn->http;

    if (input->len < conn->needed)
        return STEP_WAIT;
    size_t head = request_head_size(*input, &conn->scanned);
    err_t err = head > 0 ? s_read_head(http, *input, head) : s_check_start(http, *input);
    if (err != ERR_OK) {
        s_refuse(conn, err);
        return STEP_WAIT;
    }
    if (head == 0) {
        if (input->len > 0 && conn->state == CONN_IDLE)
            s_enter(conn, CONN_HEAD);
        return STEP_WAIT;
    }
    size_t whole = head + http->request.body_size;
    if (input->len < whole)
        return s_await_body(conn, whole);
    http->request.body = slice_new(input->ptr + head, http->request.body_size);
    *input = slice_from(*input, whole);
    return s_dispatch(conn, *input);
}

/* Keep what is left of the input; without copying where all of it is. */
static void s_keep_input(conn_t *conn, buf_t *input, slice_t left)
{
    if (left.len == input->len) {
        conn->input = *input;
        return;
    }
    buf_append(&conn->input, left);
    buf_free(input);
}

static bool s_takes_requests(const conn_t *conn)
{
    bool reading = conn->state == CONN_IDLE || conn->state == CONN_HEAD || conn->state == CONN_BODY;
    return reading && conn->output.len - conn->sent < OUTPUT_PAUSE;
}

/* Serve the requests that lie in the input, as long as their replies come at once. */
static void s_advance(conn_t *conn)
{
    buf_t input = conn->input;
    slice_t left = buf_slice(&input);
    step_t step = STEP_DONE;

    conn->input = (buf_t){0};
    while (step == STEP_DONE && left.len > 0 && s_takes_requests(conn))
        step = s_step(conn, &left);
    if (step == STEP_GONE)
        buf_free(&input);
    else
        s_keep_input(conn, &input, left);
}

static void s_read(conn_t *conn)
{
    http_t *http = conn->http;
    ssize_t got = recv(conn->fd, http->scratch, READ_SIZE, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        s_close(conn);
        return;
    }
    if (conn->state == CONN_LINGER)
        return;
    buf_append(&conn->input, slice_new(http->scratch, (size_t)got));
    s_advance(conn);
}

/* ---- writing ---- */

static void s_linger(conn_t *conn)
{
    shutdown(conn->fd, SHUT_WR);
    s_enter(conn, CONN_LINGER);
    watch_want(conn->watch, WATCH_READ);
}

static void s_written(conn_t *conn)
{
    buf_free(&conn->output);
    conn->sent = 0;
    if (conn->last && conn->rude) {
        s_linger(conn);
    } else if (conn->last) {
        s_close(conn);
    } else {
        if (conn->state == CONN_WRITE)
            s_enter(conn, CONN_IDLE);
        watch_want(conn->watch, WATCH_READ);
        s_advance(conn);
    }
}

static void s_write(conn_t *conn)
{
    size_t left = conn->output.len - conn->sent;
    ssize_t sent =
        left > 0 ? send(conn->fd, conn->output.data + conn->sent, left, MSG_NOSIGNAL) : 0;

    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        s_close(conn);
        return;
    }
    conn->sent += sent > 0 ? (size_t)sent : 0;
    if (conn->sent == conn->output.len) {
        s_written(conn);
        return;
    }
    if (conn->state == CONN_IDLE)
        s_enter(conn, CONN_WRITE);
    watch_want(conn->watch, WATCH_WRITE);
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
        s_mark_dirty(conn); /* written with the others, before the loop sleeps */
        return;
    }
    if (conn->state == CONN_ANSWER || conn->state == CONN_WRITE)
        watch_want(conn->watch, WATCH_NOTHING); /* pipelined: read on after the reply */
    else
        s_read(conn);
}

void http_adopt(http_t *http, int fd, peer_t *peer, const char *address)
{
    conn_t *conn = mem_new(conn_t);

    conn->http = http;
    conn->fd = fd;
    conn->peer = peer;
    conn->exchange.slot = s_slot_take(http);
    http->slots[conn->exchange.slot] = conn;
    strncpy(conn->address, address, sizeof(conn->address) - 1);
    s_join_state(conn, CONN_HEAD);
    conn->watch = loop_watch_fd(http->loop, fd, s_on_ready, conn);
}

static void s_expire(conn_t *conn)
{
    bool reading = conn->state == CONN_HEAD || conn->state == CONN_BODY;

    if (reading && conn->input.len > 0)
        s_refuse(conn, ERR_TIMEOUT);
    else
        s_close(conn);
}

void http_tick(http_t *http)
{
    uint64_t now_us = loop_now_us(http->loop);
    conn_t *conn;

    while (http->counts[CONN_IDLE] > http->options.idle_connections_max)
        s_close(TAILQ_FIRST(&http->states[CONN_IDLE]));
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
            s_close(conn);
        conn = next;
    }
}

void http_drain(http_t *http)
{
    http->draining = true;
    s_drain_state(http, CONN_IDLE);
    s_drain_state(http, CONN_HEAD);
    s_drain_state(http, CONN_WRITE);
}

void http_destroy(http_t **http_p)
{
    http_t *http = *http_p;
    if (http == NULL)
        return;
    for (uint32_t slot = 0; slot < http->slot_count; slot++)
        if (http->slots[slot] != NULL)
            s_close(http->slots[slot]);
    mem_free(http->slots);
    mem_free(http->free_slots);
    mem_free(http->path);
    mem_free(http->scratch);
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
