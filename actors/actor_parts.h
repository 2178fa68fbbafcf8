/* actor_parts.h - an actor's thread, as its files share it: actor.c is its work, actor_pace.c when
 * there is any, actor_start.c its beginning and end. */
#ifndef ACTORS_ACTOR_PARTS_H
#define ACTORS_ACTOR_PARTS_H

#include <pthread.h>

#include "actors/actor.h"
#include "actors/bus.h"
#include "actors/pool.h"
#include "actors/recorder.h"
#include "actors/revive.h"
#include "actors/stage.h"

typedef enum state { STATE_HELLO, STATE_SUBSCRIBE, STATE_READ, STATE_WARM, STATE_LIVE } state_t;

struct actor {
    const actor_row_t *row;
    actor_options_t options;
    pthread_t thread;
    bus_t *stop; /* whoever stops it says so here … */

    /* the thread's own */
    bus_t *stopped; /* … and it hears it there */
    store_t *store;
    stage_t *stage;
    revive_t revive;     /* the journal, as the last welcome told */
    copying_t copying;   /* the projection, for a snapshot */
    recorder_t recorder; /* of the stage */
    bus_t *bus;
    pool_t *pool;
    state_t state;
    size_t unacknowledged; /* subscriptions */
    int64_t heard_ms;      /* when the broker last said anything; monotonic */
    int64_t pinged_ms;
    int64_t ticked_ms;
    int64_t stirred_ms; /* when something was last to be done */
    int64_t read_ms;    /* when the journal was last read to its head */
    bool caught_up;     /* at least once */
    bool unwritten;     /* the disk was full at the last flush */
    bool warming;       /* there is more to do than what waits */
    bool sifting;       /* somebody was redacted: all is made anew, at the end of this turn */
    arena_t *arena;     /* of the runtime's own replies */
    buf_t out;          /* what the bus did not take yet */
};

/* ---- actor.c ---- */

/* The thread: until the word on `stopped`. */
void *actor_run(void *ctx);

/* On the store as it is. */
void actor_make_stage(actor_t *actor);

/* ---- actor_pace.c; all times are monotonic ---- */

int64_t actor_now_ms(void);

/* Something came, or was done. */
void actor_stir(actor_t *actor);

/* When the timer's next input is due, the next sign of life, and the next look at the journal
 * from behind; INT64_MAX: never, as it stands. */
int64_t actor_tick_due(const actor_t *actor);
int64_t actor_ping_due(const actor_t *actor);
int64_t actor_poll_due(const actor_t *actor);

/* How long there is nothing to do unless something comes. */
int actor_rest_ms(const actor_t *actor);

#endif
