/* tunnel_world.h - a clock, a network and somebody above, for one tunnel of a test. */
#ifndef TESTS_UNIT_WS_EDGE_TUNNEL_WORLD_H
#define TESTS_UNIT_WS_EDGE_TUNNEL_WORLD_H

#include "schema/buf.h"
#include "ws-edge/tunnel_parts.h"

enum { INTERVAL_MS = 1000, TIMEOUT_MS = 500 };

/* The network, and the one above. */
typedef struct world {
    tunnel_ports_t ports;
    tunnel_t *tunnel;
    uint64_t now_us;
    bool stirred;
    bool deaf;          /* the poll's client has gone */
    unsigned answers;   /* of polls */
    buf_t answered;     /* the last one */
    buf_t sent[2];      /* on either WebSocket, a bar behind each frame */
    int closed_with[2]; /* either WebSocket; 0: open */
    bool opened;
    buf_t heard; /* messages, a bar behind each */
    unsigned beats;
    int ended_with;
    wire_t *wire[2];
} world_t;

extern const tunnel_events_t world_events;

/* A tunnel that has not begun. */
world_t *world_make(eio_version_t version);

/* One that polls, its first packet taken; and one that has a WebSocket by now. */
world_t *world_polling(eio_version_t version);
world_t *world_upgraded(eio_version_t version);
void world_end(world_t *world);

/* The end of a turn; each of what follows has one. */
void world_turn(world_t *world);
void world_pass(world_t *world, unsigned ms);
err_t world_poll(world_t *world);
err_t world_post(world_t *world, const char *payload);
void world_open_wire(world_t *world, int number);
void world_frame(world_t *world, int number, const char *text);
void world_hang_up(world_t *world, int number);

/* A packet of ours, without a turn. */
void world_say(world_t *world, const char *packet);

void assert_text(const buf_t *buf, const char *text);

/* So many polls were answered, the last one with this. */
void world_assert_answer(const world_t *world, unsigned answers, const char *payload);

#endif
