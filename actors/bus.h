/* bus.h - the message bus: ZeroMQ sockets behind a few verbs.
 *
 * The door of czmq.  Peers connect to the broker and exchange messages with it,
 * each a run of envelopes (schema/envelope.h) that travels and arrives whole
 * and in order.  Two threads that belong together talk over a pair.  A bus
 * belongs to one thread.
 *
 * Over inproc the process and over ipc the socket's file mode keep strangers out; over
 * tcp both sides show keys (CURVE), and a guard says who may come. */
#ifndef ACTORS_BUS_H
#define ACTORS_BUS_H

#include "actors/keys.h"
#include "schema/buf.h"
#include "schema/err.h"

typedef struct bus bus_t;

/* Once a process, before anything else; signals stay the program's own. */
void bus_start(void);
void bus_stop(void);

/* Whether peers have to show keys there. */
bool bus_is_keyed(const char *endpoint);

/* The broker's side.  Peers are told apart by a number that the bus gives.  `own` is for
 * a keyed endpoint, whose guard is open before. */
MUST_CHECK err_t bus_bind(const char *endpoint, const key_pair_t *own, bus_t **ret_bus);

/* The same for strangers: their keys are told to the guard as such, and little waits for them
 * inside ZeroMQ. */
MUST_CHECK err_t bus_bind_bots(const char *endpoint, const key_pair_t *own, bus_t **ret_bus);

/* A peer's side; `keys` are for a keyed endpoint.  It connects when the broker is there,
 * and again by itself. */
MUST_CHECK err_t bus_connect(const char *endpoint, const keyring_t *keys, bus_t **ret_bus);

/* A fresh connection to the same endpoint: what waits to be sent is dropped, and the broker
 * meets a new peer.  The message at hand stays; bus_fd changes. */
MUST_CHECK err_t bus_renew(bus_t *bus);

/* Two threads of one process: the parent binds first, the child connects. */
MUST_CHECK err_t bus_pair_bind(const char *name, bus_t **ret_bus);
MUST_CHECK err_t bus_pair_connect(const char *name, bus_t **ret_bus);

/* Close and null; what was sent before still arrives, for a second at most. */
void bus_close(bus_t **bus_p);

/* Send the buffer's bytes and empty it; its memory travels with the message.
 * ERR_UNAVAILABLE: the queue is full, the buffer is as it was.  ERR_NOT_FOUND:
 * there is no such peer. */
MUST_CHECK err_t bus_send(bus_t *bus, buf_t *message);
MUST_CHECK err_t bus_send_to(bus_t *bus, uint32_t peer, buf_t *message);

/* The next message, if one is there.  Its bytes may be changed in place and live
 * until the next receive on this bus.  *ret_peer is 0 on a peer's side. */
bool bus_receive(bus_t *bus, uint32_t *ret_peer, slice_t *ret_message);

/* The name that the guard gave to the sender of the message at hand; NULL if the bus is
 * not keyed.  Lives as long as the message. */
const char *bus_sender(const bus_t *bus);

/* The guard of a process' keyed buses: each new peer's public key is asked for once, and
 * nobody comes in unanswered. */
typedef struct bus_stranger {
    char key[KEY_TEXT_SIZE];
    bool bot; /* at a door for bots */
} bus_stranger_t;

MUST_CHECK err_t bus_guard_open(bus_t **ret_guard);
bool bus_guard_next(bus_t *guard, bus_stranger_t *ret_stranger);

/* Let it in by this name; NULL: refuse it for good.  Or have it knock again in a moment. */
void bus_guard_answer(bus_t *guard, const char *name);
void bus_guard_put_off(bus_t *guard);

/* For an event loop: readable edge-triggered, so receive until nothing is left,
 * and look again after sending. */
int bus_fd(const bus_t *bus);

/* Sleep until one of the buses has a message or the time is over. */
void bus_wait(bus_t *const *buses, size_t count, int timeout_ms);

#endif
