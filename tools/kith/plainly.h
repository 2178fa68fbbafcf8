/* plainly.h - MessagePack, rows and decisions as JSON, whatever they are.
 *
 * What is shown comes from the bytes and not from a shape, hidden fields and all: two that
 * differ at all differ here.  Verifiers, hashes of credentials and nonces of links are left out. */
#ifndef TOOLS_KITH_PLAINLY_H
#define TOOLS_KITH_PLAINLY_H

#include "schema/buf.h"
#include "schema/envelope.h"

/* One MessagePack value; null for what is none. */
void plainly_put(buf_t *out, slice_t packed);

/* A row's key as `m 5 3`, and its value: an object, a number, numbers or a text. */
void plainly_put_key(buf_t *out, slice_t key);
void plainly_put_row(buf_t *out, slice_t value);

/* What an actor gave to the broker: the status, the answer, the events; null: nothing. */
void plainly_put_decision(buf_t *out, slice_t bytes);

/* A record that is not committed yet. */
void plainly_put_event(buf_t *out, const record_t *record);

/* Whether two values say the same.  *numbers becomes true if they do but for numbers that
 * count things: ids, sequences, places. */
bool plainly_alike(slice_t one, slice_t other, bool *numbers);

#endif
