/* staging.h - an actor for unit tests: a stage on a store of its own, and around it a
 * journal that commits when it is told to, and a pool that hashes in no time.
 *
 * A test sends calls, lets the pool work, commits, and looks at what came out.  All
 * that was committed can be applied to a fresh store, to compare. */
#ifndef TESTS_UNIT_ACTORS_STAGING_H
#define TESTS_UNIT_ACTORS_STAGING_H

#include "actors/stage.h"
#include "tests/unit/scratch.h"

enum { STAGING_OUTCOMES = 16, STAGING_TOLD = 256 };

/* What came of a call; lives until the next commit. */
typedef struct outcome {
    err_t status;
    bool rests;
    slice_t detail;     /* of a refusal */
    const void *answer; /* of the call's answer shape */
} outcome_t;

/* An event that came with a decision; lives until the next commit. */
typedef struct told {
    record_t record;
    const void *body;
} told_t;

typedef struct staging {
    const actor_row_t *row;
    char folder[SCRATCH_PATH_SIZE];
    store_t *store;
    stage_t *stage;
    tape_t *tape;   /* of all that went in since the stage began */
    arena_t *arena; /* of outcomes and told */
    buf_t journal;  /* every committed record */
    uint64_t seq;
    uint64_t epoch;

    /* Who asks, and when; for the test to change. */
    uint64_t origin;
    uint64_t principal;
    uint64_t session;
    int64_t now; /* µs */
    uint8_t rand[RAND_SIZE];
    const verdict_t *verdict; /* that bots have said of it; NULL: none has */

    /* Of the last commit, in the order in which they came. */
    outcome_t outcomes[STAGING_OUTCOMES];
    size_t outcome_count;
    told_t told[STAGING_TOLD];
    size_t told_count;
} staging_t;

staging_t *staging_new(const actor_row_t *row);
void staging_destroy(staging_t **staging_p);

/* Hand a call to the actor, from whoever asks at present. */
void staging_send(staging_t *staging, call_number_t call, const void *body);

/* Another actor's event is committed and comes in. */
void staging_tell(staging_t *staging, event_number_t event, uint64_t account, const void *body);

/* Do the work that is ordered now; false if there was none. */
bool staging_work(staging_t *staging);

/* Read what came out; number and commit the events in it. */
void staging_commit(staging_t *staging);

/* All of it for one call; its outcome. */
const outcome_t *staging_ask(staging_t *staging, call_number_t call, const void *body);

/* A second passes: the actor's timer, and what comes of it. */
void staging_tick(staging_t *staging);

/* The journal is reopened: what is sent and not committed is lost. */
void staging_lose(staging_t *staging);

/* The thread ends and starts again on the same store; or it dies with what it had not put
 * on disk, and what it had not given to the broker. */
void staging_restart(staging_t *staging);
void staging_crash(staging_t *staging);

/* How many committed rows have keys that begin with this letter. */
size_t staging_rows(staging_t *staging, char table);

/* Another one with a fresh store that has applied the same journal. */
staging_t *staging_replayed(const staging_t *staging);

/* Whether a fresh store becomes the same by applying the journal. */
bool staging_replays(staging_t *staging);

/* Whether another stage that is given the tape decides the same. */
bool staging_reruns(staging_t *staging);
bool staging_reruns_of(staging_t *staging, slice_t tape);

/* cmocka's teardown of a test whose state is a staging: that has to replay, and to re-run. */
int staging_end(void **state);

/* The verifier that the pool makes of a password; in the staging's arena. */
slice_t staging_verifier(staging_t *staging, slice_t password);

#endif
