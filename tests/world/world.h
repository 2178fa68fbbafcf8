/* world.h - one world, from its seed to its judgement. */
#ifndef TESTS_WORLD_WORLD_H
#define TESTS_WORLD_WORLD_H

#include <stdint.h>

/* Live through it, with its files in the folder `root`, which is made and removed.  Once in a
 * process: what dies in it is never given back. */
void world_run(uint64_t seed, const char *root);

#endif
