/* peer.h - a server under measurement: one row of slots.
 *
 * Everything that the bench knows of a server's protocol is in its row; the
 * rest of the bench is the same for all.  Slots that may be missing say so. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "tests/bench/swarm.h"

struct peer {
    const char *name;
    const char *subprotocol; /* NULL: none */
    uint8_t opcode;          /* of the frames that it is sent */
    bool acknowledges;       /* it answers each message, durable or refused */

    /* Make accounts, rooms and tokens for all clients; NULL: there are none. */
    void (*prepare)(swarm_t *swarm);

    /* Append the path of the upgrade; NULL: "/". */
    void (*target)(const client_t *client, buf_t *out);

    /* Sign in and subscribe, after the upgrade; NULL: the upgrade did that. */
    void (*greet)(client_t *client);

    /* Handle the packets in `bytes`; returns how much of it they were. */
    size_t (*take)(client_t *client, slice_t bytes);

    /* Append the client's message with `payload` in it, unframed; the peer may
     * note in client->post, relative to `out`, what patch will change. */
    void (*render)(client_t *client, slice_t payload, buf_t *out);

    /* Change what else differs from message to message; NULL: nothing. */
    void (*patch)(client_t *client);
};

extern const peer_t peer_kith, peer_nats, peer_mosquitto;

/* NULL if there is none of that name. */
const peer_t *peer_find(const char *name);

/* All names, one a line. */
void peer_list(void);

/* Build the frame that client_post patches and sends. */
void peer_render(client_t *client);

/* Tell the listener of the stamp in `bytes`, if there is one; of an
 * acknowledgement; of a refusal.  Nobody listens before all clients are ready:
 * then a refusal ends the bench, and the rest does not matter. */
void peer_delivered(client_t *client, slice_t bytes);
void peer_acked(client_t *client, uint64_t id);
void peer_refused(client_t *client, slice_t words);

#endif
