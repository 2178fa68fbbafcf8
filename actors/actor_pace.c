/* actor_pace.c - when an actor has something to do though nothing comes.
 *
 * A machine on which nothing happens is to sleep.  An actor to which nothing came for QUIET_MS ticks
 * once a second, unless its row is awake; from behind it reads again once the broker's head has moved.
 * Everybody says at the same moments that they are there, so that the broker wakes once for all. */
#include "actors/actor_parts.h"
#include "actors/clock.h"

enum {
    WAIT_MS = 100, /* for more, before what is settled goes to disk */
    PING_MS = 500,
    TICK_MS = 1000,
    QUIET_MS = 3000,
    POLL_MS = 200, /* between two looks at the journal from behind */
};

int64_t actor_now_ms(void)
{
    return clock_us(CLOCK_MONOTONIC) / 1000;
}

void actor_stir(actor_t *actor)
{
    actor->stirred_ms = actor_now_ms();
}

static bool s_is_quiet(const actor_t *actor)
{
    return actor_now_ms() - actor->stirred_ms > QUIET_MS && !stage_awake(actor->stage);
}

int64_t actor_tick_due(const actor_t *actor)
{
    bool swift = actor->row->tick_ms > 0 && !s_is_quiet(actor);
    if (actor->state != STATE_LIVE)
        return INT64_MAX;
    return actor->ticked_ms + (swift ? actor->row->tick_ms : TICK_MS);
}

/* The same moments for all. */
int64_t actor_ping_due(const actor_t *actor)
{
    return (actor->pinged_ms / PING_MS + 1) * PING_MS;
}

int64_t actor_poll_due(const actor_t *actor)
{
    bool polls = actor->row->behind && actor->state == STATE_LIVE && !s_is_quiet(actor);
    return polls ? actor->read_ms + POLL_MS : INT64_MAX;
}

static int64_t s_sooner(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

int actor_rest_ms(const actor_t *actor)
{
    int64_t now_ms = actor_now_ms();
    int64_t due = s_sooner(actor_ping_due(actor), actor_tick_due(actor));
    if (actor->warming)
        return 0;
    due = s_sooner(due, actor_poll_due(actor));
    if (store_waiting(actor->store) > 0 || actor->out.len > 0)
        due = s_sooner(due, now_ms + WAIT_MS);
    return due > now_ms ? (int)(due - now_ms) : 0;
}
