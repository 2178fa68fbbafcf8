/* server.c - the edge's door: listeners, limits on connections, the way down.
 *
 *     accept ──► HTTP (http.c) ──accepted upgrade──► WebSocket (socket.c)
 *
 * Listening is ours, not libwebsockets': we set the socket options, count addresses,
 * and stop accepting in time.  When descriptors or connections run out, the listeners
 * are not watched until a tick finds room again; clients wait in the kernel's backlog.
 *
 * The way down (server_drain): the listeners close, idle connections close, requests
 * under way get their replies, WebSockets a 1012.  When nothing is left, or the deadline
 * has passed, a tick calls `done`. */
#include "ws-edge/server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws-edge/http.h"
#include "ws-edge/server_peers.h"
#include "ws-edge/socket.h"

enum {
    LISTENERS_MAX = 16,
    ACCEPTS_PER_EVENT = 128, /* so that a herd does not starve those who are in */
    TICK_MS = 100,
    FDS_RESERVED = 256,    /* for journals, bus and logs: without them nothing works */
    FDS_RESERVED_PART = 4, /* but at most this part of what there is */
};

typedef struct listener {
    server_t *server;
    watch_t *watch;
    int fd;
} listener_t;

struct server {
    loop_t *loop;
    server_options_t options;
    peers_t *peers;
    http_t *http;
    sockets_t *sockets;
    listener_t listeners[LISTENERS_MAX];
    size_t listener_count;
    bool accepting;
    bool draining;
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
    return http_count(server->http) + sockets_count(server->sockets);
}

static void s_accept_on(server_t *server, bool accepting)
{
    server->accepting = accepting;
    for (size_t i = 0; i < server->listener_count; i++)
        watch_want(server->listeners[i].watch, accepting ? WATCH_READ : WATCH_NOTHING);
}

/* An address of either family, without a cast from one to the other. */
typedef union endpoint {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} endpoint_t;

static void s_address_text(const endpoint_t *address, char *text)
{
    bool v6 = address->any.sa_family == AF_INET6;
    const void *bytes = v6 ? (const void *)&address->v6.sin6_addr : &address->v4.sin_addr;
    if (inet_ntop(address->any.sa_family, bytes, text, INET6_ADDRSTRLEN) == NULL)
        text[0] = '\0';
}

/* Small messages must leave at once, and a stalled reader must be noticed while little
 * of its output lies in the kernel. */
static void s_set_connection_options(const server_t *server, int fd)
{
    int on = 1, sndbuf = (int)server->options.sndbuf_bytes;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
}

static void s_take(server_t *server, int fd, const endpoint_t *address)
{
    char text[INET6_ADDRSTRLEN];
    peer_t *peer = peers_enter(server->peers, &address->any);

    if (peer == NULL) {
        http_turn_away(server->http, fd, ERR_TOO_MANY);
        return;
    }
    s_set_connection_options(server, fd);
    s_address_text(address, text);
    http_adopt(server->http, fd, peer, text);
}

static void s_on_listener(void *ctx, unsigned ready)
{
    listener_t *listener = ctx;
    server_t *server = listener->server;
    (void)ready;

    for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
        endpoint_t address = {0};
        socklen_t len = sizeof(address);
        if (s_connections(server) >= server->options.connections_max) {
            s_accept_on(server, false);
            return;
        }
        int fd = accept4(listener->fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
            s_accept_on(server, false);
        if (fd < 0)
            return;
        s_take(server, fd, &address);
    }
}

/* ---- listening ---- */

