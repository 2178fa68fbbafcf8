/* gather.h - what of a data folder a backup has, whether or not a server runs on it.
 *
 *   files ──> journal ──> all else ──> files again
 *
 * A file that a record names was stored before the record, and goes only when nobody has it
 * any more.  So what the copied journal names lay there when the first look at the files began,
 * or was stored later and is there at the second.  All else follows the journal: the keys that
 * seal its records, and the snapshots behind which it was cut.
 *
 * The journal is copied as the files that one MANIFEST names (level_set.h), logs up to their
 * last whole write, so each segment is what it was at one moment after the start. */
#ifndef TOOLS_KITH_GATHER_H
#define TOOLS_KITH_GATHER_H

#include "actors/config.h"
#include "tools/kith/deposit.h"

typedef struct gather {
    const char *data;        /* folder */
    const char *config_file; /* NULL: not known */
    const config_t *config;  /* what it says */
    deposit_t *deposit;

    /* written by gather_all */
    uint64_t first; /* the oldest record */
    bool gone;      /* a segment or a snapshot went away meanwhile: begin all over again */

    /* of its own */
    buf_t bytes;     /* of a file */
    const char *top; /* the folder that is being walked, and what it is called in the backup */
    const char *name;
} gather_t;

/* Put all of it.  False after a sentence on stderr. */
bool gather_all(gather_t *gather);

#endif
