/* order.h - which deed comes before which, and which can be done now.
 *
 * Everything that somebody does is done in its recorded order, and so is everything in a room,
 * and what is done to somebody; the rest goes side by side.  When it is loose, what is said in
 * a room by several people is not ordered among itself, but for what answers something.
 *
 *   added ── all before it are done ──> ready ── taken ──> under way ── done
 *
 * At most `size` deeds are on the way; more must wait until order_room.  No clock, no network. */
#ifndef TOOLS_KITH_INTO_ORDER_H
#define TOOLS_KITH_INTO_ORDER_H

#include "schema/arena.h"
#include "tools/kith/into/deed.h"

/* A deed on its way. */
typedef struct task {
    deed_t deed;
    arena_t *arena;      /* of the deed */
    uint64_t number;     /* 1, 2, 3 … as they were added; 0: the place is free */
    unsigned waits;      /* for so many others */
    struct task **after; /* who wait for this one */
    size_t after_count;
    size_t after_size;
    struct task *next; /* of those that are ready */

    /* the player's */
    const void *args;     /* of the target; NULL: not made yet */
    call_number_t saying; /* the deed's call, or what it needs first */
    unsigned step;        /* of that */
    unsigned tries;       /* how often it was put off, or its connection was lost */
    bool lost;            /* the latter: it may have been done */
    bool timed;           /* it counts in the result */
    bool begun;           /* how late it was is counted */
    bool signed_anew;     /* its person's session had ended, and they are back */
    uint64_t due_ns;      /* 0: at once */
    uint64_t start_ns;    /* of this try */
    uint64_t hold_ns;     /* not to be tried before */
} task_t;

typedef struct order order_t;

order_t *order_new(size_t size, bool loose);
void order_destroy(order_t **order_p);

/* Whether another one can be added. */
bool order_room(const order_t *order);

/* Add a deed, with the arena that it lies in; the caller gets another one, empty. */
task_t *order_add(order_t *order, const deed_t *deed, arena_t **arena_p);

/* The next that can be done, oldest first; NULL: none for now.  It is the caller's until
 * order_done, or until it is put back as the next. */
task_t *order_next(order_t *order);
void order_put_back(order_t *order, task_t *task);
void order_done(order_t *order, task_t *task);

/* How many are on the way. */
size_t order_count(const order_t *order);

#endif
