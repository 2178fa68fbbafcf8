/* world.c - the order of things: whoever is ready goes on, and when nobody is, time passes.
 *
 *   life ── mischief ends ──> settling ──> quiet ──> looking around ──> the end ──> judgement */
#include "tests/world/world.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/mem.h"
#include "tests/world/chance.h"
#include "tests/world/crew.h"
#include "tests/world/disk.h"
#include "tests/world/edge.h"
#include "tests/world/fibre.h"
#include "tests/world/hour.h"
#include "tests/world/judge.h"
#include "tests/world/ledger.h"
#include "tests/world/mischief.h"
#include "tests/world/net.h"
#include "tests/world/people.h"
#include "tests/world/story.h"

enum { JUDGE_PROCESS = 100 };

static const int64_t s_second = 1000 * 1000;
static const int64_t s_settling = 120 * 1000 * 1000; /* µs, at most */
static const int64_t s_quiet = 13 * 1000 * 1000;     /* by then whoever is silent is forgotten */

static int64_t s_sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void s_step_edges(void)
{
    for (size_t i = 0; i < people_edges(); i++)
        edge_step(people_edge(i));
}

static int64_t s_next(void)
{
    int64_t next =
        s_sooner(s_sooner(fibre_next(), net_next()), s_sooner(crew_next(), people_next()));
    for (size_t i = 0; i < people_edges(); i++)
        next = s_sooner(next, edge_next(people_edge(i)));
    return s_sooner(next, mischief_next());
}

static void s_step(void)
{
    int died;
    mischief_step();
    crew_step();
    people_step();
    s_step_edges();
    if (!fibre_step(&died)) {
        int64_t next = s_next();
        assert(next < INT64_MAX);
        hour_pass(next > hour_now() ? next - hour_now() : 1);
    } else if (died != NO_PROCESS) {
        mischief_died(died);
    }
}

typedef bool done_fn(void);

/* False: it did not come to that in time. */
static bool s_live(int64_t us, done_fn *done)
{
    int64_t until = hour_now() + us;
    while (hour_now() < until && !(done != NULL && done()))
        s_step();
    return done == NULL || done();
}

/* ---- the judgement ---- */

static bool s_judged;

static void *s_judge(void *ctx)
{
    (void)ctx;
    judge(crew_folder());
    s_judged = true;
    return NULL;
}

static bool s_is_judged(void)
{
    return s_judged;
}

/* ---- a life ---- */

static bool s_is_settled(void)
{
    for (int process = 0; process < crew_count(); process++)
        if (!crew_is_up(process))
            return false;
    return people_are_settled();
}

static void s_begin(void)
{
    const net_options_t net = {
        .delay_us = (int64_t)(chance_one_in(3) ? chance_between(1000, 30000) : 500),
        .queue_max = chance_one_in(4) ? chance_between(2, 32) : 4096,
    };
    const crew_options_t crew = {
        .apart = !chance_one_in(3),
        .segment_bytes = chance_one_in(2) ? chance_between(2, 64) * 1024 : 0,
    };
    const people_options_t people = {
        .count = chance_between(2, 8),
        .edges = chance_between(1, 3),
        .pause_us = (int64_t)chance_between(50, 1500) * 1000,
    };
    net_set(&net);
    crew_begin(&crew);
    people_begin(&people);
    mischief_begin();
}

/* False: there is nothing to judge. */
static bool s_end_lives(void)
{
    mischief_end();
    people_rest();
    if (!s_live(s_settling, s_is_settled)) {
        story_violation("two minutes later not everything is well again");
        return false;
    }
    s_live(s_quiet, NULL);
    people_look_around();
    if (!s_live(s_settling, people_have_looked))
        story_violation("nobody says who is here");
    ledger_end_listeners();
    do
        crew_stop();
    while (!s_live(s_second, crew_has_stopped));
    return true;
}

void world_run(uint64_t seed, const char *root)
{
    chance_seed(seed);
    disk_begin(root);
    err_t err = crypto_start();
    assert(err == ERR_OK);
    s_begin();
    s_live((int64_t)chance_between(5, 20) * s_second, NULL);
    if (s_end_lives()) {
        fibre_start(JUDGE_PROCESS, s_judge, NULL);
        s_live(s_settling, s_is_judged);
    }
    disk_end();
}