/* "HOST:PORT" or "[IPV6]:PORT" into its two parts. */
static bool s_split_endpoint(const char *endpoint, char *host, size_t size, const char **ret_port)
{
    const char *colon = strrchr(endpoint, ':');
    if (colon == NULL || colon[1] == '\0')
        return false;
    size_t len = (size_t)(colon - endpoint);
    if (len >= 2 && endpoint[0] == '[' && endpoint[len - 1] == ']') {
        endpoint++;
        len -= 2;
    }
    if (len >= size)
        return false;
    memcpy(host, endpoint, len);
    host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

static int s_bind(const struct addrinfo *info)
{
    int on = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (info->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

static int s_bound_port(int fd)
{
    endpoint_t address = {0};
    socklen_t len = sizeof(address);
    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static void s_add_listener(server_t *server, int fd)
{
    assert(server->listener_count < LISTENERS_MAX);

    listener_t *listener = &server->listeners[server->listener_count++];
    listener->server = server;
    listener->fd = fd;
    listener->watch = loop_watch_fd(server->loop, fd, s_on_listener, listener);
}

/* Listen on all addresses of a name ("localhost" has two), or on the first alone if the
 * system picks the port.  The port, or 0 with the last failure in `errno`. */
static int s_bind_all(server_t *server, const struct addrinfo *found, bool any_port)
{
    int port = 0;

    for (const struct addrinfo *info = found; info != NULL; info = info->ai_next) {
        int fd = s_bind(info);
        if (fd < 0)
            continue;
        port = s_bound_port(fd);
        s_add_listener(server, fd);
        if (any_port)
            break;
    }
    return port;
}

static err_t s_fail(const char *words, const char **ret_fault)
{
    if (ret_fault != NULL)
        *ret_fault = words;
    return ERR_UNAVAILABLE;
}

err_t server_listen(server_t *server, const char *endpoint, int *ret_port, const char **ret_fault)
{
    char host[256];
    const char *service;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;

    if (!s_split_endpoint(endpoint, host, sizeof(host), &service))
        return s_fail("an address is HOST:PORT, or [IPV6]:PORT", ret_fault);
    int result = getaddrinfo(host[0] != '\0' ? host : NULL, service, &hints, &found);
    if (result != 0)
        return s_fail(gai_strerror(result), ret_fault);
    int port = s_bind_all(server, found, strcmp(service, "0") == 0);
    freeaddrinfo(found);
    if (port == 0)
        return s_fail(strerror(errno), ret_fault);
    if (ret_port != NULL)
        *ret_port = port;
    return ERR_OK;
}

static void s_close_listeners(server_t *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        watch_close(&server->listeners[i].watch);
        close(server->listeners[i].fd);
    }
    server->listener_count = 0;
}

/* ---- turns and ticks ---- */

static void s_on_turn(void *ctx)
{
    server_t *server = ctx;

    http_flush(server->http);
    if (!sockets_flush(server->sockets))
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

    http_tick(server->http);
    sockets_tick(server->sockets);
    if (!server->accepting && s_connections(server) < server->options.connections_max)
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
    rlim_t part = limit.rlim_cur / FDS_RESERVED_PART;
    rlim_t usable = limit.rlim_cur - (part < FDS_RESERVED ? part : FDS_RESERVED);
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
    server->http = http_new(loop, options, events, server->peers, server->sockets);
    if (server->sockets == NULL) {
        server_destroy(&server);
        return ERR_INTERNAL;
    }
    loop_each_turn(loop, s_on_turn, server);
    loop_every_ms(loop, TICK_MS, s_on_tick, server);
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
    http_drain(server->http);
    sockets_drain(server->sockets);
}

void server_destroy(server_t **server_p)
{
    server_t *server = *server_p;
    if (server == NULL)
        return;
    s_close_listeners(server);
    loop_forget(server->loop, server);
    http_destroy(&server->http);
    sockets_destroy(&server->sockets);
    peers_destroy(&server->peers);
    mem_free(server);
    *server_p = NULL;
}

void exchange_reply(server_t *server, exchange_t exchange, const response_t *reply)
{
    if (server->http != NULL) /* NULL once the end has begun, when on_closed may still ask */
        http_reply(server->http, exchange, reply);
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
    };
}
