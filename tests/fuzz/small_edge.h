/* small_edge.h - the connections of an edge, without network and threads: for fuzzing sessions.
 *
 * Clients, hall, gate, fan-out and desk are the real ones.  It takes the place of link.c and
 * edge_news.c: what is asked waits until the broker is told to take it, and what the broker says
 * until the edge is.  There is one at a time. */
#ifndef TESTS_FUZZ_SMALL_EDGE_H
#define TESTS_FUZZ_SMALL_EDGE_H

#include "tests/fuzz/small_broker.h"
#include "ws-edge/client_parts.h"

typedef struct small_edge {
    edge_t edge; /* first: the hall's ports get it */
    small_broker_t *broker;
    desk_t *desk;
    buf_t asked; /* calls that the broker has not taken */
    size_t taken;
    uint64_t head;
    bool away;                        /* the broker is silent */
    bool online[BROKER_ACCOUNTS + 1]; /* as the session actor was told */
} small_edge_t;

small_edge_t *small_edge_new(void);

/* All clients are gone. */
void small_edge_free(small_edge_t **edge_p);

/* The broker takes a call; the edge takes what comes next.  False: nothing is there. */
bool small_edge_ask(small_edge_t *edge);
bool small_edge_take(small_edge_t *edge);

/* What happens at the end of a turn; and once a second, `ahead_us` from now. */
void small_edge_turn(small_edge_t *edge);
void small_edge_sweep(small_edge_t *edge, uint64_t ahead_us);

/* The broker is silent, and whoever waits is refused; or it is back. */
void small_edge_switch(small_edge_t *edge);

#endif
