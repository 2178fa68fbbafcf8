/* hour.c - the clocks of the C library, in the place of its own. */
#include "tests/world/hour.h"

#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "tests/world/fibre.h"

static const int64_t s_second = 1000 * 1000;
static const int64_t s_birth = INT64_C(1790000000) * 1000 * 1000; /* on the wall, µs */

static int64_t s_passed; /* µs */
static int64_t s_shift;

int64_t hour_now(void)
{
    return s_passed;
}

int64_t hour_wall(void)
{
    return s_birth + s_passed + s_shift;
}

void hour_pass(int64_t us)
{
    s_passed += us;
}

void hour_shift(int64_t us)
{
    s_shift += us;
}

/* ---- the C library's ---- */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc has names of its own */
int clock_gettime(clockid_t clock, struct timespec *ret_now)
{
    int64_t now = clock == CLOCK_REALTIME ? hour_wall() : hour_now() + s_second;
    *ret_now = (struct timespec){now / s_second, now % s_second * 1000};
    return 0;
}

int gettimeofday(struct timeval *ret_now, void *zone)
{
    (void)zone;
    *ret_now = (struct timeval){hour_wall() / s_second, hour_wall() % s_second};
    return 0;
}

time_t time(time_t *ret_now)
{
    time_t now = hour_wall() / s_second;
    if (ret_now != NULL)
        *ret_now = now;
    return now;
}

int nanosleep(const struct timespec *pause, struct timespec *ret_left)
{
    (void)ret_left;
    fibre_wait(hour_now() + pause->tv_sec * s_second + pause->tv_nsec / 1000, NULL, NULL);
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
