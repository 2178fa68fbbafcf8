/* tail.h - the last commits, in memory, so that nearly every resume is served
 * from here.
 *
 * A ring of committed records, each chained to the one before it of the same room
 * and of the same account, so that a reader of a few keys never looks at anybody
 * else's records. */
#ifndef BROKER_TAIL_H
#define BROKER_TAIL_H

#include "schema/buf.h"
#include "schema/envelope.h"
#include "schema/type.h"

typedef struct tail tail_t;

/* At most `bytes` of records (whole ones; the oldest go). */
tail_t *tail_new(size_t bytes);
void tail_destroy(tail_t **tail_p);

/* Drop all: it begins with the next record. */
void tail_forget(tail_t *tail);

/* Records come in sequence order without a gap. */
void tail_add(tail_t *tail, const record_t *record);

/* The oldest sequence at hand; 0 if there is none. */
uint64_t tail_first(const tail_t *tail);

/* The record of a sequence that is at hand, and its keys. */
typedef struct tail_record {
    slice_t bytes;
    uint64_t room;
    uint64_t account;
} tail_record_t;
tail_record_t tail_at(const tail_t *tail, uint64_t seq);

/* Append the records from `from` on, which must be at hand or above the head, that
 * carry one of the keys (no keys: all), until `budget` bytes are reached.  Gives
 * the sequence to read on from. */
uint64_t tail_read(const tail_t *tail, uint64_t from, ids_t rooms, ids_t accounts, size_t budget,
                   buf_t *out);

#endif
