/* bus.h - what one measurement of kith-bus is made of.
 *
 * A publisher sends `messages` of MESSAGE_BYTES to each of `subscribers`, by way of what the peer
 * has between them.  A peer is a row of slots; peers.c lists them.  Publisher and subscribers are
 * a thread each, the same two for every peer. */
#ifndef TESTS_BENCH_BUS_BUS_H
#define TESTS_BENCH_BUS_BUS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_BYTES = 200 };

typedef struct run {
    const char *endpoint; /* ipc:// */
    unsigned subscribers;
    uint64_t messages;
    unsigned window;     /* messages that are on their way and not answered, where they are */
    uint64_t account;    /* Kith's: the bot that all are */
    void *context;       /* of ZeroMQ */
    void *middle;        /* the peer's own: what is between them */
    void *writer;        /* the publisher's socket, from when it publishes; NULL: it has none */
    atomic_uint readers; /* subscribers that what is between them knows */
} run_t;

typedef struct peer {
    const char *name;
    const char *doc;
    unsigned window;                /* of Kith's publishers */
    void (*open)(run_t *run);       /* make what is between them; NULL: nothing is */
    void *(*subscribe)(run_t *run); /* a socket that is about to hear all */
    void (*await)(run_t *run);      /* until all subscribers are known; NULL: they are */
    unsigned (*take)(run_t *run, void *socket); /* what one message tells of; 0: none waits */
    void (*publish)(run_t *run);                /* all messages; NULL: they were sent before */
    void (*close)(run_t *run);                  /* the end of `open` */
} peer_t;

extern const peer_t peer_pubsub, peer_relay, peer_malamute, peer_kith, peer_kith_past,
    peer_kith_one, peer_kith_many;

/* A socket of this type with no bound on what waits, connected or bound; a fault ends the
 * process. */
void *bus_socket(run_t *run, int type);
void *bus_connected(run_t *run, int type);
void *bus_bound(run_t *run, int type);

/* Send one frame; more follow behind it with ZMQ_SNDMORE. */
void bus_put(void *socket, const void *bytes, size_t len, int flags);

/* Take one whole message off; 1, or 0 if none waits. */
unsigned bus_take_one(run_t *run, void *socket);

/* MESSAGE_BYTES of a message. */
const char *bus_message(void);

#endif
