/* towns.h - people as they live and are: in towns, the n-th largest of which is n times
 * smaller than the first, with ages, genders and interests.  The same in every run. */
#ifndef TESTS_BENCH_MATCHING_TOWNS_H
#define TESTS_BENCH_MATCHING_TOWNS_H

#include "schema/arena.h"
#include "schema/type.h"

/* Pseudo-random numbers. */
typedef struct dice {
    uint64_t state;
} dice_t;

uint64_t dice_below(dice_t *dice, uint64_t bound);

/* 0, 1, 2 … below a bound; the n-th one n times as seldom as the first. */
uint64_t dice_rank(dice_t *dice, uint64_t bound);

/* One of fifty says nothing of their place, and one lives far from all towns. */
bool towns_is_nowhere(uint64_t account);
bool towns_is_remote(uint64_t account);

/* A profile with all that others look at. */
profile_t towns_profile(dice_t *dice, uint64_t account, arena_t *arena);

/* A tag, frequent ones more often. */
slice_t towns_tag(dice_t *dice, arena_t *arena);
slice_t towns_rare_tag(dice_t *dice, arena_t *arena);

#endif
