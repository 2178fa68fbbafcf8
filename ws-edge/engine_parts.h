/* engine_parts.h - the engine's state, as its two files share it. */
#ifndef WS_EDGE_ENGINE_PARTS_H
#define WS_EDGE_ENGINE_PARTS_H

#include "schema/map.h"
#include "ws-edge/engine.h"
#include "ws-edge/sio_session.h"
#include "ws-edge/tunnel_parts.h"

TAILQ_HEAD(tunnel_list, tunnel);

struct engine {
    edge_t *edge;
    engine_options_t options;
    tunnel_ports_t ports;
    arena_t *arena; /* of the request at hand: what it gives rise to uses the edge's */
    map_t *tunnels; /* by a keyed hash of their ids */
    peers_t *peers; /* sessions of each address */
    uint8_t hash_key[CRYPTO_BLAKE128_SIZE];
    unsigned tick_ms;
    struct tunnel_list looks;   /* all, by when they are looked at next */
    struct tunnel_list dirty;   /* to be settled in this turn */
    struct tunnel_list probing; /* with a WebSocket that is to take over, or lately was */
};

/* ---- engine.c ---- */

/* NULL if there is none. */
tunnel_t *engine_find(const engine_t *engine, slice_t sid);

/* A session from this address; NULL, and *ret_err, if that would be one too many. */
tunnel_t *engine_add(engine_t *engine, eio_peer_t peer, slice_t address, err_t *ret_err);

/* A WebSocket is about to take over: see to the polls, and that it does. */
void engine_watch_probe(engine_t *engine, tunnel_t *tunnel);

#endif
