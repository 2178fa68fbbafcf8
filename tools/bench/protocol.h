/* protocol.h - how a kind of server is spoken to: one row of slots.
 *
 * Everything that the swarm has to know of a protocol is in its row; the rest
 * is the same for all.  Slots that may be missing say so. */
#ifndef TOOLS_BENCH_PROTOCOL_H
#define TOOLS_BENCH_PROTOCOL_H

#include "tools/bench/swarm.h"

struct protocol {
    const char *name;
    const char *subprotocol; /* NULL: none */
    uint8_t opcode;          /* of the frames that it is sent */
    bool acknowledges;       /* it answers each message, durable or refused */
    bool one_sender;         /* only the first client of a room can send */

    /* Append the path of the upgrade; NULL: "/". */
    void (*target)(const client_t *client, buf_t *out);

    /* Sign in and subscribe, after the upgrade; NULL: the upgrade did that. */
    void (*greet)(client_t *client);

    /* Handle the packets in `bytes`; returns how much of it they were. */
    size_t (*take)(client_t *client, slice_t bytes);

    /* Append the client's message with `payload` in it, unframed; the row may
     * note in client->post, relative to `out`, what patch will change. */
    void (*render)(client_t *client, slice_t payload, buf_t *out);

    /* Change what else differs from message to message; NULL: nothing. */
    void (*patch)(client_t *client, uint64_t time_ns);
};

extern const protocol_t protocol_kith;

/* Build the frame that client_post patches and sends. */
void protocol_render(client_t *client);

/* Tell the listener of the stamp in `bytes`, if there is one; of an
 * acknowledgement of message `seq`, which was sent `age_ns` ago; of a refusal.
 * Nobody listens before all clients are ready: then a refusal ends the bench, and
 * the rest does not matter. */
void protocol_delivered(client_t *client, slice_t bytes);
void protocol_acked(client_t *client, uint32_t seq, uint64_t age_ns);
void protocol_refused(client_t *client, slice_t words);

#endif
