/* echo.c - see echo.h.  The server has its own thread; all that crosses is atomic. */
#include "tests/unit/ws-edge/echo.h"

#include <arpa/inet.h>
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LATER_MAX = 16, TICK_MS = 20 };

struct echo {
    loop_t *loop;
    server_t *server;
    arena_t *arena;
    pthread_t thread;
    int port;
    exchange_t later[LATER_MAX];
    size_t later_count;
    size_t heard; /* messages of this turn */
    atomic_bool drain;
    atomic_bool draining;
    atomic_bool stop;
    atomic_int closed_code;
    atomic_int gone;
};

typedef struct user {
    echo_t *echo;
    socket_t *socket;
    bool stream;
} user_t;

/* ---- the application ---- */

static void s_on_echo(echo_t *echo, const request_t *request, exchange_t exchange)
{
    slice_t q = SLICE_LIT("-");
    err_t err = request_query(request, "q", echo->arena, &q);
    slice_t text =
        arena_printf(echo->arena, "%s %.*s q=%.*s %s from %.*s%s", method_name(request->method),
                     SLICE_ARG(request->path), SLICE_ARG(q), err_info(err)->name,
                     SLICE_ARG(request->address), request->secure ? " by TLS" : "");
    response_t reply = {.body = text, .content_type = SLICE_LIT("text/plain")};
    exchange_reply(echo->server, exchange, &reply);
}

/* ---- bodies in pieces ---- */

typedef struct stream {
    echo_t *echo;
    exchange_t exchange;
    size_t left, pieces, until; /* bytes to come, pieces so far, bytes to stop at */
    size_t size;
} stream_t;

static void s_count_on(stream_t *stream);

static void s_on_piece(void *ctx, slice_t piece)
{
    stream_t *stream = ctx;
    if (piece.ptr == NULL) {
        atomic_fetch_add(&stream->echo->gone, 1);
        mem_free(stream);
        return;
    }
    stream->pieces++;
    stream->left -= piece.len;
    s_count_on(stream);
}

static void s_count_on(stream_t *stream)
{
    echo_t *echo = stream->echo;
    if (stream->left > 0) {
        if (!exchange_read(echo->server, stream->exchange, s_on_piece, stream))
            mem_free(stream);
        return;
    }
    response_t reply = {
        .body = arena_printf(echo->arena, "%zu bytes in %zu", stream->size, stream->pieces),
    };
    exchange_reply(echo->server, stream->exchange, &reply);
    mem_free(stream);
}

static void s_pour_on(void *ctx, bool gone)
{
    stream_t *stream = ctx;
    echo_t *echo = stream->echo;
    size_t size = stream->left < PIECE_SIZE ? stream->left : PIECE_SIZE;
    atomic_fetch_add(&echo->gone, gone);
    if (!gone && stream->left <= stream->until)
        exchange_cut(echo->server, stream->exchange); /* of a whole body there is nothing left */
    if (gone || stream->left <= stream->until) {
        mem_free(stream);
        return;
    }
    uint8_t *bytes = arena_alloc(echo->arena, size);
    memset(bytes, 'p', size);
    stream->left -= size;
    if (!exchange_write(echo->server, stream->exchange, slice_new(bytes, size), s_pour_on, stream))
        mem_free(stream);
}

static void s_pour(stream_t *stream, const request_t *request)
{
    stream->size = stream->left = strtoul((const char *)request->query.ptr, NULL, 10);
    stream->until = slice_is(request->path, "/cut") ? stream->size / 2 : 0;
    response_t reply = {.size = stream->size};
    exchange_reply(stream->echo->server, stream->exchange, &reply);
    s_pour_on(stream, false);
}

static way_t s_on_head(void *ctx, const request_t *request)
{
    (void)ctx;
    if (slice_is(request->path, "/stream"))
        return WAY_STREAM;
    if (slice_is(request->path, "/huge"))
        return WAY_HUGE;
    return slice_is(request->path, "/count") ? WAY_PIECES : WAY_WHOLE;
}

