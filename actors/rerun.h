/* rerun.h - an actor on a stage of its own, fed from a tape: the same decisions once more.
 *
 * The store has applied the journal up to where the tape begins.  Own events that the tape says
 * were committed are those that are decided here.  So as long as each output is what it was, the
 * re-run needs nothing of the tape but the inputs; and once one is not, its caller may go on, and
 * see what would have come of it, or stop.
 *
 * The tape is a file and may say anything: nothing in it is trusted. */
#ifndef ACTORS_RERUN_H
#define ACTORS_RERUN_H

#include "actors/stage.h"

typedef struct rerun rerun_t;

/* An own event: as it was decided then, and as it is now; the zero slice: it was not, or is not. */
typedef struct rerun_event {
    slice_t then;
    slice_t now;
} rerun_event_t;

/* What came of an input; lives until the next one. */
typedef struct rerun_step {
    bool same;
    slice_t out; /* as the entry's, of now */
    const rerun_event_t *events;
    size_t event_count;
    slice_t
        reads; /* rows that were looked at, as they were: pairs of binaries, or a binary and nil */
} rerun_step_t;

/* The first entry of a tape, in the arena.  ERR_CORRUPT: this is none, or of another format. */
MUST_CHECK err_t rerun_look(slice_t tape, arena_t *arena, const tape_begin_t **ret_begin);

/* The store and the tape's bytes stay the caller's.  ERR_INVALID: the store is not where the
 * tape begins; ERR_CORRUPT: the tape broke off before anything of it can be told. */
MUST_CHECK err_t rerun_new(const actor_row_t *row, store_t *store, slice_t tape,
                           rerun_t **ret_rerun);
void rerun_destroy(rerun_t **rerun_p);

/* The next input.  ERR_NOT_FOUND: there is no more; ERR_CORRUPT: the rest cannot be read. */
MUST_CHECK err_t rerun_next(rerun_t *rerun, tape_entry_t *ret_entry);

/* Why the tape ends there, in words; empty if it breaks off. */
slice_t rerun_reason(const rerun_t *rerun);

/* Give it to the actor, as it is or changed.  ERR_CORRUPT: it makes no sense. */
MUST_CHECK err_t rerun_give(rerun_t *rerun, const tape_entry_t *entry, rerun_step_t *ret_step);

/* Leave it out: what came of it then comes of nothing now. */
void rerun_skip(rerun_t *rerun, const tape_entry_t *entry);

/* Give it a record that it does not react to, besides. */
MUST_CHECK err_t rerun_overlook(rerun_t *rerun, const tape_entry_t *entry);

/* Give it a record that was on no tape. */
MUST_CHECK err_t rerun_add(rerun_t *rerun, slice_t record, rerun_step_t *ret_step);

/* BLAKE2b-256 of the rows as they are by now, what is pending left out. */
MUST_CHECK err_t rerun_digest(rerun_t *rerun, uint8_t ret_hash[32]);

#endif
