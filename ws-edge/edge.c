/* edge.c - the parts of an edge, put together and run on one thread.
 *
 * Turn hooks run in the order of their registration: the link's first, which sends the
 * turn's calls and takes what the broker has; then the server's, which writes what both
 * have queued. */
#include "ws-edge/edge.h"

#include <assert.h>
#include <sys/prctl.h>

#include "actors/log.h"
#include "ws-edge/client.h"
#include "ws-edge/edge_parts.h"
#include "ws-edge/engine.h"
#include "ws-edge/front.h"
#include "ws-edge/listen.h"
#include "ws-edge/policy.h"
#include "ws-edge/pusher_edge.h"
#include "ws-edge/shares.h"
#include "ws-edge/sweep.h"

enum {
    DRAIN_MS = 5000,
    PAUSE_MS = 100,  /* in reading who was refused */
    RESTARTS = 1012, /* RFC 6455's registry: close code of a server that does */
};

edge_options_t edge_options_default(void)
{
    return (edge_options_t){.unix_mode = 0660};
}

/* ---- refusals ---- */

/* What is not read costs nothing, and TCP slows down whoever says it; to refuse it would cost half of
 * what doing it costs.  When a person's queue is full and nothing more of him is read until
 * half of it has left, it never runs empty.  How often one thing may be done says little
 * about what else a connection may say, so that pause is short. */
void edge_refuse(edge_t *edge, uint64_t account, err_t err)
{
    edge->counts.refused[err]++;
    if (err == ERR_UNAVAILABLE && link_is_full(edge->link, account))
        server_pause(edge->server, SHARES_FULL_US / 1000 / 2);
    else if (err == ERR_UNAVAILABLE || err == ERR_TOO_MANY)
        server_pause(edge->server, PAUSE_MS);
}

/* ---- from start to end ---- */

static server_options_t s_server_options(const edge_options_t *options)
{
    server_options_t server = server_options_default();
    server.body_bytes_max = options->body_bytes_max ? options->body_bytes_max : LIMIT_REQUEST_BODY;
    server.message_bytes_max = options->frame_bytes_max ? options->frame_bytes_max : LIMIT_FRAME;
    server.official_writes = options->official_writes;
    server.reuse_port = options->reuse_port;
    server.unix_mode = options->unix_mode;
    return server;
}

static engine_options_t s_engine_options(const edge_options_t *options)
{
    unsigned heartbeat_ms = options->heartbeat_ms, timeout_ms = options->heartbeat_timeout_ms;
    return (engine_options_t){
        .interval_ms = heartbeat_ms > 0 ? heartbeat_ms : HEARTBEAT_MS,
        .timeout_ms = timeout_ms > 0 ? timeout_ms : HEARTBEAT_TIMEOUT_MS,
        .jsonp = options->jsonp,
    };
}

/* Who comes by a plain TCP connection, with its first word. */
static void *s_on_line(void *ctx, slice_t address, slice_t hail, line_t *line)
{
    edge_t *edge = ctx;
    if (!edge_serves(edge))
        return NULL;
    return client_line(edge->clients, line, edge_meet(edge, address), hail);
}

/* The engine's turn is before the server's, which writes what it answers. */
static err_t s_make_server(edge_t *edge, const edge_options_t *options)
{
    server_options_t server = s_server_options(options);
    engine_options_t engine = s_engine_options(options);
    edge->engine = engine_new(edge, &engine);
    server_events_t events = {
        .ctx = edge,
        .on_head = front_head,
        .on_request = front_request,
        .on_upgrade = front_upgrade,
        .on_error = front_error,
        .on_opened = wire_opened,
        .on_message = wire_message,
        .on_closed = wire_closed,
        .on_line = s_on_line,
    };
    return server_new(edge->loop, &server, &events, &edge->server);
}

static err_t s_listen(edge_t *edge, const char *endpoint, tongue_t tongue)
{
    static const char *const notes[] = {
        [TONGUE_HTTP] = "",
        [TONGUE_TLS] = ", TLS",
        [TONGUE_LINE] = ", raw TCP",
    };
    const char *fault = NULL;
    int port = 0;
    if (edge->port_count == COUNT_OF(edge->ports)) {
        log_error("edge", "more than %zu endpoints to listen on", COUNT_OF(edge->ports));
        return ERR_INVALID;
    }
    err_t err = server_listen(edge->server, endpoint, tongue, &port, &fault);
    if (err != ERR_OK) {
        log_error("edge", "cannot listen on %s: %s", endpoint, fault);
        return err;
    }
    edge->ports[edge->port_count++] = port;
    log_info("edge", "listening on %s, port %d%s", endpoint, port, notes[tongue]);
    return ERR_OK;
}

