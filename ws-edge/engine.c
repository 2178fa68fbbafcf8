/* engine.c - the sessions of Engine.IO: by id, by the time of their next look, and those
 * that the turn has stirred.
 *
 *     engine_add ──► looks ── stirred ──► dirty ── settled, over ──► freed
 *
 * All have the same interval, so those that are looked at go to the list's end and it
 * stays ordered.  Polls are answered at the end of the turn, so that what a turn has for a
 * session is one payload. */
#include "ws-edge/engine_parts.h"

#include "ws-edge/cookie.h"
#include "ws-edge/front_parts.h"

enum {
    TICK_MS = 100,
    QUIET_MS = 1000,         /* the same while there is no session */
    LOOKS_PER_INTERVAL = 25, /* so that silence is noticed to a second */
    SESSIONS_MAX = 20000,    /* in all; further ones are refused as unavailable */
};

/* ---- by id ---- */

static uint64_t s_key(const engine_t *engine, slice_t sid)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    uint64_t key;
    crypto_blake128(slice_new(engine->hash_key, sizeof engine->hash_key), sid, hash);
    memcpy(&key, hash, sizeof key);
    return key;
}

tunnel_t *engine_find(const engine_t *engine, slice_t sid)
{
    tunnel_t *tunnel =
        sid.len == TUNNEL_SID_SIZE ? map_get(engine->tunnels, s_key(engine, sid)) : NULL;
    return tunnel != NULL && crypto_equal(tunnel_sid(tunnel), sid) ? tunnel : NULL;
}

/* ---- coming and going ---- */

static uint64_t s_now_us(void *ctx)
{
    const engine_t *engine = ctx;
    return loop_now_us(engine->edge->loop);
}

static void s_plan_look(engine_t *engine, tunnel_t *tunnel)
{
    uint64_t period_us = engine->ports.interval_ms * UINT64_C(1000) / LOOKS_PER_INTERVAL;
    tunnel->look_us = s_now_us(engine) + period_us;
    TAILQ_INSERT_TAIL(&engine->looks, tunnel, in_looks);
}

static address_t s_address(slice_t text)
{
    address_t address = {.kind = ADDRESS_UNIX};
    (void)address_read(text, &address);
    return address;
}

tunnel_t *engine_add(engine_t *engine, eio_peer_t peer, slice_t address, err_t *ret_err)
{
    address_t from = s_address(address);
    *ret_err = map_count(engine->tunnels) >= SESSIONS_MAX ? ERR_UNAVAILABLE
               : peers_full(engine->peers, &from)         ? ERR_TOO_MANY
                                                          : ERR_OK;
    if (*ret_err != ERR_OK)
        return NULL;
    tunnel_t *tunnel = tunnel_new(&engine->ports, peer);
    tunnel->key = s_key(engine, tunnel_sid(tunnel));
    tunnel->place = peers_enter(engine->peers, &from);
    map_put(engine->tunnels, tunnel->key, tunnel);
    s_plan_look(engine, tunnel);
    return tunnel;
}

static void s_remove(engine_t *engine, tunnel_t *tunnel)
{
    map_remove(engine->tunnels, tunnel->key);
    TAILQ_REMOVE(&engine->looks, tunnel, in_looks);
    if (tunnel->probing)
        TAILQ_REMOVE(&engine->probing, tunnel, in_probing);
    peers_leave(engine->peers, &tunnel->place);
    sio_session_free(&tunnel->session);
    tunnel_free(&tunnel);
}

/* ---- what tunnels ask of the network ---- */

static bool s_waits(void *ctx, const poll_t *poll)
{
    const engine_t *engine = ctx;
    return exchange_alive(engine->edge->server, poll->exchange);
}

/* JSONP: the payload becomes a script; its index was looked at when it came. */
static slice_t s_put_payload(buf_t *out, const poll_t *poll, bool octets, slice_t payload)
{
    slice_t index = slice_new(poll->index, poll->index_len);
    if (index.len > 0 && eio_jsonp_put(out, index, payload) == ERR_OK)
        return SLICE_LIT("application/javascript; charset=UTF-8");
    buf_append(out, payload);
    return octets ? SLICE_LIT("application/octet-stream") : SLICE_LIT("text/plain; charset=UTF-8");
}

static void s_answer(void *ctx, const tunnel_t *tunnel, const poll_t *poll, bool octets,
                     slice_t payload)
{
    engine_t *engine = ctx;
    edge_t *edge = engine->edge;
    front_begin_headers(edge, slice_new(poll->origin, poll->origin_len), true);
    if (poll->sets_cookie)
        cookie_put(&edge->headers, "io", tunnel_sid(tunnel), poll->secure);
    slice_t type = s_put_payload(&edge->body, poll, octets, payload);
    response_t response = front_response(edge, 200);
    response.content_type = type;
    exchange_reply(edge->server, poll->exchange, &response);
}

static void s_stir(void *ctx, tunnel_t *tunnel)
{
    engine_t *engine = ctx;
    if (tunnel->dirty)
        return;
    tunnel->dirty = true;
    TAILQ_INSERT_TAIL(&engine->dirty, tunnel, in_dirty);
    loop_again(engine->edge->loop);
}

