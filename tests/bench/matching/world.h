/* world.h - people and what they think of each other, in a store of the matching actor.
 *
 * The actor's own stage applies what everybody says of themselves, and likes, dislikes and
 * blocks, as it does behind the bus; and answers questions. */
#ifndef TESTS_BENCH_MATCHING_WORLD_H
#define TESTS_BENCH_MATCHING_WORLD_H

#include "actors/stage.h"
#include "tests/bench/matching/towns.h"

enum { AVID = 20 }; /* accounts 1 to 20 like ten thousand people each, where there are so many */

typedef struct world {
    store_t *store;
    stage_t *stage;
    dice_t dice;
    arena_t *arena;
    buf_t bytes;
    uint64_t seq;
    uint64_t people;
} world_t;

extern const int64_t world_time; /* µs: of the questions */

/* On the store of a folder. */
void world_open(world_t *world, const char *folder, uint64_t people);
void world_close(world_t *world);

/* Everybody, so many likes, and some dislikes and blocks. */
void world_fill(world_t *world, uint64_t likes);

/* The answer, in the world's arena. */
const recommendation_list_t *world_ask(world_t *world, uint64_t account,
                                       const people_recommend_call_t *wish);

/* End the program unless all is well. */
void world_must(err_t err);

#endif