static void s_on_streamed(echo_t *echo, const request_t *request, exchange_t exchange)
{
    stream_t *stream = mem_new(stream_t);
    stream->echo = echo;
    stream->exchange = exchange;
    stream->size = stream->left = request->body_size;
    if (slice_is(request->path, "/count"))
        s_count_on(stream);
    else
        s_pour(stream, request);
}

static bool s_streams(const request_t *request)
{
    return slice_is(request->path, "/count") || slice_is(request->path, "/pour") ||
           slice_is(request->path, "/cut");
}

static void s_on_request(void *ctx, const request_t *request, exchange_t exchange)
{
    echo_t *echo = ctx;
    response_t reply = {.body = request->body};

    arena_reset(echo->arena);
    if (slice_is(request->path, "/never"))
        return;
    if (slice_is(request->path, "/later")) {
        assert(echo->later_count < LATER_MAX);
        echo->later[echo->later_count++] = exchange;
    } else if (s_streams(request)) {
        s_on_streamed(echo, request, exchange);
    } else if (slice_is(request->path, "/body")) {
        exchange_reply(echo->server, exchange, &reply);
    } else {
        if (slice_is(request->path, "/pause"))
            server_pause(echo->server, 0);
        s_on_echo(echo, request, exchange);
        if (slice_is(request->path, "/gone"))
            exchange_reply(echo->server, exchange, &reply);
    }
}

static bool s_on_upgrade(void *ctx, const request_t *request, upgrade_t *ret_upgrade)
{
    if (slice_is(request->path, "/deny")) {
        ret_upgrade->refusal = (response_t){.status = 401, .body = SLICE_LIT("{\"no\":1}")};
        return false;
    }
    user_t *user = mem_new(user_t);
    user->echo = ctx;
    user->stream = !request->upgrade;
    ret_upgrade->user = user;
    if (request_header_has(request, "sec-websocket-protocol", "kith.v1.json"))
        ret_upgrade->subprotocol = "kith.v1.json";
    return true;
}

static void s_on_opened(void *ctx, socket_t *socket)
{
    user_t *user = ctx;
    user->socket = socket;
    if (!user->stream)
        return;
    body_t *event = frame_new(FRAME_STREAM, SLICE_LIT("data: one\n\n"));
    socket_send(socket, event);
    body_unref(&event);
}

static void s_flood(user_t *user, long count, long size)
{
    char *payload = mem_zeroed((size_t)size + 1);
    for (long i = 0; i < count; i++) {
        memset(payload, 'a' + (int)(i % 26), (size_t)size);
        body_t *frame = frame_new(FRAME_TEXT, slice_new(payload, (size_t)size));
        socket_send(user->socket, frame);
        body_unref(&frame);
    }
    mem_free(payload);
}

static void s_send(user_t *user, bool text, slice_t payload)
{
    body_t *frame = frame_new(text ? FRAME_TEXT : FRAME_BINARY, payload);
    socket_send(user->socket, frame);
    body_unref(&frame);
}

static void s_on_message(void *ctx, bool text, slice_t payload)
{
    user_t *user = ctx;
    long a = 0, b = 0;

    arena_reset(user->echo->arena);
    const char *words = (const char *)arena_copy(user->echo->arena, payload).ptr;
    if (sscanf(words, "close %ld", &a) == 1) {
        socket_close(user->socket, (int)a, "as asked");
    } else if (sscanf(words, "flood %ld %ld", &a, &b) == 2) {
        s_flood(user, a, b);
    } else if (slice_is(payload, "count")) {
        s_send(user, true, arena_printf(user->echo->arena, "%zu", user->echo->heard));
    } else {
        if (sscanf(words, "pause %ld", &a) == 1)
            server_pause(user->echo->server, (unsigned)a);
        s_send(user, text, payload);
    }
    user->echo->heard++;
}

static void s_on_closed(void *ctx, int code)
{
    user_t *user = ctx;
    atomic_store(&user->echo->closed_code, code);
    mem_free(user);
}

