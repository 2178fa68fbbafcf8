/* pusher_wire.h - a WebSocket that speaks Pusher's protocol, and the listener behind it.
 *
 *   socket ──frames──> session ──> hub
 *      ^                  │ into Kith's own channels
 *      ├──── hub ─────────┤
 *      └── what it has subscribed to ── client <── rooms and account
 *
 * It has a client (client.h) once it is somebody's: when Kith has signed for it. */
#ifndef WS_EDGE_PUSHER_WIRE_H
#define WS_EDGE_PUSHER_WIRE_H

#include "ws-edge/edge.h"
#include "ws-edge/pusher_session.h"
#include "ws-edge/request.h"
#include "ws-edge/wire.h"

/* An order to the client, in the place of a frame: hear a room and say so, or leave it.
 * Room 0: say so once the account itself is heard. */
typedef struct pusher_order {
    pusher_session_t *session;
    uint64_t room;
    bool leave;
} pusher_order_t;

/* What the client hears of it is complete from here on. */
void pusher_wire_heard(pusher_session_t *session, uint64_t room);

/* Its account may not hear it any more. */
void pusher_wire_lost(pusher_session_t *session, uint64_t room);

/* A connection to `/app/<key>`; dialect_t's `wire`. */
wire_t *pusher_wire(edge_t *edge, const request_t *request, uint64_t address);

/* Each turn: those for whom Kith has vouched become their sessions'. */
void pusher_wires_turn(pusher_hub_t *hub);

/* The server goes, and comes back. */
void pusher_wires_close(pusher_hub_t *hub);

/* Once a second: ask who is silent. */
void pusher_wires_tick(pusher_hub_t *hub);

#endif
