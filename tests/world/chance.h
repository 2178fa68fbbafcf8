/* chance.h - all that is random in a world: numbers that follow from its seed.
 *
 * libsodium draws from here, too, so keys, salts and names are the same in every run. */
#ifndef TESTS_WORLD_CHANCE_H
#define TESTS_WORLD_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

void chance_seed(uint64_t seed);

uint64_t chance(void);

/* 0 … bound - 1; and low … high. */
uint64_t chance_below(uint64_t bound);
uint64_t chance_between(uint64_t low, uint64_t high);

/* True once in so many times. */
bool chance_one_in(uint64_t times);

#endif
