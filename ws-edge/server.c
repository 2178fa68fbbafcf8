/* server.c - the edge's door: listeners, limits on connections, the way down.
 *
 *     accept ──┬──────────────────────────┬─► HTTP (http.c) ──accepted upgrade──► socket.c
 *              └─► PROXY header (porch.c) ┼─► TLS (relay.c) ──► HTTP
 *                                         └─► plain TCP (line.c)
 *
 * Listening is ours, not libwebsockets': we set the socket options, count addresses,
 * and stop accepting in time.  When descriptors or connections run out, the listeners
 * are not watched until a tick finds room again; clients wait in the kernel's backlog.
 *
 * The way down (server_drain): the listeners close, idle connections close, requests
 * under way get their replies, WebSockets a 1012.  When nothing is left, or the deadline
 * has passed, a tick calls `done`. */
#include "ws-edge/server.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws-edge/http.h"
#include "ws-edge/line.h"
#include "ws-edge/listen.h"
#include "ws-edge/porch.h"
#include "ws-edge/relay.h"
#include "ws-edge/server_peers.h"
#include "ws-edge/socket.h"

enum {
    LISTENINGS_MAX = 16,
    ACCEPTS_PER_EVENT = 128, /* so that a herd does not starve those who are in */
    TICK_MS = 100,
    QUIET_MS = 1000,    /* the same while nobody is connected */
    FDS_RESERVED = 256, /* for journals, bus and logs: without them nothing works */
};

typedef struct listener {
    server_t *server;
    watch_t *watch;
    int fd;
    bool proxied;
    tongue_t tongue;
} listener_t;

struct server {
    loop_t *loop;
    server_options_t options;
    peers_t *peers;
    http_t *http;
    sockets_t *sockets;
    lines_t *lines;
    porch_t *porch;
    relay_t *relay; /* NULL without TLS */
    trust_t *trust;
    listening_t listenings[LISTENINGS_MAX];
    size_t listening_count;
    listener_t listeners[LISTENINGS_MAX * LISTEN_FDS_MAX]; /* their descriptors */
    size_t listener_count;
    bool accepting;
    bool draining;
    unsigned tick_ms;
    uint64_t deadline_us; /* of the draining */
    loop_call_t done;
    void *done_ctx;
};

server_options_t server_options_default(void)
{
    return (server_options_t){
#define OPTION(name, value, doc) .name = (value),
        SERVER_OPTIONS(OPTION)
#undef OPTION
    };
}

/* ---- accepting ---- */

static size_t s_connections(const server_t *server)
{
    return http_count(server->http) + sockets_count(server->sockets) + lines_count(server->lines) +
           porch_count(server->porch);
}

/* In descriptors: a connection with TLS needs two more (relay.h). */
static bool s_full(const server_t *server)
{
    size_t more = server->relay != NULL ? 2 * relay_count(server->relay) : 0;
    return s_connections(server) + more >= server->options.connections_max;
}

static void s_accept_on(server_t *server, bool accepting)
{
    server->accepting = accepting;
    for (size_t i = 0; i < server->listener_count; i++)
        watch_want(server->listeners[i].watch, accepting ? WATCH_READ : WATCH_NOTHING);
}

/* Small messages must leave at once, and a stalled reader must be noticed while little
 * of its output lies in the kernel. */
static void s_set_connection_options(const server_t *server, int fd)
{
    int on = 1, sndbuf = (int)server->options.sndbuf_bytes;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
}

static void s_refuse(const server_t *server, const arrival_t *arrival)
{
    if (arrival->tongue == TONGUE_HTTP)
        http_turn_away(server->http, arrival->fd, ERR_TOO_MANY);
    else
        close(arrival->fd); /* in TLS it could not be said in time, on a line not at all */
}

/* Give it to whoever speaks what is spoken there. */
static void s_take_in(server_t *server, const arrival_t *arrival, const sender_t *sender)
{
    int fd = arrival->fd;

    s_set_connection_options(server, fd);
    if (arrival->tongue == TONGUE_TLS)
        fd = relay_pass(server->relay, fd, (int)server->options.sndbuf_bytes);
    if (fd < 0) {
        close(arrival->fd);
        return;
    }
    peer_t *peer = peers_enter(server->peers, &sender->address);
    if (arrival->tongue == TONGUE_LINE)
        lines_adopt(server->lines, fd, peer, &sender->address);
    else
        http_adopt(server->http, fd, peer, sender);
}

