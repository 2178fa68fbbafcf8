/* world.h - the tapes of a recording side by side: which input led to which record, and what
 * becomes of the others without one of them.
 *
 * A lane is an actor's tape; a moment is an input on it; a birth is an event that an input led to.
 * Lanes go on one moment at a time, the one that is furthest behind first, and no moment comes
 * before the births that it hears of.  Events that there were then keep their sequences; others
 * stand between those of then: a sequence of then is WORLD_STEP times as large here. */
#ifndef TOOLS_KITH_WORLD_H
#define TOOLS_KITH_WORLD_H

#include "tools/kith/reel.h"

static const uint64_t WORLD_STEP = 1 << 20;

typedef struct birth {
    uint64_t seq; /* then; 0: it was never committed */
    size_t lane;
    size_t moment;
    slice_t then;
    buf_t now;
    bool passed; /* its moment is over: without a `now` it is gone */
} birth_t;

typedef struct moment {
    tape_entry_t entry;
    uint64_t seq;  /* of the record that it hears of; 0: of none */
    uint64_t next; /* the first such sequence from here on */
    birth_t *births;
    size_t birth_count;
} moment_t;

typedef struct lane {
    const reel_part_t *part;
    moment_t *moments;
    size_t count;
    size_t at;      /* the next moment */
    uint64_t heard; /* the last sequence */
    size_t strays;  /* new events that it has heard of */
} lane_t;

/* What became of a moment. */
typedef enum fate_kind {
    FATE_SAME,
    FATE_OTHER,    /* something else came of it */
    FATE_LEFT_OUT, /* the moment that is left out */
    FATE_GONE,     /* what it heard of did not happen */
    FATE_NEW,      /* it hears of an event that there was not */
} fate_kind_t;

typedef void world_eye_fn(void *ctx, const lane_t *lane, const moment_t *moment, fate_kind_t fate,
                          const rerun_step_t *step);

typedef struct world world_t;

/* Look through all tapes.  ERR_CORRUPT: one of them makes no sense. */
MUST_CHECK err_t world_new(reel_t *reel, world_t **ret_world);
void world_destroy(world_t **world_p);

/* The moment that led to the record; NULL: none on these tapes did. */
const birth_t *world_find(const world_t *world, uint64_t seq);

/* Let it all happen again without that moment. */
MUST_CHECK err_t world_run(world_t *world, const birth_t *without, world_eye_fn *eye, void *ctx);

#endif
