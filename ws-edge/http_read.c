/* http_read.c - requests off a connection's input, one at a time, and upgrades.
 *
 * The input of a connection is taken from it while its requests are served, and what is
 * left is given back: a handler's request points into it, and an accepted upgrade may
 * leave no connection to keep it in.
 *
 * An upgrade is decided here, on a parsed and checked request, before libwebsockets
 * knows of the connection: a refusal is a reply like any other. */
#include "ws-edge/http_conn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { OUTPUT_PAUSE = 64 * 1024 }; /* unsent bytes from which on pipelined requests wait */

/* What came of an attempt to take one request off the input. */
typedef enum step {
    STEP_DONE, /* taken; there may be another */
    STEP_WAIT, /* not whole yet, or refused */
    STEP_GONE, /* the connection has left HTTP */
} step_t;

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

/* A proxy's connections count as its own, but a WebSocket is one client's for good. */
static void s_count_client(conn_t *conn)
{
    peers_t *peers = conn->http->peers;
    peers_leave(peers, &conn->peer);
    conn->peer = peers_enter(peers, &conn->http->sender.address);
}

static bool s_too_many(const conn_t *conn)
{
    const address_t *client = &conn->http->sender.address;
    bool forwarded = address_customer(client) != address_customer(&conn->sender.address);
    return forwarded && peers_full(conn->http->peers, client);
}

/* The connection leaves HTTP: from here on it is libwebsockets'. */
static void s_hand_over(conn_t *conn, const upgrade_t *upgrade, slice_t early)
{
    http_t *http = conn->http;
    buf_t head = {0};
    if (!http->request.upgrade)
        http_render_stream(&head, upgrade->headers);
    s_count_client(conn);
    handover_t handover = {
        .fd = conn->fd,
        .peer = conn->peer,
        .user = upgrade->user,
        .subprotocol = upgrade->subprotocol,
        .cookie = upgrade->cookie,
        .message_bytes_max = upgrade->message_bytes_max,
        .key = request_header(&http->request, "sec-websocket-key"),
        .early = early,
        .head = buf_slice(&head),
    };

    conn_release(conn);
    sockets_adopt(http->sockets, &handover);
    buf_free(&head);
}

static void s_ask_for_version_13(conn_t *conn)
{
    response_t reply = conn_error_reply(conn->http, ERR_INVALID, &conn->http->request);
    reply.status = 426;
    buf_append_text(&conn->http->error_headers, "Sec-WebSocket-Version: 13\r\n");
    reply.headers = buf_slice(&conn->http->error_headers);
    conn_answer(conn, &reply);
}

/* Nothing may be under way but the request, and a WebSocket's has its key. */
static bool s_well_formed(const conn_t *conn, const request_t *request)
{
    bool alone = request->body_size == 0 && conn->output.len == 0;
    return alone &&
           (!request->upgrade || s_valid_key(request_header(request, "sec-websocket-key")));
}

/* A WebSocket or an event stream: the connection leaves HTTP if it is let in. */
static step_t s_upgrade(conn_t *conn, slice_t early)
{
    http_t *http = conn->http;
    const request_t *request = &http->request;
    upgrade_t upgrade = {0};

    if (request->upgrade && !slice_is(request_header(request, "sec-websocket-version"), "13")) {
        s_ask_for_version_13(conn);
    } else if (!s_well_formed(conn, request)) {
        conn_refuse(conn, ERR_MALFORMED, request);
    } else if (http->draining) {
        conn_refuse(conn, ERR_UNAVAILABLE, request);
    } else if (s_too_many(conn)) {
        conn_refuse(conn, ERR_TOO_MANY, request);
    } else if (http->events.on_upgrade(http->events.ctx, request, &upgrade)) {
        s_hand_over(conn, &upgrade, early);
        return STEP_GONE;
    } else {
        conn_answer(conn, &upgrade.refusal);
    }
    return STEP_DONE;
}

/* ---- reading ---- */

/* What can be said of a head that is not complete yet, or too large to be read. */
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

/* Who takes a body in pieces has a limit of its own. */
static size_t s_body_max(const http_t *http, way_t way)
{
    switch (way) {
    case WAY_WHOLE:
    case WAY_STREAM:
        return http->options.body_bytes_max;
    case WAY_LARGE:
        return http->options.large_bytes_max;
    case WAY_HUGE:
        return http->options.huge_bytes_max;
    case WAY_PIECES:
        return SIZE_MAX;
    }
    return 0;
}

/* Parse the head of `head` bytes into http->request and check its body's limit. */
static err_t s_read_head(http_t *http, slice_t input, size_t head, way_t *ret_way)
{
    const server_events_t *events = &http->events;
    err_t err = request_parse(slice_new(input.ptr, head), http->path, &http->request);
    if (err != ERR_OK)
        return err;
    if (events->on_head != NULL && !http->request.upgrade)
        *ret_way = events->on_head(events->ctx, &http->request);
    return http->request.body_size > s_body_max(http, *ret_way) ? ERR_TOO_LARGE : ERR_OK;
}

static bool s_is_huge(const http_t *http, size_t whole)
{
    return whole > http->options.head_bytes_max + http->options.large_bytes_max;
}

