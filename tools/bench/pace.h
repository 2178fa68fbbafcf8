/* pace.h - who sends the next message, and when: one row of slots a pace. */
#ifndef TOOLS_BENCH_PACE_H
#define TOOLS_BENCH_PACE_H

#include "tools/bench/traffic.h"

struct pace {
    bool one_sender; /* a room's first seat; otherwise every seat */

    void (*start)(traffic_t *traffic);

    /* Called between turns; returns how long it can wait until the next call. */
    uint64_t (*tick)(traffic_t *traffic, uint64_t now_ns);

    /* A message arrived, for the first time, at one receiver; NULL: no matter. */
    void (*delivered)(traffic_t *traffic, client_t *client, const stamp_t *stamp);

    /* The server took responsibility for message `seq` of `client`; NULL: no matter. */
    void (*acked)(traffic_t *traffic, client_t *client, uint32_t seq);
};

/* `window` in flight in each room.  A message is done when every member of its
 * room has it, its sender included; then the sender sends the next. */
extern const pace_t pace_window;

/* `window` in flight over all rooms together: when one is done, the first seat of the
 * room whose turn it is sends the next. */
extern const pace_t pace_turns;

/* One in flight in each room: whoever sits next to its sender sends the next
 * one as soon as he has it. */
extern const pace_t pace_bounce;

/* `rate` messages a second over all rooms and seats in turn, whatever comes
 * back.  Latency counts from when a message was due, so that a server which
 * keeps the bench waiting does not look the better for it. */
extern const pace_t pace_rate;

/* `window` in flight over all rooms together: each acknowledgement lets the
 * first seat of its room send another. */
extern const pace_t pace_acks;

#endif
