/* waiter.h - a ticket that is open, in memory, as it is held against others.
 *
 * Whether one accepts another follows from the two tickets and the time alone, and as time goes
 * on a ticket accepts more and never less: bounds move apart and conditions are dropped, both at
 * whole seconds since it was opened.  So two have to be held against each other when the later
 * of them comes, and then whenever either accepts more.
 *
 * Words are compared by 64 bits of FNV-1a: who makes two of them meet on purpose gets what
 * writing the same word would have got them.  Distances are reckoned in floating point, as
 * recommendations do (trial.h). */
#ifndef ACTORS_MATCHING_WAITER_H
#define ACTORS_MATCHING_WAITER_H

#include "actors/matching/trial.h"

typedef struct waiter waiter_t;

typedef struct asset {
    uint64_t name;
    uint64_t text; /* 0: a number */
    int64_t number;
} asset_t;

typedef struct demand {
    uint64_t name;
    uint64_t text; /* 0: a number between … */
    int64_t min;
    int64_t max;
    uint64_t widen;      /* a second */
    uint64_t widest;     /* in all */
    uint64_t drop_after; /* seconds; 0: never */
} demand_t;

/* What it asks of profiles. */
typedef struct taste {
    trial_t trial; /* without the distance */
    uint32_t km;   /* 0: any */
    uint32_t km_widen;
    uint32_t km_widest;
} taste_t;

struct waiter {
    uint64_t ticket;
    uint64_t account;
    uint64_t queue; /* its name's word */
    uint32_t min;
    uint32_t max;
    uint32_t patience; /* seconds */
    bool stay;
    int64_t opened; /* µs */
    int64_t expires;
    candidate_t person; /* its own */
    taste_t *taste;     /* NULL: it asks nothing of profiles */
    asset_t *assets;
    demand_t *demands;
    uint32_t asset_count;
    uint32_t demand_count;

    /* For whoever holds it, lobby.h. */
    waiter_t *older; /* in its queue's line */
    waiter_t *newer;
    bool aside;   /* it stands in no line, and is no candidate */
    int64_t due;  /* when its turn comes */
    size_t place; /* in the heap of those */
};

/* Its fields keep the bounds of the tables. */
waiter_t *waiter_new(const match_ticket_t *ticket);
void waiter_destroy(waiter_t **waiter_p);

uint64_t waiter_word(slice_t text);

/* Whether each accepts the other at this time. */
bool waiters_accept(const waiter_t *one, const waiter_t *other, int64_t now);

/* Whether a match of so many people will do. */
bool waiter_takes_size(const waiter_t *waiter, uint32_t size, int64_t now);

/* The fewest that will do. */
uint32_t waiter_least(const waiter_t *waiter, int64_t now);

/* When it next accepts more than now, or expires. */
int64_t waiter_next(const waiter_t *waiter, int64_t now);

#endif
