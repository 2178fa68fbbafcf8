/* verdicts.h - commands that wait for the verdict of a bot, and those that wait behind them.
 *
 *   add ──> open ── asked one bot after the other ──> closed ── first in its line? ──> gone
 *
 * A line is what one sender wants in one room, in the order in which it came.  Whoever is open
 * holds up the rest of its line, and nobody else.  All bounds are in schema/limits.def: JUDGED,
 * JUDGED_BYTES, JUDGED_SENDER. */
#ifndef BROKER_VERDICTS_H
#define BROKER_VERDICTS_H

#include "schema/envelope.h"
#include "schema/type.h"

typedef struct verdicts verdicts_t;

typedef struct plea {
    uint64_t ticket;
    buf_t call; /* the envelope */
    uint64_t sender;
    uint64_t room;
    uint64_t asked;             /* session of the bot that it waits for; 0: none yet */
    int64_t deadline;           /* µs, monotonic */
    ruling_t ruling;            /* so far; NONE: as it was sent */
    uint64_t bot;               /* account of the one that said so; 0: none did in time */
    buf_t words;                /* the text that takes its place, or the reason of the veto */
    bool closed;                /* it waits for nobody but those before it in its line */
    struct plea *behind;        /* the sender's next */
    struct plea *older, *newer; /* of those that are open */
} plea_t;

verdicts_t *verdicts_new(void);
void verdicts_destroy(verdicts_t **verdicts_p);

size_t verdicts_count(const verdicts_t *verdicts);

/* Whether something of this line waits. */
bool verdicts_hold(const verdicts_t *verdicts, uint64_t sender, uint64_t room);

/* The command waits from now on, open; deadlines come in order.  UNAVAILABLE, TOO_MANY. */
MUST_CHECK err_t verdicts_add(verdicts_t *verdicts, const call_t *call, uint64_t room,
                              int64_t deadline, plea_t **ret_plea);

/* One that is open; NULL. */
plea_t *verdicts_find(const verdicts_t *verdicts, uint64_t ticket);

/* The open one that came first; the first that waits for a bot.  NULL. */
plea_t *verdicts_oldest(const verdicts_t *verdicts);
plea_t *verdicts_oldest_of(const verdicts_t *verdicts, uint64_t bot);

/* What is said in its place, or why it may not be said. */
void verdicts_rule(plea_t *plea, ruling_t ruling, uint64_t bot, slice_t words);

/* It waits for no bot any more. */
void verdicts_close(verdicts_t *verdicts, plea_t *plea);

/* Take the first of a line, if it is closed; NULL.  It is the caller's. */
plea_t *verdicts_take(verdicts_t *verdicts, uint64_t sender, uint64_t room);
void plea_destroy(plea_t **plea_p);

#endif