static void s_on_error(void *ctx, err_t err, const request_t *request, buf_t *headers, buf_t *body)
{
    slice_t origin = request != NULL ? request_header(request, "origin") : (slice_t){0};
    (void)ctx;
    if (origin.len > 0)
        buf_printf(headers, "X-Origin: %.*s\r\n", SLICE_ARG(origin));
    buf_printf(body, "{\"error\":\"%s\"}", err_info(err)->name);
}

/* ---- the thread ---- */

static void s_on_drained(void *ctx)
{
    echo_t *echo = ctx;
    loop_stop(echo->loop);
}

static void s_on_tick(void *ctx)
{
    echo_t *echo = ctx;
    response_t reply = {.body = SLICE_LIT("later")};

    while (echo->later_count > 0)
        exchange_reply(echo->server, echo->later[--echo->later_count], &reply);
    if (atomic_load(&echo->drain) && !atomic_exchange(&echo->draining, true))
        server_drain(echo->server, 1000, s_on_drained, echo);
}

static void s_on_turn(void *ctx)
{
    echo_t *echo = ctx;
    server_read_on(echo->server);
    echo->heard = 0;
}

static void *s_run(void *ctx)
{
    echo_t *echo = ctx;
    loop_run(echo->loop);
    server_destroy(&echo->server);
    loop_destroy(&echo->loop);
    return NULL;
}

server_options_t echo_options(void)
{
    server_options_t options = server_options_default();
    options.head_ms = 150;
    options.body_ms = 150;
    options.idle_ms = 300;
    options.ping_ms = 200;
    options.silent_ms = 500;
    options.close_ms = 200;
    return options;
}

static server_events_t s_events(echo_t *echo)
{
    return (server_events_t){
        .ctx = echo,
        .on_head = s_on_head,
        .on_request = s_on_request,
        .on_upgrade = s_on_upgrade,
        .on_opened = s_on_opened,
        .on_message = s_on_message,
        .on_closed = s_on_closed,
        .on_error = s_on_error,
    };
}

const char *echo_listen_fault(const char *endpoint)
{
    const char *fault = NULL;
    server_options_t options = server_options_default();
    server_events_t events = s_events(NULL);
    loop_t *loop = loop_new();
    server_t *server = NULL;

    err_t err = server_new(loop, &options, &events, &server);
    if (err == ERR_OK)
        err = server_listen(server, endpoint, TONGUE_HTTP, NULL, &fault);
    assert((err == ERR_OK) == (fault == NULL));
    server_destroy(&server);
    loop_destroy(&loop);
    return fault;
}

echo_t *echo_start(const server_options_t *options)
{
    return echo_start_at(options, "127.0.0.1:0", NULL);
}

echo_t *echo_start_at(const server_options_t *options, const char *endpoint, const char *trusted)
{
    echo_t *echo = mem_new(echo_t);
    server_events_t events = s_events(echo);
    trust_t *trust = NULL;
    slice_t fault;

    echo->arena = arena_new();
    echo->loop = loop_new();
    loop_each_turn(echo->loop, s_on_turn, echo);
    err_t err = server_new(echo->loop, options, &events, &echo->server);
    if (err == ERR_OK)
        err = server_listen(echo->server, endpoint, TONGUE_HTTP, &echo->port, NULL);
    if (err == ERR_OK)
        err = trust_read(trusted, &trust, &fault);
    assert(err == ERR_OK);
    server_trust(echo->server, &trust);
    loop_every_ms(echo->loop, TICK_MS, s_on_tick, echo);
    pthread_create(&echo->thread, NULL, s_run, echo);
    return echo;
}

int echo_port(const echo_t *echo)
{
    return echo->port;
}

void echo_drain(echo_t *echo)
{
    atomic_store(&echo->drain, true);
}

void echo_stop(echo_t **echo_p)
{
    echo_drain(*echo_p);
    pthread_join((*echo_p)->thread, NULL);
    arena_destroy(&(*echo_p)->arena);
    mem_free(*echo_p);
    *echo_p = NULL;
}

