/* engine.h - Engine.IO on the edge: its sessions, and the door to them.
 *
 *     /socket.io/?EIO=3|4&transport=polling|websocket[&sid][&b64=1][&j=N]
 *
 * A session is a tunnel (tunnel.h) with a Socket.IO session (sio_session.h) at its end.  It
 * is found by its id alone, which is random and never shown to anybody else; how many there
 * are is bounded, in all and for each address. */
#ifndef WS_EDGE_ENGINE_H
#define WS_EDGE_ENGINE_H

#include "actors/crypto.h"
#include "ws-edge/edge_parts.h"

typedef struct engine engine_t;

typedef struct engine_options {
    unsigned interval_ms; /* of heartbeats */
    unsigned timeout_ms;  /* for the answer to one */
    bool jsonp;
} engine_options_t;

/* Registers a tick and a turn hook with the edge's loop. */
engine_t *engine_new(edge_t *edge, const engine_options_t *options);

/* The server is gone.  Nulls *engine_p; accepts NULL. */
void engine_destroy(engine_t **engine_p);

/* As connections_per_address. */
void engine_limit_addresses(engine_t *engine, size_t each_max);

/* Every session ends, and those that poll are told now. */
void engine_close_all(engine_t *engine, int code, const char *reason);

/* ---- the front's ---- */

bool engine_takes(const request_t *request);
void engine_request(engine_t *engine, const request_t *request, exchange_t exchange);
bool engine_upgrade(engine_t *engine, const request_t *request, upgrade_t *ret_upgrade);

/* ---- who is at a session ---- */

/* Where a request comes from.  Two of the same browser, and of pages whose cookies count,
 * have the same. */
typedef struct caller {
    uint64_t address; /* toll_address */
    uint8_t agent[CRYPTO_BLAKE128_SIZE];
    bool trusted; /* its cookies count */
} caller_t;

caller_t engine_caller(const edge_t *edge, const request_t *request);

/* Somebody has signed in by a request with this caller and the cookie `io`: the session of
 * that id is theirs before the turn ends, if it began with the same caller and is nobody's
 * yet.  Nothing is called back. */
void engine_bind(edge_t *edge, slice_t sid, who_t who, const caller_t *caller);

#endif