/* A proxy brings many clients, so its own connections are not counted. */
static void s_admit(void *ctx, const arrival_t *arrival)
{
    server_t *server = ctx;
    sender_t sender = {.address = arrival->address, .secure = arrival->tongue == TONGUE_TLS};

    if (!trust_has(server->trust, &sender.address) && peers_full(server->peers, &sender.address)) {
        s_refuse(server, arrival);
        return;
    }
    s_take_in(server, arrival, &sender);
}

/* Whoever is not trusted cannot say for whom it comes: it is not let in where it must. */
static void s_arrive(const listener_t *listener, const arrival_t *arrival)
{
    server_t *server = listener->server;

    if (!listener->proxied)
        s_admit(server, arrival);
    else if (trust_has(server->trust, &arrival->address))
        porch_take(server->porch, arrival);
    else
        close(arrival->fd);
}

/* Room for any family's address, without a cast from one to the other. */
typedef union any_address {
    struct sockaddr any;
    struct sockaddr_storage storage;
} any_address_t;

static void s_on_listener(void *ctx, unsigned ready)
{
    listener_t *listener = ctx;
    server_t *server = listener->server;
    (void)ready;

    for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
        any_address_t address = {0};
        socklen_t len = sizeof(address);
        if (s_full(server)) {
            s_accept_on(server, false);
            return;
        }
        int fd = accept4(listener->fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
            s_accept_on(server, false);
        if (fd < 0)
            return;
        arrival_t arrival = {
            .fd = fd,
            .address = address_of_socket(&address.any),
            .tongue = listener->tongue,
        };
        s_arrive(listener, &arrival);
    }
}

/* ---- listening ---- */

static void s_watch(server_t *server, const listening_t *listening, int fd, tongue_t tongue)
{
    listener_t *listener = &server->listeners[server->listener_count++];
    listener->server = server;
    listener->fd = fd;
    listener->proxied = listening->proxied;
    listener->tongue = tongue;
    listener->watch = loop_watch_fd(server->loop, fd, s_on_listener, listener);
}

err_t server_secure(server_t *server, tls_t **tls_p)
{
    err_t err = server->relay == NULL ? relay_start(&server->relay) : ERR_OK;
    if (err == ERR_OK)
        relay_use(server->relay, tls_p);
    return err;
}

err_t server_listen(server_t *server, const char *endpoint, tongue_t tongue, int *ret_port,
                    const char **ret_fault)
{
    assert(tongue != TONGUE_TLS || server->relay != NULL);
    assert(server->listening_count < LISTENINGS_MAX);

    const char *fault;
    listening_t *listening = &server->listenings[server->listening_count];
    listen_options_t options = {
        .reuse_port = server->options.reuse_port,
        .unix_mode = server->options.unix_mode,
    };
    err_t err = listen_open(endpoint, &options, listening, &fault);
    if (err != ERR_OK) {
        if (ret_fault != NULL)
            *ret_fault = fault;
        return err;
    }
    server->listening_count++;
    for (size_t i = 0; i < listening->count; i++)
        s_watch(server, listening, listening->fds[i], tongue);
    if (ret_port != NULL)
        *ret_port = listening->port;
    return ERR_OK;
}

static void s_close_listeners(server_t *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        watch_close(&server->listeners[i].watch);
    for (size_t i = 0; i < server->listening_count; i++)
        listen_close(&server->listenings[i]);
    server->listener_count = 0;
    server->listening_count = 0;
}

void server_trust(server_t *server, trust_t **trust_p)
{
    trust_destroy(&server->trust);
    server->trust = TAKE(*trust_p);
    http_trust(server->http, server->trust);
}

void server_limit_addresses(server_t *server, size_t each_max)
{
    peers_limit(server->peers, each_max);
}

/* ---- turns and ticks ---- */

static void s_on_tick(void *ctx);

static void s_pace(server_t *server)
{
    bool quiet = s_connections(server) == 0 && server->accepting && !server->draining;
    unsigned period_ms = quiet ? QUIET_MS : TICK_MS;
    if (period_ms == server->tick_ms)
        return;
    server->tick_ms = period_ms;
    loop_every_ms(server->loop, period_ms, s_on_tick, server);
}

static void s_on_turn(void *ctx)
{
    server_t *server = ctx;

    s_pace(server);
    http_flush(server->http);
    bool all_sent = sockets_flush(server->sockets);
    if (!lines_flush(server->lines) || !all_sent)
        loop_again(server->loop);
}