int echo_gone(echo_t *echo)
{
    int count = 0;
    for (int i = 0; i < 1000 && (count = atomic_exchange(&echo->gone, 0)) == 0; i++)
        usleep(1000);
    return count;
}

int echo_closed_code(echo_t *echo)
{
    int code = 0;
    for (int i = 0; i < 1000 && (code = atomic_exchange(&echo->closed_code, 0)) == 0; i++)
        usleep(1000);
    return code;
}

/* ---- the client ---- */

int client_dial(const echo_t *echo)
{
    struct timeval patience = {.tv_sec = 2};
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)echo->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    int result = connect(fd, (struct sockaddr *)&address, sizeof(address));
    assert(result == 0);
    return fd;
}

void client_write(int fd, const void *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server has closed: what it said is still to be read */
        bytes = (const char *)bytes + sent;
        len -= (size_t)sent;
    }
}

void client_send(int fd, const char *text)
{
    client_write(fd, text, strlen(text));
}

size_t client_read(int fd, char *to, size_t len)
{
    size_t got = 0;
    while (got < len) {
        ssize_t more = recv(fd, to + got, len - got, 0);
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    to[got] = '\0';
    return got;
}

void client_reply(int fd, char *to, size_t size)
{
    size_t len = 0;
    to[0] = '\0';
    while (len + 1 < size && strstr(to, "\r\n\r\n") == NULL && client_read(fd, to + len, 1) == 1)
        len++;
    const char *length = strstr(to, "Content-Length: ");
    size_t body = length != NULL ? strtoul(length + strlen("Content-Length: "), NULL, 10) : 0;
    if (len + body + 1 < size)
        client_read(fd, to + len, body);
}

int client_upgrade(const echo_t *echo, const char *path)
{
    char reply[1024];
    int fd = client_dial(echo);

    snprintf(
        reply, sizeof(reply),
        "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        path);
    client_send(fd, reply);
    client_reply(fd, reply, sizeof(reply));
    assert(strstr(reply, " 101 ") != NULL);
    assert(strstr(reply, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != NULL); /* RFC 6455, section 1.3 */
    return fd;
}

void client_put_frame(buf_t *out, unsigned first, const void *payload, size_t len)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};

    buf_append_byte(out, (uint8_t)first);
    if (len < 126) {
        buf_append_byte(out, (uint8_t)(0x80 | len));
    } else {
        int bytes = len <= UINT16_MAX ? 2 : 8;
        buf_append_byte(out, bytes == 2 ? 0xfe : 0xff);
        while (bytes-- > 0)
            buf_append_byte(out, (uint8_t)((uint64_t)len >> (8 * bytes)));
    }
    buf_append(out, slice_new(mask, sizeof(mask)));
    for (size_t i = 0; i < len; i++)
        buf_append_byte(out, ((const uint8_t *)payload)[i] ^ mask[i % 4]);
}

void client_frame(int fd, unsigned first, const void *payload, size_t len)
{
    buf_t frame = {0};
    client_put_frame(&frame, first, payload, len);
    client_write(fd, frame.data, frame.len);
    buf_free(&frame);
}

int client_take(int fd, char *payload, size_t size, size_t *ret_len)
{
    char head[16];
    if (client_read(fd, head, 2) < 2)
        return -1;
    int first = (uint8_t)head[0];
    size_t len = (uint8_t)head[1];
    if (len >= 126) {
        size_t bytes = len == 126 ? 2 : 8;
        client_read(fd, head, bytes);
        len = 0;
        for (size_t i = 0; i < bytes; i++)
            len = len << 8 | (uint8_t)head[i];
    }
    assert(len < size);
    *ret_len = client_read(fd, payload, len);
    return first;
}

int client_close_code(int fd)
{
    static char payload[1 << 20];
    size_t len;
    int first;

    while ((first = client_take(fd, payload, sizeof(payload), &len)) != 0x88)
        if (first < 0)
            return -1;
    return len >= 2 ? (uint8_t)payload[0] << 8 | (uint8_t)payload[1] : 1005;
}
