/* wire.h - a bot's end of the bus: one ZeroMQ socket, with keys if the door wants them.
 *
 * The door of libzmq for the client library. */
#ifndef TOOLS_CLIENT_WIRE_H
#define TOOLS_CLIENT_WIRE_H

#include "schema/buf.h"
#include "schema/err.h"

typedef struct wire wire_t;

/* `key` is the path of a pair, `broker_key` a file with a public key; both NULL: none are wanted.
 * INVALID for a door or a file that is none.  It connects when somebody is there. */
MUST_CHECK err_t wire_open(const char *door, const char *key, const char *broker_key,
                           wire_t **ret_wire);
void wire_close(wire_t **wire_p);

/* Send the bytes, and empty the buffer; what finds no place in ZeroMQ's queue is lost, as on a
 * connection that breaks. */
void wire_send(wire_t *wire, buf_t *message);

/* The next message, whose bytes live until the next receive; false if none comes in time. */
bool wire_receive(wire_t *wire, int timeout_ms, slice_t *ret_message);

#endif