static err_t s_listen_all(edge_t *edge, const edge_options_t *options)
{
    err_t err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < options->http_count; i++)
        err = s_listen(edge, options->http[i], TONGUE_HTTP);
    for (size_t i = 0; err == ERR_OK && i < options->tls_count; i++)
        err = s_listen(edge, options->tls[i], TONGUE_TLS);
    for (size_t i = 0; err == ERR_OK && i < options->line_count; i++)
        err = s_listen(edge, options->line[i], TONGUE_LINE);
    return err;
}

static void s_set_refused_types(edge_t *edge, const edge_options_t *options)
{
    mem_free(edge->refused_types);
    edge->refused_types = mem_text(options->refused_types != NULL ? options->refused_types : "");
}

static err_t s_open_shelf(edge_t *edge, const edge_options_t *options)
{
    slice_t place = slice_of(options->files);
    buf_t path = {0};
    if (place.len > 0)
        buf_append(&path, place);
    else
        buf_printf(&path, "%s/files", options->data);
    buf_append_byte(&path, 0);
    err_t err = shelf_open((const char *)path.data, &edge->shelf);
    path.len--;
    buf_append(&path, slice_new("/photos", sizeof "/photos"));
    if (err == ERR_OK)
        err = shelf_open((const char *)path.data, &edge->photos);
    buf_free(&path);
    return err;
}

static err_t s_read_watchers(const edge_options_t *options, trust_t **ret_watchers)
{
    slice_t fault;
    err_t err = trust_read(options->metrics_from, ret_watchers, &fault);
    if (err != ERR_OK)
        log_error("edge", "setting `metrics.from` takes addresses, networks and unix, not `%.*s`",
                  SLICE_ARG(fault));
    return err;
}

/* What lies in the data folder, and the broker. */
static err_t s_open_house(edge_t *edge, const edge_options_t *options)
{
    link_events_t link = edge_link_events(edge);
    err_t err = mint_open(options->data, &edge->mint);
    if (err == ERR_OK)
        err = s_open_shelf(edge, options);
    if (err == ERR_OK)
        err = pusher_edge_open(edge, options, &edge->pusher);
    if (err == ERR_OK)
        err = link_open(edge->loop, options->bus, options->keys, &link, &edge->link);
    return err;
}

/* `only_looking`: without touching the data folder or meeting the broker. */
static err_t s_make_parts(edge_t *edge, const edge_options_t *options, bool only_looking)
{
    edge->loop = loop_new();
    edge->arena = arena_new();
    hall_ports_t ports = edge_hall_ports(edge);
    edge->hall = hall_new(&ports);
    edge->gate = gate_new();
    edge->clients = clients_new(edge);
    edge->diary = diary_new();
    edge->origins = origins_new(options->public_url, options->origins);
    edge->toll.quota = quota_new();
    edge->toll.homes = homes_new();
    edge->adopted = adopted_new();
    edge->routes = routes_new();
    edge->pages = pages_new();
    edge->sweep = sweep_new(edge, options->sweep_s);
    TAILQ_INIT(&edge->uploads);
    s_set_refused_types(edge, options);
    err_t err = s_read_watchers(options, &edge->watchers);
    if (err == ERR_OK)
        err = issuer_open(&options->issuer, &edge->issuer);
    if (err == ERR_OK && !only_looking)
        err = s_open_house(edge, options);
    if (err == ERR_OK)
        err = s_make_server(edge, options);
    return err == ERR_OK ? policy_take(edge, options) : err;
}

static void s_on_drained(void *ctx)
{
    edge_t *edge = ctx;
    loop_stop(edge->loop);
}

/* The loop runs until edge_drain, and once more until nothing is open. */
static void *s_thread(void *ctx)
{
    edge_t *edge = ctx;
    prctl(PR_SET_NAME, "edge");
    loop_run(edge->loop);
    log_info("edge", "draining");
    pusher_edge_drain(edge->pusher);
    engine_close_all(edge->engine, RESTARTS, "server restarts");
    server_drain(edge->server, DRAIN_MS, s_on_drained, edge);
    loop_run(edge->loop);
    return NULL;
}

static void s_destroy(edge_t **edge_p)
{
    edge_t *edge = *edge_p;
    loop_forget(edge->loop, edge);
    link_stop(edge->link); /* refuses who waits, while they can still be told */
    pusher_edge_quit(edge->pusher);
    loop_settle(edge->loop);
    server_destroy(&edge->server);
    engine_destroy(&edge->engine);
    loop_settle(edge->loop); /* what the ends of connections have given rise to */
    link_close(&edge->link);
    clients_destroy(&edge->clients);
    diary_destroy(&edge->diary);
    pusher_edge_close(&edge->pusher);
    hall_destroy(&edge->hall);
    gate_destroy(&edge->gate);
    mint_close(&edge->mint);
    issuer_close(&edge->issuer);
    adopted_destroy(&edge->adopted);
    routes_destroy(&edge->routes);
    pages_destroy(&edge->pages);
    origins_destroy(&edge->origins);
    quota_destroy(&edge->toll.quota);
    homes_destroy(&edge->toll.homes);
    sweep_destroy(&edge->sweep);
    shelf_close(&edge->shelf);
    shelf_close(&edge->photos);
    trust_destroy(&edge->watchers);
    mem_free(edge->refused_types);
    loop_destroy(&edge->loop);
    arena_destroy(&edge->arena);
    buf_free(&edge->headers);
    buf_free(&edge->body);
    mem_free(edge);
    *edge_p = NULL;
}

