/* mischief.c - a list of things that can go wrong, of which one is drawn now and then. */
#include "tests/world/mischief.h"

#include <errno.h>
#include <stdbool.h>

#include "schema/mem.h"
#include "tests/world/chance.h"
#include "tests/world/crew.h"
#include "tests/world/disk.h"
#include "tests/world/hour.h"
#include "tests/world/net.h"
#include "tests/world/people.h"
#include "tests/world/story.h"

enum { PAUSE_US = 2500 * 1000, DOOM_CALLS = 80, TROUBLE_US = 2 * 1000 * 1000 };

static const int64_t s_second = 1000 * 1000;
static const int64_t s_hour = INT64_C(3600) * 1000 * 1000;

static uint64_t s_kinds; /* a bit each */
static int64_t s_due;
static bool s_cut_with_it; /* the power fails when the doomed process dies */

static int s_process(void)
{
    return (int)chance_below((uint64_t)crew_count());
}

static void s_kill(void)
{
    crew_kill(s_process());
}

static void s_kill_all(void)
{
    for (int process = 0; process < crew_count(); process++)
        crew_kill(process);
}

static void s_cut_power(void)
{
    crew_cut_power();
}

static void s_doom(void)
{
    s_cut_with_it = chance_one_in(2);
    disk_doom(s_process(), (unsigned)chance_between(1, DOOM_CALLS));
}

static void s_trouble(int error)
{
    int64_t until = hour_now() + (int64_t)chance_between(1, TROUBLE_US);
    unsigned one_in = chance_one_in(2) ? 1 : (unsigned)chance_between(2, 20);
    story("disk    one call in %u fails for %lld ms", one_in,
          (long long)(until - hour_now()) / 1000);
    disk_trouble(error, one_in, until);
}

static void s_fail(void)
{
    s_trouble(EIO);
}

static void s_fill(void)
{
    s_trouble(ENOSPC);
}

static void s_break(void)
{
    bus_t *peer = net_any_peer();
    story("net     a link breaks");
    if (peer != NULL)
        net_break(peer);
}

static void s_stall(void)
{
    bus_t *peer = net_any_peer();
    int64_t us = (int64_t)chance_between(1, chance_one_in(5) ? 13 * s_second : 3 * s_second);
    story("net     a link stalls for %lld ms", (long long)us / 1000);
    if (peer != NULL)
        net_stall(peer, us);
}

static void s_end_edge(void)
{
    edge_restart(people_edge(chance_below(people_edges())));
}

/* All jumps together stay within a day: for longer no retry is promised to be known. */
static void s_set_clock(void)
{
    static int64_t shift;
    int64_t by = chance_one_in(2) ? s_hour : 10 * s_hour;
    if (chance_one_in(2))
        by = -by;
    if (shift + by > 11 * s_hour || shift + by < -11 * s_hour)
        return;
    shift += by;
    story("clock   set by %lld s", (long long)(by / s_second));
    hour_shift(by);
}

typedef void mischief_fn(void);

static mischief_fn *const s_list[] = {
    s_kill, s_kill_all, s_cut_power, s_doom,     s_doom,      s_fail,
    s_fill, s_break,    s_stall,     s_end_edge, s_set_clock,
};

void mischief_begin(void)
{
    s_kinds = chance_below(UINT64_C(1) << COUNT_OF(s_list));
    s_due = (int64_t)chance_between(1, PAUSE_US);
}

void mischief_step(void)
{
    if (hour_now() < s_due)
        return;
    size_t kind = chance_below(COUNT_OF(s_list));
    s_due = hour_now() + (int64_t)chance_between(1, PAUSE_US);
    if (s_kinds >> kind & 1)
        s_list[kind]();
}

int64_t mischief_next(void)
{
    return s_due;
}

void mischief_end(void)
{
    s_due = INT64_MAX;
    disk_trouble(0, 0, 0);
    disk_doom(0, 0);
    net_heal();
}

void mischief_died(int process)
{
    bool cut = s_cut_with_it;
    s_cut_with_it = false;
    crew_kill(process);
    if (cut)
        crew_cut_power();
}
