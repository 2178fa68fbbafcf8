/* hour.h - what time it is in the world: nothing passes but by hour_pass. */
#ifndef TESTS_WORLD_HOUR_H
#define TESTS_WORLD_HOUR_H

#include <stdint.h>

/* µs since the world began, never back; and what the clock on the wall shows, since 1970. */
int64_t hour_now(void);
int64_t hour_wall(void);

void hour_pass(int64_t us);

/* Somebody sets the clock on the wall. */
void hour_shift(int64_t us);

#endif
