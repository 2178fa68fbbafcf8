/* tape.h - what went into an actor, in order, and what it made of it: a file of a recording.
 *
 * A tape is a run of entries, each a MessagePack array of five.  The first says how the actor
 * was when the recording began; then comes every input of its stage; the last says why it ends.
 * broker/RECORDING.md is the format.
 *
 * No secret is on a tape: passwords in calls are masked, and where a credential was made, the
 * call's random bytes and its answer are withheld, while the credential's hash is noted.
 *
 * A tape has a bound.  What would pass it is left out, with all that comes after: the recording
 * ends there, and the actor goes on. */
#ifndef ACTORS_TAPE_H
#define ACTORS_TAPE_H

#include "schema/envelope.h"

enum { TAPE_FORMAT = 1 };

typedef enum tape_kind {
    TAPE_BEGIN = 1,   /* bytes: a tape_begin */
    TAPE_CALL = 2,    /* bytes: the envelope; number: 1 if its secrets are withheld */
    TAPE_RESULT = 3,  /* number: the ticket; bytes: what the pool found */
    TAPE_RECORD = 4,  /* bytes: a record that was committed, or passed unrecorded */
    TAPE_SETTLED = 5, /* number: the sequence under which the oldest pending own event was */
    TAPE_TICK = 6,    /* number: the time, µs */
    TAPE_TIME = 7,    /* number: a question has moved the actor's time up to here, µs */
    TAPE_EPOCH = 8,   /* number: the new one */
    TAPE_SEEN = 9,    /* number: all up to this sequence was seen */
    TAPE_REACT = 10,  /* reactions begin */
    TAPE_ABANDON = 11,
    TAPE_END = 12, /* bytes: why, in words */
} tape_kind_t;

typedef struct tape_entry {
    tape_kind_t kind;
    uint64_t number;
    slice_t bytes;
    slice_t notes; /* what its function learned from elsewhere: MessagePack binaries */
    slice_t out;   /* what it gave to the broker */
} tape_entry_t;

/* Take an entry off the front of *in, whose slices point into it.  ERR_MALFORMED leaves *in
 * alone: damage, or where a recording broke off. */
MUST_CHECK err_t tape_read(slice_t *in, tape_entry_t *ret_entry);

/* Append an entry. */
void tape_put(buf_t *out, const tape_entry_t *entry);

/* ---- writing ---- */

typedef struct tape tape_t;

/* A new file of mode 0600 that takes `bytes_max`; ERR_EXISTS if there is one.  Without a
 * path the tape stays in memory. */
MUST_CHECK err_t tape_new(const char *path, size_t bytes_max, tape_t **ret_tape);

/* What is not in the file yet goes there.  Accepts NULL. */
void tape_close(tape_t **tape_p);

/* Nothing happens once the tape has ended. */
void tape_add(tape_t *tape, const tape_entry_t *entry);

/* What was gathered goes into the file. */
void tape_flush(tape_t *tape);

/* All that was added is for nothing: the recording begins anew. */
void tape_restart(tape_t *tape);

/* The last entry, in these words. */
void tape_end(tape_t *tape, const char *reason);

/* Why it has ended; NULL: it has not. */
const char *tape_reason(const tape_t *tape);

uint64_t tape_bytes(const tape_t *tape);
uint64_t tape_inputs(const tape_t *tape);

/* Of a tape in memory: all of it. */
slice_t tape_content(const tape_t *tape);

#endif
