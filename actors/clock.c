/* clock.c - CLOCK_BOOTTIME, which nobody sets and which sleeping machines go on with, and how far the
 * time of day is ahead of it.
 *
 * Whoever asks brings that distance nearer to the machine's, by less than has passed since somebody
 * asked last: so it never goes back. */
#include "actors/clock.h"

#include <stdatomic.h>

enum {
    TURN_US = 2,              /* less cannot be halved */
    PASSED_MOST_US = 1000000, /* of a time in which nobody asked */
    SLOWLY = 2,               /* it is brought nearer by half of the time that has passed */
};

static _Atomic int64_t s_ahead;  /* µs; 0: nobody has asked yet */
static _Atomic int64_t s_turned; /* CLOCK_BOOTTIME of the last look */

static int64_t s_between(int64_t least, int64_t value, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static void s_turn(int64_t passed, int64_t ticks)
{
    int64_t ahead = atomic_load(&s_ahead), goal = clock_us(CLOCK_REALTIME) - ticks;
    int64_t step = s_between(0, passed, PASSED_MOST_US) / SLOWLY;
    atomic_store(&s_ahead, ahead == 0 ? goal : ahead + s_between(-step, goal - ahead, step));
}

int64_t clock_time_us(void)
{
    int64_t ticks = clock_us(CLOCK_BOOTTIME), before = atomic_load(&s_turned);
    if (ticks - before >= TURN_US && atomic_compare_exchange_strong(&s_turned, &before, ticks))
        s_turn(ticks - before, ticks);
    int64_t ahead = atomic_load(&s_ahead);
    return ahead != 0 ? ticks + ahead : clock_us(CLOCK_REALTIME);
}

void clock_go_on_from(int64_t time)
{
    int64_t now = clock_time_us();
    if (now < time)
        atomic_fetch_add(&s_ahead, time - now);
}
