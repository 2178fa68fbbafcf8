/* clock.h - the machine's clocks, and the time of day that Kith goes by.
 *
 * A machine's time of day can be set, by hand or by a service that finds it wrong.  If that were
 * believed at once, an hour more would end everybody's tickets, and a day more would make new
 * messages of what is sent again; an hour less would have all that waits wait for an hour.  So
 * what lasts a while is measured by a time that goes on: it nears the machine's by at most half
 * a second a second.  Whoever has set a clock right, and wants that to count at once, starts the
 * server anew.
 *
 * For those who are no actor's decide or apply. */
#ifndef ACTORS_CLOCK_H
#define ACTORS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds: CLOCK_REALTIME since 1970, CLOCK_MONOTONIC since some time, never back.  The first
 * is for what others hold against clocks of their own: logs, mails, webhooks. */
static inline int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The time of day, µs since 1970: the same in all threads, and at first the machine's. */
int64_t clock_time_us(void);

/* It was later already when what is on disk was written: go on from there. */
void clock_go_on_from(int64_t time);

#endif