static err_t s_start_thread(edge_t *edge)
{
    edge_start_timers(edge);
    return pthread_create(&edge->thread, NULL, s_thread, edge) == 0 ? ERR_OK : ERR_UNAVAILABLE;
}

err_t edge_start(const edge_options_t *options, edge_t **ret_edge)
{
    edge_t *edge = mem_new(edge_t);
    err_t err = s_make_parts(edge, options, false);
    if (err == ERR_OK)
        err = s_listen_all(edge, options);
    if (err == ERR_OK)
        err = s_start_thread(edge);
    if (err == ERR_OK)
        *ret_edge = edge;
    else
        s_destroy(&edge);
    return err;
}

/* On the edge's own thread. */
typedef struct reload {
    edge_t *edge;
    const edge_options_t *options;
    err_t err;
} reload_t;

static void s_reload(void *ctx)
{
    reload_t *reload = ctx;
    edge_t *edge = reload->edge;
    const edge_options_t *options = reload->options;
    trust_t *watchers = NULL;
    issuer_t *issuer = NULL;
    reload->err = issuer_open(&options->issuer, &issuer);
    if (reload->err == ERR_OK)
        reload->err = s_read_watchers(options, &watchers);
    if (reload->err == ERR_OK)
        reload->err = policy_take(edge, options);
    if (reload->err != ERR_OK) {
        trust_destroy(&watchers);
        issuer_close(&issuer);
        return;
    }
    issuer_close(&edge->issuer);
    adopted_destroy(&edge->adopted); /* a key that is gone vouches for nobody any more */
    edge->issuer = issuer;
    edge->adopted = adopted_new();
    origins_destroy(&edge->origins);
    edge->origins = origins_new(options->public_url, options->origins);
    s_set_refused_types(edge, options);
    trust_destroy(&edge->watchers);
    edge->watchers = TAKE(watchers);
}

err_t edge_reload(edge_t *edge, const edge_options_t *options)
{
    reload_t reload = {.edge = edge, .options = options};
    loop_call(edge->loop, s_reload, &reload);
    return reload.err;
}

/* A port that is taken may well be taken by the server that runs on these settings. */
static err_t s_check_endpoint(const edge_options_t *options, const char *endpoint)
{
    listening_t listening;
    listen_options_t how = {.reuse_port = options->reuse_port, .unix_mode = 0600};
    const char *fault = NULL;
    err_t err = listen_open(endpoint, &how, &listening, &fault);
    if (err == ERR_OK)
        listen_close(&listening);
    else if (err == ERR_UNAVAILABLE)
        log_warn("edge", "%s: %s (fine if this server runs already)", endpoint, fault);
    else
        log_error("edge", "%s: %s", endpoint, fault);
    return err == ERR_UNAVAILABLE ? ERR_OK : err;
}

static err_t s_check_endpoints(const edge_options_t *options, const char *const *endpoints,
                               size_t count)
{
    err_t err = ERR_OK;
    for (size_t i = 0; i < count; i++)
        err = s_check_endpoint(options, endpoints[i]) != ERR_OK ? ERR_INVALID : err;
    return err;
}

err_t edge_check(const edge_options_t *options)
{
    edge_t *edge = mem_new(edge_t);
    err_t err = s_make_parts(edge, options, true);
    s_destroy(&edge);
    if (err == ERR_OK)
        err = app_keys_check(options->data, &options->pusher.keys);
    err_t http = s_check_endpoints(options, options->http, options->http_count);
    err_t tls = s_check_endpoints(options, options->tls, options->tls_count);
    err_t line = s_check_endpoints(options, options->line, options->line_count);
    return err != ERR_OK ? err : http != ERR_OK ? http : tls != ERR_OK ? tls : line;
}

int edge_port(const edge_t *edge, size_t index)
{
    assert(index < edge->port_count);
    return edge->ports[index];
}

void edge_drain(edge_t *edge)
{
    loop_stop(edge->loop);
    pthread_join(edge->thread, NULL);
}

void edge_destroy(edge_t **edge_p)
{
    if (*edge_p != NULL)
        s_destroy(edge_p);
}
