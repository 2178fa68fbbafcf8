/* envelope.h - what travels on the bus and lies in the journal.
 *
 * Four kinds of envelope, each a MessagePack array whose first values have a
 * fixed width, so that the header is at once readable by any MessagePack
 * library and can be patched in place at a known offset:
 *
 *   call      a command or a query, on its way to its owner
 *   reply     the answer to a call, on its way back
 *   decision  what an actor made of a command: a reply, and how many records follow
 *   record    an event; after the commit, byte for byte what the journal holds
 *
 * A bus message is any number of envelopes, one behind the other.
 *
 *   call     [1, type u16, corr u64, origin u64, principal u64, session u64, time i64,
 *             rand bin16, verdict, body]
 *   reply    [2, type u16, corr u64, origin u64, status u16, as_of u64, body]
 *   decision [3, type u16, corr u64, origin u64, status u16, epoch u64, records u16,
 *             rests bool, body]
 *   record   [4, type u16, version, seq u64, epoch u64, cause u64, causer, actor, time i64,
 *             principal u64, room u64, account u64, previous bin32, key_id u32, client_id,
 *             body, crc u32]
 *
 * The body is a map, as the type's shape says; a refusal's body is its detail, a
 * text or nil.  The verdict is nil, or the map of shape_verdict: what bots that judge had to say of
 * the command, which the broker alone puts in.  Numbers are big-endian, as MessagePack has them. */
#ifndef SCHEMA_ENVELOPE_H
#define SCHEMA_ENVELOPE_H

#include "schema/buf.h"
#include "schema/err.h"

enum { RAND_SIZE = 16, HASH_SIZE = 32 };

typedef enum envelope_kind {
    ENVELOPE_NONE = 0,
    ENVELOPE_CALL = 1,
    ENVELOPE_REPLY = 2,
    ENVELOPE_DECISION = 3,
    ENVELOPE_RECORD = 4,
} envelope_kind_t;

typedef struct call {
    uint16_t type;      /* call_number_t */
    uint64_t corr;      /* the origin's own number for the reply; 0: no reply wanted */
    uint64_t origin;    /* the peer that asks; stamped by the broker */
    uint64_t principal; /* account that asks, 0 for none */
    uint64_t session;   /* its session, 0 for none */
    int64_t time;       /* µs since 1970 */
    uint8_t rand[RAND_SIZE];
    slice_t verdict; /* msgpack map; empty: none */
    slice_t body;    /* msgpack map */
    slice_t bytes;   /* the whole envelope */
} call_t;

typedef struct reply {
    uint16_t type; /* of the call that it answers */
    uint64_t corr;
    uint64_t origin;
    err_t status;
    uint64_t as_of; /* sequence that the answer reflects */
    slice_t body;   /* msgpack map; of a refusal a text that says more, or nil */
    slice_t bytes;
} reply_t;

typedef struct decision {
    uint16_t type;
    uint64_t corr;
    uint64_t origin;
    err_t status;
    uint64_t epoch;   /* that the actor decided in */
    uint16_t records; /* that follow */
    bool rests;       /* on something undecided: wait for all that came before */
    slice_t body;
    slice_t bytes;
} decision_t;

typedef struct record {
    uint16_t type; /* event_number_t */
    uint8_t version;
    uint64_t seq;
    uint64_t epoch;
    uint64_t cause; /* sequence of the event that this one reacts to, 0 for none */
    uint8_t causer; /* actor that reacted */
    uint8_t actor;  /* owner_t */
    int64_t time;
    uint64_t principal;
    uint64_t room;               /* key: who hears this room hears it; 0 for none */
    uint64_t account;            /* key: who hears this account hears it; 0 for none */
    uint8_t previous[HASH_SIZE]; /* BLAKE2b-256 of the record before; zero in the first */
    uint32_t key_id;             /* that seals personal fields; 0 for none, and while it travels */
    slice_t client_id;           /* as the sender gave it */
    slice_t body;                /* msgpack map */
    uint32_t crc;                /* CRC-32C of all bytes before it */
    slice_t bytes;
} record_t;

/* Whether a record that travels has lost what was personal in it, with the key of that account. */
static inline bool record_is_redacted(const record_t *record)
{
    return record->key_id != 0;
}

/* The kind of the envelope at the start of `bytes`; ENVELOPE_NONE if it is none. */
envelope_kind_t envelope_kind(slice_t bytes);

/* Take one envelope off the front of *in.  ERR_MALFORMED leaves *in alone.
 * Slices point into the input.  A record's CRC is read but not checked. */
MUST_CHECK err_t call_read(slice_t *in, call_t *ret_call);
MUST_CHECK err_t reply_read(slice_t *in, reply_t *ret_reply);
MUST_CHECK err_t decision_read(slice_t *in, decision_t *ret_decision);
MUST_CHECK err_t record_read(slice_t *in, record_t *ret_record);

/* Append the header; the body, one msgpack value, must be appended next. */
void call_begin(buf_t *out, const call_t *call);
void reply_begin(buf_t *out, const reply_t *reply);
void decision_begin(buf_t *out, const decision_t *decision);

/* A record has its CRC behind the body: begin, append the body, end. */
void record_begin(buf_t *out, const record_t *record);
void record_end(buf_t *out);

/* Patch an envelope in place; `at` is its first byte. */
void call_stamp(uint8_t *at, uint64_t origin);
void call_stamp_all(uint8_t *at, const call_t *call); /* origin, principal, session, time, rand */
void record_number(uint8_t *at, uint64_t seq, uint64_t epoch);
void record_seal(uint8_t *at, size_t len, const uint8_t previous[HASH_SIZE]); /* and the CRC */

/* The part of the header that the journal does not write, of a record or of its beginning. */
slice_t record_bound(slice_t bytes);

/* Whether the CRC holds. */
bool record_intact(slice_t bytes);

/* CRC-32C (Castagnoli), as RFC 3720 appendix B.4 has it. */
uint32_t crc32c(slice_t bytes);

#endif