/* True once a draining server has nothing more to wait for. */
static bool s_drained(const server_t *server)
{
    bool late = loop_now_us(server->loop) >= server->deadline_us;
    return server->draining && server->done != NULL && (late || s_connections(server) == 0);
}

static void s_on_tick(void *ctx)
{
    server_t *server = ctx;

    porch_tick(server->porch);
    http_tick(server->http);
    sockets_tick(server->sockets);
    lines_tick(server->lines);
    if (!server->accepting && !s_full(server))
        s_accept_on(server, true);
    if (s_drained(server)) {
        loop_call_t done = TAKE(server->done);
        done(server->done_ctx);
    }
}

/* ---- from start to end ---- */

/* Descriptors bound the connections too; some are kept for those who do the work. */
static unsigned s_connections_max(unsigned wanted)
{
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return wanted;
    rlim_t usable = limit.rlim_cur > FDS_RESERVED ? limit.rlim_cur - FDS_RESERVED : 1;
    return usable < wanted ? (unsigned)usable : wanted;
}

err_t server_new(loop_t *loop, const server_options_t *options, const server_events_t *events,
                 server_t **ret_server)
{
    assert(events->on_request != NULL && events->on_upgrade != NULL && events->on_error != NULL);
    assert(events->on_opened != NULL && events->on_message != NULL && events->on_closed != NULL);

    server_t *server = mem_new(server_t);
    server->loop = loop;
    server->options = *options;
    server->options.connections_max = s_connections_max(options->connections_max);
    server->accepting = true;
    server->peers = peers_new(options->connections_per_address_max);
    server->sockets = sockets_new(loop, options, events, server->peers);
    server->lines = lines_new(loop, options, events, server->peers);
    server->http = http_new(loop, options, events, server->peers, server->sockets);
    server->porch = porch_new(loop, options->proxy_ms, s_admit, server);
    if (server->sockets == NULL) {
        server_destroy(&server);
        return ERR_INTERNAL;
    }
    loop_each_turn(loop, s_on_turn, server);
    s_pace(server);
    *ret_server = server;
    return ERR_OK;
}

void server_drain(server_t *server, unsigned deadline_ms, loop_call_t done, void *ctx)
{
    server->draining = true;
    server->done = done;
    server->done_ctx = ctx;
    server->deadline_us = loop_now_us(server->loop) + deadline_ms * UINT64_C(1000);
    s_close_listeners(server);
    porch_clear(server->porch);
    http_drain(server->http);
    sockets_drain(server->sockets);
    lines_drain(server->lines);
}

void server_destroy(server_t **server_p)
{
    server_t *server = *server_p;
    if (server == NULL)
        return;
    s_close_listeners(server);
    loop_forget(server->loop, server);
    porch_destroy(&server->porch);
    http_destroy(&server->http);
    sockets_destroy(&server->sockets);
    lines_destroy(&server->lines);
    relay_stop(&server->relay);
    peers_destroy(&server->peers);
    trust_destroy(&server->trust);
    mem_free(server);
    *server_p = NULL;
}

void server_read_on(server_t *server)
{
    if (server == NULL || server->http == NULL) /* the end has begun */
        return;
    sockets_read_on(server->sockets);
}

void server_pause(server_t *server, unsigned ms)
{
    if (server->http == NULL) /* the end has begun */
        return;
    http_pause(server->http);
    sockets_pause(server->sockets, ms);
}

void exchange_reply(server_t *server, exchange_t exchange, const response_t *reply)
{
    if (server->http != NULL) /* NULL once the end has begun, when on_closed may still ask */
        http_reply(server->http, exchange, reply);
}

bool exchange_read(server_t *server, exchange_t exchange, piece_call_t call, void *ctx)
{
    return server->http != NULL && http_exchange_read(server->http, exchange, call, ctx);
}

bool exchange_write(server_t *server, exchange_t exchange, slice_t piece, taken_call_t call,
                    void *ctx)
{
    return server->http != NULL && http_exchange_write(server->http, exchange, piece, call, ctx);
}

void exchange_cut(server_t *server, exchange_t exchange)
{
    if (server->http != NULL)
        http_exchange_cut(server->http, exchange);
}

bool exchange_alive(const server_t *server, exchange_t exchange)
{
    return http_waits(server->http, exchange);
}

server_counts_t server_counts(const server_t *server)
{
    return (server_counts_t){
        .connections = s_connections(server),
        .sockets = sockets_count(server->sockets),
        .exchanges = http_waiting(server->http),
        .slow = sockets_slow(server->sockets) + lines_slow(server->lines),
    };
}
