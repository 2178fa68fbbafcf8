/* clock.h - the machine's clocks, for those who are no actor's decide or apply. */
#ifndef ACTORS_CLOCK_H
#define ACTORS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds: CLOCK_REALTIME since 1970, CLOCK_MONOTONIC since some time, never back. */
static inline int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
