/* players.h - people who wait for matches at a running server, over its bus, as an edge would have
 * them wait. */
#ifndef TESTS_BENCH_MATCHMAKER_PLAYERS_H
#define TESTS_BENCH_MATCHMAKER_PLAYERS_H

#include "actors/bus.h"
#include "schema/envelope.h"
#include "schema/type.h"
#include "tools/bench/latency.h"

typedef struct players {
    bus_t *bus;
    buf_t out;
    uint64_t *accounts; /* by place */
    uint64_t *places;   /* by account */
    uint64_t *since;    /* by place: when their ticket was sent, ns; 0: they have none */
    uint64_t *idle;     /* a ring of places */
    size_t count;
    size_t first_idle;
    size_t idle_count;
    uint64_t dice;

    /* Since players_measure. */
    uint64_t opened;  /* answered */
    uint64_t refused; /* the same */
    uint64_t matched; /* tickets whose room was told */
    uint64_t closed;  /* without a match */
    latency_t waits;  /* from sending to being told of the room */
} players_t;

/* Make so many accounts at the server, and have them online at this edge. */
void players_open(players_t *players, const char *endpoint, size_t count);
void players_close(players_t *players);

/* Of who is idle so many open a ticket; fewer if there are no more. */
void players_send(players_t *players, size_t count);

/* Take what has come, and wait for up to a millisecond if that is nothing. */
void players_hear(players_t *players);

/* Forget what was counted. */
void players_measure(players_t *players);

#endif
