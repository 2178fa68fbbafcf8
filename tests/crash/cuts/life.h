/* life.h - what a server's disk goes through, by the same code: journal, keys, retention, snapshots
 * and a projection, all that the scribe's thread and an actor's do with them, drawn from a seed.
 *
 * It remembers each record as it was appended, and with each promise how many deeds of the disk had
 * been done by then (disk.h). */
#ifndef TESTS_CRASH_CUTS_LIFE_H
#define TESTS_CRASH_CUTS_LIFE_H

#include "actors/actor.h"

enum {
    LIFE_CELLS = 40,
    CELL_KEY = 5
}; /* rows of the projection: cell n has the last record that is n by this */

extern const char life_canary[]; /* in each message, and nowhere else */
extern const actor_row_t
    life_actor; /* whose rows have their second format; a life begins with the first */

/* Behind so many deeds it was said that all this is on disk. */
typedef struct promise {
    size_t deeds;
    uint64_t head;     /* acknowledged up to here */
    uint64_t epoch;    /* and in this one */
    uint64_t redacted; /* the last record by which somebody was; 0: nobody was */
} promise_t;

/* A record as it was given to the journal. */
typedef struct told {
    slice_t bytes;
    uint64_t owner;    /* the account whose it is; 0: nobody's */
    uint64_t redacted; /* by this record; 0: never */
    uint64_t destroys; /* the account that this record redacts */
} told_t;

typedef struct life {
    uint64_t seed;
    buf_t words;  /* of all records */
    told_t *told; /* by sequence, from 1 */
    size_t count, size;
    promise_t *promises;
    size_t promise_count, promise_size;
    size_t
        upgrade; /* so many deeds had been done when the rows were brought to their second format … */
    size_t upgraded;   /* … and then */
    const char *fault; /* what went wrong while it was lived; NULL: nothing */
} life_t;

/* Live so many steps in the folder `data`, which is there and empty. */
life_t *life_live(const char *data, uint64_t seed, unsigned steps, bool unsynced);
void life_destroy(life_t **life_p);

/* The last promise that was given before a cut. */
promise_t life_promised(const life_t *life, size_t deeds);

/* A record of a message, or of a redaction; appended to `out`. */
void life_put_message(buf_t *out, uint64_t seq, uint64_t epoch, uint64_t sender, size_t letters);

/* The row of a record in the projection, and how long segments are. */
slice_t life_cell(uint64_t seq, uint8_t key[CELL_KEY]);
uint64_t life_segment_bytes(void);

/* The next number that follows from the seed. */
uint64_t life_draw(uint64_t *seed);

#endif