/* False if too much is on its way already.  A few huge ones leave room for all others. */
static bool s_expect(conn_t *conn, size_t whole)
{
    http_t *http = conn->http;
    size_t huge = s_is_huge(http, whole) ? whole : 0;
    if (http->awaited + whole > http->options.bodies_bytes_max ||
        http->awaited_huge + huge > http->options.huge_bodies_bytes_max)
        return false;
    http->awaited += whole;
    http->awaited_huge += huge;
    conn->needed = whole;
    return true;
}

void conn_expect_nothing(conn_t *conn)
{
    http_t *http = conn->http;
    http->awaited -= conn->needed;
    http->awaited_huge -= s_is_huge(http, conn->needed) ? conn->needed : 0;
    conn->needed = 0;
}

/* To announce a body costs a line, so who has been at it the longest gives way to whoever comes:
 * most bodies are there at once. */
static void s_make_room(http_t *http, size_t whole)
{
    conn_t *slowest;
    while (http->awaited + whole > http->options.bodies_bytes_max &&
           (slowest = TAILQ_FIRST(&http->states[CONN_BODY])) != NULL) {
        conn_expect_nothing(slowest);
        buf_free(&slowest->input);
        conn_refuse(slowest, ERR_UNAVAILABLE, NULL);
    }
}

/* The body is still on its way; a client that asks first is told to go on. */
static step_t s_await_body(conn_t *conn, size_t whole)
{
    http_t *http = conn->http;

    s_make_room(http, whole);
    if (!s_expect(conn, whole)) {
        conn_refuse(conn, ERR_UNAVAILABLE, &http->request);
        return STEP_WAIT;
    }
    conn->scanned = 0; /* the head is read again once the body is there */
    conn_enter(conn, CONN_BODY);
    if (request_header_has(&http->request, "expect", "100-continue")) {
        buf_append_text(&conn->output, "HTTP/1.1 100 Continue\r\n\r\n");
        conn_mark_dirty(conn);
    }
    return STEP_WAIT;
}

/* Who asks: the connection's end, or whom the proxies name that it came through. */
static void s_find_sender(const conn_t *conn)
{
    http_t *http = conn->http;
    http->sender = conn->sender;
    trust_follow(http->trust, &http->request, &http->sender);
    address_write(&http->sender.address, http->address);
    http->request.address = slice_of(http->address);
    http->request.secure = http->sender.secure;
}

static step_t s_dispatch(conn_t *conn, way_t way, slice_t behind)
{
    http_t *http = conn->http;
    request_t *request = &http->request;

    s_find_sender(conn);
    conn_expect_nothing(conn);
    conn->scanned = 0;
    conn->keep_alive = request->keep_alive;
    conn->head_only = request->method == METHOD_HEAD;
    conn->exchange.turn = ++http->turn;
    conn_enter(conn, CONN_ANSWER);
    if (request->upgrade || way == WAY_STREAM)
        return s_upgrade(conn, behind);
    http->heard = conn;
    http->events.on_request(http->events.ctx, request, conn->exchange);
    http->heard = NULL;
    return STEP_DONE;
}

/* Take one request off `*input`, if a whole one is there. */
static step_t s_step(conn_t *conn, slice_t *input)
{
    http_t *http = conn->http;

    if (input->len < conn->needed)
        return STEP_WAIT;
    way_t way = WAY_WHOLE;
    size_t head = request_head_size(*input, &conn->scanned);
    bool readable = head > 0 && head <= http->options.head_bytes_max;
    err_t err = readable ? s_read_head(http, *input, head, &way) : s_check_start(http, *input);
    if (err != ERR_OK) { /* what was not read is not shown: it would be somebody else's */
        conn_refuse(conn, err, readable ? &http->request : NULL);
        return STEP_WAIT;
    }
    if (head == 0) {
        if (input->len > 0 && conn->state == CONN_IDLE)
            conn_enter(conn, CONN_HEAD);
        return STEP_WAIT;
    }
    if (way == WAY_PIECES) {
        conn_expect_pieces(conn, http->request.body_size);
        conn->asks_first = request_header_has(&http->request, "expect", "100-continue");
        *input = slice_from(*input, head);
        return s_dispatch(conn, way, *input);
    }
    size_t whole = head + http->request.body_size;
    if (input->len < whole)
        return s_await_body(conn, whole);
    http->request.body = slice_new(input->ptr + head, http->request.body_size);
    *input = slice_from(*input, whole);
    return s_dispatch(conn, way, *input);
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
    return reading && !conn->pauses && conn->output.len - conn->sent < OUTPUT_PAUSE;
}

/* Serve the requests that lie in the input, as long as their replies come at once. */
void conn_advance(conn_t *conn)
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

void conn_read(conn_t *conn)
{
    http_t *http = conn->http;
    ssize_t got = recv(conn->fd, http->scratch, CONN_READ_SIZE, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        conn_close(conn);
        return;
    }
    if (conn->state == CONN_LINGER)
        return;
    buf_append(&conn->input, slice_new(http->scratch, (size_t)got));
    if (conn->state == CONN_PIECE)
        conn_take_piece(conn);
    else
        conn_advance(conn);
}
