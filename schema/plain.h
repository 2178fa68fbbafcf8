/* plain.h - what bots say and hear on the bus, in MessagePack as any library writes it.
 *
 *   bot → broker   ["call", number, type, body]
 *   broker → bot   ["answer", number, status, as_of, body]
 *                  ["event", type, seq, time, room, account, body]
 *                  ["judge", ticket, type, time, room, account, body]
 *
 * Types and statuses are names, bodies are maps as clients of the native API have them; a
 * refusal's body is a text or nil.  A message is any number of these, one behind the other.
 * The specification is docs/bus.md. */
#ifndef SCHEMA_PLAIN_H
#define SCHEMA_PLAIN_H

#include "schema/envelope.h"
#include "schema/type.h"

enum { PLAIN_VERSION = 1 };

typedef struct plain_call {
    uint64_t number; /* the bot's own, for the answer; 0: none is wanted */
    slice_t type;
    slice_t body;
} plain_call_t;

/* Take one off the front of *in.  ERR_MALFORMED leaves *in alone; slices point into it. */
MUST_CHECK err_t plain_read_call(slice_t *in, plain_call_t *ret_call);

/* Append the header; the body, one msgpack value, must be appended next. */
void plain_begin_answer(buf_t *out, uint64_t number, err_t status, uint64_t as_of);
void plain_begin_event(buf_t *out, const char *type, const record_t *record);
void plain_begin_judge(buf_t *out, uint64_t ticket, const char *type, int64_t time, uint64_t room,
                       uint64_t account);

/* The other side's: an answer, an event or a question for a verdict off the front of *in. */
typedef struct plain_heard {
    bool event;
    bool judge;
    uint64_t number; /* of an answer; of a question the ticket */
    slice_t status;
    uint64_t as_of;
    slice_t type; /* of an event; of a question the command's */
    uint64_t seq;
    int64_t time;
    uint64_t room;
    uint64_t account;
    slice_t body;
} plain_heard_t;

MUST_CHECK err_t plain_read_heard(slice_t *in, plain_heard_t *ret_heard);
void plain_begin_call(buf_t *out, uint64_t number, slice_t type);

#endif
