/* revive.h - a projection that cannot be gone on from is made anew; and it is copied, so that it
 * can be.
 *
 * Belongs to the actor's thread.  A whole journal makes any projection.  Of one that was cut, a
 * snapshot has to stand for what is gone; where none can, the actor does not start, and whatever
 * is on disk stays as it is: an incomplete journal never becomes a projection. */
#ifndef ACTORS_REVIVE_H
#define ACTORS_REVIVE_H

#include "actors/snapshots.h"
#include "actors/stage.h"

/* The journal, as the broker's greeting tells of it. */
typedef struct revive {
    const char *data;
    const actor_row_t *row;
    uint64_t first; /* the oldest record at hand */
    uint64_t head;
    uint64_t seq; /* of a snapshot that was taken: the record behind … */
    char hash[2 * CRYPTO_BLAKE256_SIZE +
              1]; /* … must hold this, in hexadecimal; empty: it was seen */
} revive_t;

/* Whether the projection, which has applied this much, can be gone on from. */
bool revive_unneeded(const revive_t *revive, const store_t *store, uint64_t applied);

/* Empty, if the journal is whole, else from a snapshot.  ERR_NOT_FOUND: there is none, and the
 * log says what to do. */
MUST_CHECK err_t revive_store(revive_t *revive, store_t *store);

/* For each record that is applied: whether the snapshot is one of this journal.  ERR_CORRUPT: it
 * is not, and the projection is empty again. */
MUST_CHECK err_t revive_check(revive_t *revive, store_t *store, const record_t *record);

/* ---- copying ---- */

typedef struct copying {
    uint64_t order; /* of the broker; 0: none is at hand */
    uint64_t seq;   /* as the copy has them */
    uint64_t base;
} copying_t;

/* Begin what the broker's event `bus.snapshot` orders, right behind a flush: settled rows alone
 * are copied.  False: that cannot be, and is to be told.  `stage` is NULL if it has not caught up; of
 * one that has applied nothing there is no copy either, as of an index that is just being begun. */
bool copying_begin(copying_t *copying, const revive_t *revive, stage_t *stage, store_t *store,
                   const record_t *order, bus_snapshotted_call_t *ret_told);

/* True once, when there is something to tell of it. */
bool copying_end(copying_t *copying, const revive_t *revive, store_t *store, arena_t *arena,
                 bus_snapshotted_call_t *ret_told);

#endif
