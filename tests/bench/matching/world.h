/* world.h - people and what they think of each other, in a store of the matching actor.
 *
 * The actor's own stage applies what everybody says of themselves, and likes, dislikes and
 * blocks, as it does behind the bus; and answers questions. */
#ifndef TESTS_BENCH_MATCHING_WORLD_H
#define TESTS_BENCH_MATCHING_WORLD_H

#include <stdio.h>

#include "actors/stage.h"
#include "broker/journal.h"
#include "tests/bench/matching/towns.h"

enum { AVID = 20 }; /* accounts 1 to 20 like ten thousand people each, where there are so many */

typedef struct world {
    store_t *store;
    stage_t *stage;
    journal_t *journal; /* instead of both, where a server is to apply it */
    buf_t batch;        /* records that are not in it yet */
    dice_t dice;
    arena_t *arena;
    buf_t bytes;
    uint64_t seq;
    uint64_t people;
} world_t;

extern const int64_t world_time; /* µs: of the questions */

/* On the store of a folder. */
void world_open(world_t *world, const char *folder, uint64_t people);
/* The same to be filled only, as a journal in a server's data folder. */
void world_open_journal(world_t *world, const char *folder, uint64_t people);
void world_close(world_t *world);

/* Everybody, so many likes, and some dislikes and blocks. */
void world_fill(world_t *world, uint64_t likes);

/* Somebody's words, for who signs up at the server: an object of JSON. */
void world_put_profile(world_t *world, FILE *file);

/* The answer, in the world's arena. */
const recommendation_list_t *world_ask(world_t *world, uint64_t account,
                                       const people_recommend_call_t *wish);

/* End the program unless all is well. */
void world_must(err_t err);

#endif
