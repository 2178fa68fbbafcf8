/* cast.h - actors on stages of their own, fed with the journal.
 *
 * Each has a thread and a store in a temporary folder, and gets the records in pages, a
 * bounded number of them at once.  What stands in the stores afterwards is what a server's
 * projections are that have applied the same records: `apply` is the same code.  Nothing is
 * decided and nothing reacted to. */
#ifndef TOOLS_KITH_CAST_H
#define TOOLS_KITH_CAST_H

#include "actors/stage.h"

/* All actors that have a projection; the last is NULL. */
extern const actor_row_t *const cast_rows[];

/* An actor, and the last record that it applies. */
typedef struct cast_part {
    const actor_row_t *row;
    uint64_t until;
    int64_t before; /* and its time at most, µs since 1970; 0: any */
} cast_part_t;

typedef struct cast cast_t;

/* `count` parts, which are copied, to be given the journal of the folder `data`.  If that was cut
 * each begins at a snapshot (actors/snapshots.h): ERR_TOO_OLD when none will do.  ERR_STORAGE when
 * no temporary folder can be made, in $TMPDIR or /var/tmp. */
MUST_CHECK err_t cast_open(const char *data, const cast_part_t *parts, size_t count,
                           cast_t **ret_cast);

/* Ends the threads and deletes the folder. */
void cast_close(cast_t **cast_p);

/* Give a record to all who keep something of it; its bytes are copied. */
void cast_take(cast_t *cast, const record_t *record);

/* Wait until everybody has applied everything, and it is on disk; the first error that
 * anybody met.  Then the stages and stores are the caller's. */
MUST_CHECK err_t cast_rest(cast_t *cast);

stage_t *cast_stage(cast_t *cast, size_t part);
store_t *cast_store(cast_t *cast, size_t part);

/* What the part's thread took of a processor, in µs. */
int64_t cast_took_us(const cast_t *cast, size_t part);

#endif
