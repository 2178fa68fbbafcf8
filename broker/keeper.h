/* keeper.h - what of the past is kept: snapshots of the projections, and how much of the journal.
 *
 * Belongs to the journal's thread.  A snapshot is made by the actors, each its part, in the
 * folder `new`; the keeper then notes in its manifest what it is and gives it its number.  Only
 * what lies behind the oldest snapshot that is kept can be asked for ever again, so whole
 * segments before that may go, when age or size says so: never without a snapshot, and never more.
 *
 *     DIR/snapshots/     actors/snapshots.h
 *     DIR/cut.json       the last record that was removed: sequence and hash
 *     DIR/snapshots/stale   somebody was redacted: what is older than this sequence must go */
#ifndef BROKER_KEEPER_H
#define BROKER_KEEPER_H

#include "broker/journal.h"
#include "schema/arena.h"
#include "schema/type.h"

typedef struct keeper keeper_t;

typedef struct keeper_options {
    uint64_t bytes;     /* of the journal, at most; 0: any */
    int64_t age_us;     /* of its records, about; 0: any */
    unsigned snapshots; /* that are kept; 0: one */
} keeper_options_t;

/* "250M" or "12h" and the like: K, M, G, T of bytes; s, m, h, d of time.  "0" and "off" are 0. */
MUST_CHECK err_t keeper_read_size(const char *text, uint64_t *ret_bytes);
MUST_CHECK err_t keeper_read_age(const char *text, int64_t *ret_us);

/* What is in the data folder; what a crash has left half made goes. */
MUST_CHECK err_t keeper_open(const char *data, const keeper_options_t *options,
                             keeper_t **ret_keeper);
void keeper_close(keeper_t **keeper_p);

/* Records that are about to be appended: a redaction makes all snapshots stale, and that is on
 * disk before it is. */
MUST_CHECK err_t keeper_heed(keeper_t *keeper, slice_t records);

/* Make the place in which actors may copy. */
MUST_CHECK err_t keeper_prepare(keeper_t *keeper);

/* They all have: check, note and keep it.  `number`, `base`, `time` and the hashes are ours to
 * say; texts of *ret_snapshot lie in the arena.  NOT_FOUND: an actor's copy is not here. */
MUST_CHECK err_t keeper_keep(keeper_t *keeper, journal_t *journal, const snapshot_t *taken,
                             int64_t time, arena_t *arena, const snapshot_t **ret_snapshot);

typedef enum keeper_turn {
    KEEPER_RESTS,
    KEEPER_WORKS, /* there is more to do at once */
    KEEPER_CUT,   /* the same, and the journal begins elsewhere now */
    KEEPER_WANTS, /* a snapshot */
} keeper_turn_t;

/* A step of at most some ms. */
keeper_turn_t keeper_turn(keeper_t *keeper, journal_t *journal, int64_t mono_us, int64_t time);

#endif
