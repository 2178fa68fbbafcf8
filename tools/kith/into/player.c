/* player.c - deeds are added in the recording's order, when they are due; whoever is needed for one
 * is signed up before it. */
#include "tools/kith/into/player.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/kith/into/player_parts.h"

enum {
    ON_THE_WAY = 4096, /* deeds */
    ADDED_A_TURN = 32, /* when there is no time to keep to */
};

#define TURN_NS (100 * CLOCK_MS_NS)    /* longest wait: a signal is looked for in between */
#define HELD_TURN_NS (5 * CLOCK_MS_NS) /* while something was put off */

player_t *player_new(const play_plan_t *plan, atlas_t *atlas, tally_t *tally)
{
    player_t *player = mem_new(player_t);
    *player = (player_t){
        .plan = *plan,
        .atlas = atlas,
        .tally = tally,
        .order = order_new(ON_THE_WAY, plan->loose),
        .scratch = arena_new(),
        .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
        .lanes = mem_zeroed(plan->connections * sizeof(lane_t *)),
        .sockets = map_new(),
    };
    assert(player->epoll_fd >= 0);
    return player;
}

void player_destroy(player_t **player_p)
{
    player_t *player = TAKE(*player_p);
    if (player == NULL)
        return;
    player_close_lanes(player);
    mem_free(player->lanes);
    map_destroy(&player->sockets);
    order_destroy(&player->order);
    arena_destroy(&player->scratch);
    close(player->epoll_fd);
    mem_free(player);
}

uint64_t player_took_ns(const player_t *player)
{
    return player->begun_ns > 0 ? player->ended_ns - player->begun_ns : 0;
}

static bool s_stopped(const player_t *player)
{
    return *player->plan.stop != 0;
}

/* ---- turns ---- */

static void s_turn(player_t *player, uint64_t wait_ns)
{
    player_release_held(player);
    player_start_ready(player);
    player_listen(player, wait_ns < TURN_NS ? wait_ns : TURN_NS);
}

bool player_finish(player_t *player)
{
    while (order_count(player->order) > 0 && !s_stopped(player))
        s_turn(player, player->held != NULL ? HELD_TURN_NS : TURN_NS);
    return !s_stopped(player);
}

/* ---- adding ---- */

static bool s_await_room(player_t *player)
{
    while (!order_room(player->order) && !s_stopped(player))
        s_turn(player, player->held != NULL ? HELD_TURN_NS : TURN_NS);
    return !s_stopped(player);
}

static bool s_await_time(player_t *player, uint64_t due_ns)
{
    for (uint64_t now_ns; (now_ns = clock_ns()) < due_ns && !s_stopped(player);)
        s_turn(player, due_ns - now_ns);
    return !s_stopped(player);
}

/* Sign somebody up who is needed, if that has not been arranged. */
static bool s_need(player_t *player, uint64_t account, const deed_t *deed)
{
    char name[32];
    stand_in_t *stand_in = atlas_stand_in(player->atlas, account);
    if (account == 0 || stand_in->planned)
        return true;
    if (!s_await_room(player))
        return false;
    snprintf(name, sizeof name, "%" PRIu64, account); /* older than the journal */
    atlas_introduce(player->atlas, account, slice_of(name), slice_of(name), false);
    arena_t *arena = arena_new();
    const deed_t sign_up = {
        .call = CALL_account_register,
        .args = arena_new_of(arena, account_register_call_t),
        .doer = account,
        .record = deed->record,
        .time = deed->time,
    };
    stand_in->planned = true;
    order_add(player->order, &sign_up, &arena);
    arena_destroy(&arena);
    return true;
}

static const char *s_cannot(const player_t *player, const deed_t *deed)
{
    if (deed->doer == 0)
        return player->plan.target.key == NULL ? "that takes --key" : NULL;
    if (deed->call == CALL_account_register && player->plan.target.key != NULL)
        return NULL;
    return player->plan.tongue->cannot(deed);
}

/* The clock begins to run once the scene is set. */
static bool s_begin(player_t *player)
{
    if (player->begun_ns > 0)
        return true;
    bool set = player_finish(player);
    player->begun_ns = player->ended_ns = clock_ns();
    return set;
}

bool player_play(player_t *player, const deed_t *deed, arena_t **arena_p, bool scene)
{
    uint64_t due_ns = 0;
    const char *why = s_cannot(player, deed);
    if (why != NULL) {
        tally_unsaid(player->tally, call_type((uint16_t)deed->call)->name, why);
        return !s_stopped(player);
    }
    if (!scene && !s_begin(player))
        return false;
    if (!scene && !player->plan.tempo.at_once)
        due_ns = tempo_due(&player->plan.tempo, deed->time, clock_ns());
    if (!s_await_time(player, due_ns))
        return false;
    if (deed->call == CALL_account_register) {
        stand_in_t *stand_in = atlas_stand_in(player->atlas, deed->doer);
        if (stand_in->planned)
            return true;
        stand_in->planned = true;
    }
    if (!s_need(player, deed->doer, deed) || !s_need(player, deed->whom, deed) ||
        !s_await_room(player))
        return false;
    task_t *task = order_add(player->order, deed, arena_p);
    task->timed = !scene;
    task->due_ns = due_ns;
    if (due_ns > 0 || order_count(player->order) % ADDED_A_TURN == 0)
        s_turn(player, 0);
    return !s_stopped(player);
}
