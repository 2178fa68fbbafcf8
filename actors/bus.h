/* bus.h - the message bus: ZeroMQ sockets behind a few verbs.
 *
 * The door of czmq.  Peers connect to the broker and exchange messages with it,
 * each a run of envelopes (schema/envelope.h) that travels and arrives whole
 * and in order.  Two threads that belong together talk over a pair.  A bus
 * belongs to one thread. */
#ifndef ACTORS_BUS_H
#define ACTORS_BUS_H

#include "schema/buf.h"
#include "schema/err.h"

typedef struct bus bus_t;

/* Once a process, before anything else; signals stay the program's own. */
void bus_start(void);
void bus_stop(void);

/* The broker's side.  Peers are told apart by a number that the bus gives. */
MUST_CHECK err_t bus_bind(const char *endpoint, bus_t **ret_bus);

/* A peer's side, over inproc, ipc or tcp. */
MUST_CHECK err_t bus_connect(const char *endpoint, bus_t **ret_bus);

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

/* For an event loop: readable edge-triggered, so receive until nothing is left,
 * and look again after sending. */
int bus_fd(const bus_t *bus);

/* Sleep until one of the buses has a message or the time is over. */
void bus_wait(bus_t *const *buses, size_t count, int timeout_ms);

#endif
