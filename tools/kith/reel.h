/* reel.h - a recording on disk: its tapes, and for each an actor on a stage where it begins.
 *
 * The stages are made of the journal (cast.h), so a newer Kith whose rows are laid out in another
 * way can re-run it all the same. */
#ifndef TOOLS_KITH_REEL_H
#define TOOLS_KITH_REEL_H

#include "actors/rerun.h"
#include "tools/kith/cast.h"
#include "tools/kith/options.h"

enum { REEL_PARTS = 8 };

typedef struct reel_part {
    const actor_row_t *row;
    slice_t tape;
    const tape_begin_t *begin;
    rerun_t *rerun;
} reel_part_t;

typedef struct reel {
    reel_part_t parts[REEL_PARTS];
    size_t count;
    cast_t *cast;
    arena_t *arena;
    bool damaged; /* the journal */
} reel_t;

/* The recording of this name in the data folder; false after a sentence on stderr. */
MUST_CHECK bool reel_open(const options_t *options, const char *name, reel_t *reel);
void reel_close(reel_t *reel);

#endif
