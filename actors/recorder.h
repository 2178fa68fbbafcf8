/* recorder.h - an actor's part of a recording: from the order to the file, and what to tell of it.
 *
 * DATA/recordings/NAME/ACTOR.tape, all of mode 0600 in folders of 0700.  A recording begins when
 * the broker says so, and ends when it says so, when it has as many bytes as it may have, when
 * the disk refuses, or with the stage. */
#ifndef ACTORS_RECORDER_H
#define ACTORS_RECORDER_H

#include "actors/stage.h"

enum { RECORDER_NAME_SIZE = LIMIT_RECORDING_NAME + 1 };

typedef struct recorder {
    tape_t *tape;   /* NULL: none is going on */
    stage_t *stage; /* whose it is */
    char name[RECORDER_NAME_SIZE];
    const char *reason; /* why the last one has ended */
    uint64_t bytes;
    uint64_t inputs;
    int64_t told_ms; /* when the broker was told last */
    bool news;
} recorder_t;

/* Whether a recording may be called so: letters, digits, `-`, `_` and `.`, not first. */
bool recorder_takes_name(slice_t name);

/* An order of the broker: record from here on, or stop. */
void recorder_heed(recorder_t *recorder, stage_t *stage, const actor_row_t *row, const char *data,
                   const bus_record_event_t *order);

/* The stage is about to go, or is to say no more. */
void recorder_end(recorder_t *recorder, const char *reason);

/* Somebody was redacted: end, and remove all that this actor ever recorded in that data folder. */
void recorder_forget(recorder_t *recorder, const actor_row_t *row, const char *data);

/* How it goes, now and then, and whenever that changes; false: there is nothing to tell. */
bool recorder_tell(recorder_t *recorder, const actor_row_t *row, int64_t now_ms,
                   recording_t *ret_part);

#endif
