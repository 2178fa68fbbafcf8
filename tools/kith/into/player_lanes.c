/* player_lanes.c - connections: opened when they are needed, up to the plan's number; beyond
 * that whoever has been idle longest makes room. */
#include <stdio.h>
#include <sys/epoll.h>

#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/kith/into/player_parts.h"

enum {
    EVENTS_A_TURN = 64,
    ANSWER_SECONDS = 60, /* longest wait for an answer */
};

static void s_watch(const player_t *player, lane_t *lane, int action)
{
    struct epoll_event event = {
        .events = EPOLLIN | (lane->blocked ? (uint32_t)EPOLLOUT : 0),
        .data.ptr = lane,
    };
    (void)epoll_ctl(player->epoll_fd, action, dial_fd(lane->dial), &event);
}

/* ---- opening and closing ---- */

static void s_leave(player_t *player, lane_t *lane)
{
    if (lane->state != LANE_GONE || lane->used_ns == UINT64_MAX)
        return;
    lane->used_ns = UINT64_MAX; /* it is counted once */
    player->gone += 1;
    if (lane->owner != NULL)
        (void)map_remove(player->sockets, ((stand_in_t *)lane->owner)->original);
}

static void s_end(player_t *player, lane_t *lane)
{
    lane->state = LANE_GONE;
    s_leave(player, lane);
}

/* Free those that are gone; nothing points at them from here on. */
static void s_sweep(player_t *player)
{
    size_t kept = 0;
    for (size_t i = 0; i < player->lane_count && player->gone > 0; i++) {
        lane_t *lane = player->lanes[i];
        task_t *task = lane->state == LANE_GONE ? lane->task : NULL;
        if (lane->state == LANE_GONE)
            lane_close(&player->lanes[i]);
        else
            continue;
        if (task != NULL)
            player_lost(player, task, "the connection was lost", true);
    }
    for (size_t i = 0; i < player->lane_count && player->gone > 0; i++)
        if (player->lanes[i] != NULL)
            player->lanes[kept++] = player->lanes[i];
    if (player->gone > 0)
        player->lane_count = kept;
    player->gone = 0;
}

void player_hang_up(player_t *player, const stand_in_t *owner)
{
    lane_t *lane = map_get(player->sockets, owner->original);
    if (lane != NULL && lane->task == NULL)
        s_end(player, lane);
}

void player_close_lanes(player_t *player)
{
    for (size_t i = 0; i < player->lane_count; i++)
        lane_close(&player->lanes[i]);
    player->lane_count = 0;
}

static lane_t *s_open(player_t *player, lane_kind_t kind, stand_in_t *owner, const char **ret_why)
{
    buf_t upgrade = {0};
    const play_plan_t *plan = &player->plan;
    if (kind == LANE_SOCKET)
        plan->tongue->upgrade(&plan->target, owner, &upgrade);
    lane_t *lane = lane_open(plan->target.url, kind, buf_slice(&upgrade), ret_why);
    buf_free(&upgrade);
    if (lane == NULL)
        return NULL;
    lane->owner = kind == LANE_SOCKET ? owner : NULL;
    if (lane->owner != NULL)
        map_put(player->sockets, owner->original, lane);
    player->lanes[player->lane_count++] = lane;
    s_watch(player, lane, EPOLL_CTL_ADD);
    return lane;
}

/* ---- finding ---- */

static lane_t *s_idle_http(const player_t *player)
{
    for (size_t i = 0; i < player->lane_count; i++) {
        lane_t *lane = player->lanes[i];
        if (lane->kind == LANE_HTTP && lane->task == NULL && lane->state == LANE_OPEN)
            return lane;
    }
    return NULL;
}

static lane_t *s_idle_longest(const player_t *player)
{
    lane_t *oldest = NULL;
    for (size_t i = 0; i < player->lane_count; i++) {
        lane_t *lane = player->lanes[i];
        if (lane->task == NULL && lane->state != LANE_GONE &&
            (oldest == NULL || lane->used_ns < oldest->used_ns))
            oldest = lane;
    }
    return oldest;
}

static bool s_make_room(player_t *player)
{
    if (player->lane_count < player->plan.connections)
        return true;
    lane_t *lane = s_idle_longest(player);
    if (lane != NULL)
        s_end(player, lane);
    if (player->gone > 0)
        s_sweep(player);
    return player->lane_count < player->plan.connections;
}

lane_t *player_lane(player_t *player, lane_kind_t kind, stand_in_t *owner, const char **ret_why)
{
    lane_t *lane =
        kind == LANE_HTTP ? s_idle_http(player) : map_get(player->sockets, owner->original);
    if (lane != NULL)
        return lane->task == NULL ? lane : NULL;
    return s_make_room(player) ? s_open(player, kind, owner, ret_why) : NULL;
}

/* ---- the turn ---- */

static void s_flush(player_t *player, lane_t *lane)
{
    bool blocked = lane->blocked;
    if (lane->sent == lane->out.len || lane->state == LANE_GONE)
        return;
    (void)lane_flush(lane);
    s_leave(player, lane);
    if (lane->state != LANE_GONE && lane->blocked != blocked)
        s_watch(player, lane, EPOLL_CTL_MOD);
}

static void s_flush_all(player_t *player)
{
    for (size_t i = 0; i < player->lane_count; i++)
        s_flush(player, player->lanes[i]);
}

static void s_hear(player_t *player, lane_t *lane, uint32_t events)
{
    if (lane->state == LANE_GONE)
        return;
    if (events & EPOLLOUT && lane->blocked) {
        (void)lane_flush(lane);
        s_watch(player, lane, EPOLL_CTL_MOD);
    }
    if (events & ~(uint32_t)EPOLLOUT)
        (void)lane_hear(lane, player_ear, player);
    s_leave(player, lane);
}

/* Once a second: who has waited for an answer for too long waits no more. */
static void s_look_for_silence(player_t *player, uint64_t now_ns)
{
    if (now_ns - player->looked_ns < CLOCK_SECOND_NS)
        return;
    player->looked_ns = now_ns;
    for (size_t i = 0; i < player->lane_count; i++) {
        task_t *task = player->lanes[i]->task;
        if (task == NULL || now_ns - task->start_ns < ANSWER_SECONDS * CLOCK_SECOND_NS)
            continue;
        player->lanes[i]->task = NULL;
        s_end(player, player->lanes[i]);
        player_lost(player, task, "no answer", false);
    }
}

void player_listen(player_t *player, uint64_t wait_ns)
{
    struct epoll_event events[EVENTS_A_TURN];
    const struct timespec wait = {
        .tv_sec = (time_t)(wait_ns / CLOCK_SECOND_NS),
        .tv_nsec = (long)(wait_ns % CLOCK_SECOND_NS),
    };
    s_flush_all(player);
    int count = epoll_pwait2(player->epoll_fd, events, EVENTS_A_TURN, &wait, NULL);
    for (int i = 0; i < count; i++)
        s_hear(player, events[i].data.ptr, events[i].events);
    s_look_for_silence(player, clock_ns());
    if (player->gone > 0)
        s_sweep(player);
}