static void s_opened(void *ctx, tunnel_t *tunnel)
{
    (void)ctx;
    sio_session_begin(tunnel->session, tunnel);
}

/* ---- turns and ticks ---- */

static void s_on_tick(void *ctx);

static void s_pace(engine_t *engine)
{
    unsigned period_ms = TAILQ_EMPTY(&engine->looks) ? QUIET_MS : TICK_MS;
    if (period_ms == engine->tick_ms)
        return;
    engine->tick_ms = period_ms;
    loop_every_ms(engine->edge->loop, period_ms, s_on_tick, engine);
}

static void s_on_turn(void *ctx)
{
    engine_t *engine = ctx;
    tunnel_t *tunnel;
    s_pace(engine);
    while ((tunnel = TAILQ_FIRST(&engine->dirty)) != NULL) {
        TAILQ_REMOVE(&engine->dirty, tunnel, in_dirty);
        tunnel->dirty = false;
        sio_session_settle(tunnel->session);
        if (tunnel_settle(tunnel))
            s_remove(engine, tunnel);
    }
}

void engine_watch_probe(engine_t *engine, tunnel_t *tunnel)
{
    if (tunnel->probing)
        return;
    tunnel->probing = true;
    TAILQ_INSERT_TAIL(&engine->probing, tunnel, in_probing);
}

static void s_look_at_probing(engine_t *engine)
{
    tunnel_t *tunnel, *next;
    for (tunnel = TAILQ_FIRST(&engine->probing); tunnel != NULL; tunnel = next) {
        next = TAILQ_NEXT(tunnel, in_probing);
        s_stir(engine, tunnel);
        if (tunnel_probes(tunnel))
            continue;
        tunnel->probing = false;
        TAILQ_REMOVE(&engine->probing, tunnel, in_probing);
    }
}

static void s_on_tick(void *ctx)
{
    engine_t *engine = ctx;
    uint64_t now_us = s_now_us(engine);
    tunnel_t *tunnel;
    while ((tunnel = TAILQ_FIRST(&engine->looks)) != NULL && tunnel->look_us <= now_us) {
        TAILQ_REMOVE(&engine->looks, tunnel, in_looks);
        s_plan_look(engine, tunnel);
        tunnel_look(tunnel);
    }
    s_look_at_probing(engine);
}

/* ---- the whole ---- */

engine_t *engine_new(edge_t *edge, const engine_options_t *options)
{
    engine_t *engine = mem_new(engine_t);
    engine->edge = edge;
    engine->options = *options;
    engine->arena = arena_new();
    engine->tunnels = map_new();
    engine->peers = peers_new(0);
    crypto_random(engine->hash_key, sizeof engine->hash_key);
    TAILQ_INIT(&engine->looks);
    TAILQ_INIT(&engine->dirty);
    TAILQ_INIT(&engine->probing);
    engine->ports = (tunnel_ports_t){
        .ctx = engine,
        .arena = arena_new(),
        .interval_ms = options->interval_ms,
        .timeout_ms = options->timeout_ms,
        .now_us = s_now_us,
        .waits = s_waits,
        .answer = s_answer,
        .stir = s_stir,
        .opened = s_opened,
        .send = socket_send,
        .close = socket_close,
        .queued = socket_queued,
        .waits_us = socket_waits_us,
    };
    loop_each_turn(edge->loop, s_on_turn, engine);
    s_pace(engine);
    return engine;
}

void engine_destroy(engine_t **engine_p)
{
    engine_t *engine = *engine_p;
    tunnel_t *tunnel;
    if (engine == NULL)
        return;
    while ((tunnel = TAILQ_FIRST(&engine->looks)) != NULL) {
        tunnel_abandon(tunnel);
        s_remove(engine, tunnel);
    }
    loop_forget(engine->edge->loop, engine);
    map_destroy(&engine->tunnels);
    peers_destroy(&engine->peers);
    arena_destroy(&engine->ports.arena);
    arena_destroy(&engine->arena);
    mem_free(engine);
    *engine_p = NULL;
}

void engine_limit_addresses(engine_t *engine, size_t each_max)
{
    peers_limit(engine->peers, each_max);
}

void engine_close_all(engine_t *engine, int code, const char *reason)
{
    tunnel_t *tunnel;
    TAILQ_FOREACH(tunnel, &engine->looks, in_looks)
    tunnel_close(tunnel, code, reason);
}

/* ---- who is at a session ---- */

caller_t engine_caller(const edge_t *edge, const request_t *request)
{
    caller_t caller = {
        .address = edge_meet(edge, request->address),
        .trusted = origin_trusts_cookie(edge->origins, request),
    };
    crypto_blake128((slice_t){0}, request_header(request, "user-agent"), caller.agent);
    return caller;
}

void engine_bind(edge_t *edge, slice_t sid, who_t who, const caller_t *caller)
{
    tunnel_t *tunnel = engine_find(edge->engine, sid);
    if (tunnel == NULL || tunnel->state != TUNNEL_OPEN)
        return;
    sio_session_bind(tunnel->session, who, caller);
    s_stir(edge->engine, tunnel);
}
