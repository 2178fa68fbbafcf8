/* player.c - a deed on its way:
 *
 *   ready ── its person has no session ──> signs in ──┐
 *     │  ^                                             v
 *     │  └── put off, its connection lost ────────── said, step by step ──> done, refused
 *     └── about what is not on the target ──> not said
 *
 * A sign-up is followed by a sign-in where the dialect gives no session for it. */
#include "tools/kith/into/player.h"

#include <assert.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "actors/clock.h"
#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/kith/into/player_parts.h"

enum {
    ON_THE_WAY = 4096, /* deeds */
    TRIES_MAX = 200,   /* puttings-off of one deed */
    LOST_MAX = 5,      /* lost connections of one deed */
    ADDED_A_TURN = 32, /* when there is no time to keep to */
};

#define WAIT_FIRST_NS (50 * CLOCK_MS_NS)
#define WAIT_LONGEST_NS (10 * CLOCK_SECOND_NS)
#define TURN_NS (100 * CLOCK_MS_NS) /* longest wait: a signal is looked for in between */

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

/* ---- what is said ---- */

static stand_in_t *s_doer(const player_t *player, const task_t *task)
{
    return task->deed.doer != 0 ? atlas_stand_in(player->atlas, task->deed.doer) : NULL;
}

/* Staff makes accounts and lets people in, if there is a key for it. */
static bool s_is_staff(const player_t *player, const task_t *task)
{
    bool native = player->plan.tongue == &tongue_native || player->plan.tongue == &tongue_rest;
    switch ((int)task->saying) {
    case CALL_account_create:
        return true;
    case CALL_session_mint:
        return native;
    default:
        return task->deed.doer == 0;
    }
}

static const void *s_args(player_t *player, const task_t *task)
{
    arena_t *arena = player->scratch;
    const stand_in_t *doer = s_doer(player, task);
    if (task->saying == task->deed.call)
        return task->args;
    if (task->saying == CALL_account_create) {
        account_create_call_t *args = arena_new_of(arena, account_create_call_t);
        *args = (account_create_call_t){.login = slice_of(doer->login),
                                        .username = slice_of(doer->username),
                                        .email = slice_of(doer->has_email ? doer->email : NULL)};
        return args;
    }
    if (task->saying == CALL_session_mint) {
        session_mint_call_t *args = arena_new_of(arena, session_mint_call_t);
        args->account = doer->id;
        return args;
    }
    session_open_call_t *args = arena_new_of(arena, session_open_call_t);
    args->login = slice_of(doer->login);
    return args;
}

static speech_t s_speech(player_t *player, const task_t *task)
{
    arena_reset(player->scratch);
    return (speech_t){
        .target = &player->plan.target,
        .atlas = player->atlas,
        .deed = &task->deed,
        .call = task->saying,
        .args = s_args(player, task),
        .doer = s_is_staff(player, task) ? NULL : s_doer(player, task),
        .step = task->step,
        .tries = task->tries,
        .arena = player->scratch,
    };
}

static const tongue_t *s_tongue(const player_t *player, const task_t *task)
{
    return s_is_staff(player, task) ? &tongue_rest : player->plan.tongue;
}

/* How somebody is let in: with a key natively without a password to be hashed. */
static call_number_t s_sign_in_call(const player_t *player)
{
    bool native = player->plan.tongue == &tongue_native || player->plan.tongue == &tongue_rest;
    return native && player->plan.target.key != NULL ? CALL_session_mint : CALL_session_open;
}

/* What is to be said next: the deed's own call, or what it needs first. */
static call_number_t s_next_call(const player_t *player, const task_t *task)
{
    const stand_in_t *doer = s_doer(player, task);
    call_number_t call = task->deed.call;
    if (doer == NULL || call == CALL_session_open)
        return call;
    if (call == CALL_account_register && !doer->there)
        return player->plan.target.key != NULL ? CALL_account_create : CALL_account_register;
    return doer->token == NULL ? s_sign_in_call(player) : call;
}

/* ---- ends ---- */

static void s_finish(player_t *player, task_t *task)
{
    order_done(player->order, task);
    player->ended_ns = clock_ns();
}

static void s_give_up(player_t *player, task_t *task, const char *why)
{
    tally_refused(player->tally, task->saying, why);
    s_finish(player, task);
}

static void s_leave_unsaid(player_t *player, task_t *task, const char *why)
{
    tally_unsaid(player->tally, call_type((uint16_t)task->deed.call)->name, why);
    s_finish(player, task);
}

/* Try again after a while: as long as the target says, or longer each time. */
static void s_hold(player_t *player, task_t *task, unsigned wait_s)
{
    uint64_t wait_ns = wait_s * CLOCK_SECOND_NS;
    unsigned doublings = task->tries < 10 ? task->tries : 10;
    if (wait_s == 0)
        wait_ns = WAIT_FIRST_NS << doublings;
    if (wait_s == 0 && wait_ns > WAIT_LONGEST_NS)
        wait_ns = WAIT_LONGEST_NS;
    task->tries += 1;
    task->step = 0;
    task->hold_ns = clock_ns() + wait_ns;
    task->next = player->held;
    player->held = task;
}

void player_lost(player_t *player, task_t *task, const char *why, bool again)
{
    if (again && task->tries < LOST_MAX)
        s_hold(player, task, 0);
    else
        s_give_up(player, task, why);
}

/* ---- saying ---- */

static void s_say(player_t *player, task_t *task, lane_t *lane)
{
    buf_t out = {0};
    speech_t speech = s_speech(player, task);
    s_tongue(player, task)->say(&speech, &out);
    lane_say(lane, buf_slice(&out));
    lane->task = task;
    buf_free(&out);
}

static void s_note_start(player_t *player, task_t *task)
{
    if (task->step == 0)
        task->start_ns = clock_ns();
    if (!task->begun && task->timed && task->due_ns > 0)
        tally_lag(player->tally, task->start_ns > task->due_ns ? task->start_ns - task->due_ns : 0);
    task->begun = true;
}

/* Say what is next; false: there is no connection for it just now. */
static bool s_start(player_t *player, task_t *task)
{
    const char *why = NULL;
    task->saying = s_next_call(player, task);
    speech_t speech = s_speech(player, task);
    const tongue_t *tongue = s_tongue(player, task);
    bool by_socket = tongue->by_socket != NULL && tongue->by_socket(&speech);
    lane_t *lane = player_lane(player, by_socket ? LANE_SOCKET : LANE_HTTP, speech.doer, &why);
    if (lane == NULL && why == NULL)
        return false;
    s_note_start(player, task);
    if (lane == NULL) {
        player_lost(player, task, why, true);
        return true;
    }
    lane->used_ns = task->start_ns;
    if (lane->state == LANE_OPEN)
        s_say(player, task, lane);
    else
        lane->task = task; /* it is said once the socket is there */
    return true;
}

/* The first time: is everything there that it is about? */
static bool s_prepare(player_t *player, task_t *task)
{
    const char *why = NULL;
    const stand_in_t *doer = s_doer(player, task);
    if (task->args != NULL)
        return true;
    if (doer != NULL && !doer->there && task->deed.call != CALL_account_register)
        why = "the person is not on the target";
    else
        task->args =
            atlas_args(player->atlas, &task->deed, clock_us(CLOCK_REALTIME), task->arena, &why);
    if (why != NULL)
        s_leave_unsaid(player, task, why);
    return why == NULL;
}

/* ---- what comes of it ---- */

/* In the next turn, not now: lanes are not opened and closed while one of them is heard. */
static void s_again(player_t *player, task_t *task)
{
    order_put_back(player->order, task);
}

/* After these the sessions of before are no more. */
static bool s_ends_sessions(call_number_t call)
{
    return call == CALL_session_close || call == CALL_password_change ||
           call == CALL_account_delete;
}

/* Whether that was all: who has signed up, or had no session, has one now. */
static bool s_is_whole(const task_t *task, const stand_in_t *doer)
{
    if (task->deed.call == CALL_account_register)
        return doer->token != NULL;
    return task->saying == task->deed.call;
}

static void s_succeed(player_t *player, task_t *task)
{
    stand_in_t *doer = s_doer(player, task);
    bool knocked = task->saying == s_sign_in_call(player);
    if (task->saying == CALL_account_register || task->saying == CALL_account_create)
        doer->there = true;
    if (s_ends_sessions(task->saying))
        player_hang_up(player, doer);
    task->step = 0;
    if (s_is_whole(task, doer)) {
        tally_made(player->tally, task->deed.call, clock_ns() - task->start_ns, task->timed);
        s_finish(player, task);
    } else if (knocked && doer->token == NULL) {
        s_give_up(player, task, "no session was given");
    } else {
        s_again(player, task);
    }
}

static void s_sign_in_anew(player_t *player, task_t *task)
{
    stand_in_t *doer = s_doer(player, task);
    bool knocking = task->saying == CALL_session_open || task->saying == CALL_account_register;
    if (doer == NULL || knocking || task->signed_anew) {
        s_give_up(player, task, "not signed in");
        return;
    }
    task->signed_anew = true;
    task->step = 0;
    atlas_sign_in(doer, (slice_t){0});
    player_hang_up(player, doer);
    s_again(player, task);
}

static void s_settle(player_t *player, task_t *task, upshot_t upshot, const speech_t *speech,
                     unsigned wait_s)
{
    switch (upshot) {
    case UPSHOT_NOTHING:
        return;
    case UPSHOT_MORE:
        task->step += 1;
        s_again(player, task);
        return;
    case UPSHOT_DONE:
        s_succeed(player, task);
        return;
    case UPSHOT_REFUSED:
        s_give_up(player, task, speech->why);
        return;
    case UPSHOT_LATER:
        tally_put_off(player->tally);
        if (task->tries < TRIES_MAX)
            s_hold(player, task, wait_s);
        else
            s_give_up(player, task, "put off too often");
        return;
    case UPSHOT_SIGNED_OUT:
        s_sign_in_anew(player, task);
        return;
    }
}

/* ---- hearing ---- */

/* A socket that is not open yet: its upgrade, and what the dialect says first. */
static void s_greet(player_t *player, lane_t *lane, const heard_t *heard)
{
    buf_t reply = {0};
    const tongue_t *tongue = player->plan.tongue;
    bool there = lane->state == LANE_GREETING && heard->status != 0 && tongue->silent;
    if (heard->status == 0)
        there = tongue->greet(lane->owner, heard, &reply);
    if (reply.len > 0)
        lane_say(lane, buf_slice(&reply));
    buf_free(&reply);
    if (!there)
        return;
    lane->state = LANE_OPEN;
    if (lane->task != NULL)
        s_say(player, lane->task, lane);
}

static void s_hear_refused_upgrade(player_t *player, lane_t *lane, const heard_t *heard)
{
    task_t *task = lane->task;
    speech_t speech = s_speech(player, task);
    lane->task = NULL;
    lane->state = LANE_GONE;
    s_settle(player, task, tongue_judge(&speech, heard), &speech, heard->wait_s);
}

static void s_hear(player_t *player, lane_t *lane, const heard_t *heard)
{
    task_t *task = lane->task;
    speech_t speech = s_speech(player, task);
    upshot_t upshot = s_tongue(player, task)->hear(&speech, heard);
    if (upshot == UPSHOT_NOTHING)
        return;
    lane->task = NULL;
    s_settle(player, task, upshot, &speech, heard->wait_s);
}

static void s_pulse(const player_t *player, lane_t *lane, const heard_t *heard)
{
    buf_t reply = {0};
    if (player->plan.tongue->pulse == NULL || heard->status != 0)
        return;
    player->plan.tongue->pulse(heard, &reply);
    if (reply.len > 0)
        lane_say(lane, buf_slice(&reply));
    buf_free(&reply);
}

void player_ear(void *ctx, lane_t *lane, const heard_t *heard)
{
    player_t *player = ctx;
    s_pulse(player, lane, heard);
    if (lane->state == LANE_UPGRADING)
        s_hear_refused_upgrade(player, lane, heard);
    else if (lane->state == LANE_GREETING)
        s_greet(player, lane, heard);
    else if (lane->task != NULL)
        s_hear(player, lane, heard);
}

/* ---- turns ---- */

static void s_start_ready(player_t *player)
{
    for (task_t *task; (task = order_next(player->order)) != NULL;)
        if (s_prepare(player, task) && !s_start(player, task)) {
            order_put_back(player->order, task);
            return;
        }
}

/* Those whose time has come are the next. */
static void s_release_held(player_t *player)
{
    uint64_t now_ns = clock_ns();
    for (task_t **at = &player->held; *at != NULL;) {
        task_t *task = *at;
        if (task->hold_ns > now_ns) {
            at = &task->next;
            continue;
        }
        *at = task->next;
        order_put_back(player->order, task);
    }
}

static void s_turn(player_t *player, uint64_t wait_ns)
{
    if (player->held != NULL)
        s_release_held(player);
    s_start_ready(player);
    player_listen(player, wait_ns < TURN_NS ? wait_ns : TURN_NS);
}

bool player_finish(player_t *player)
{
    while (order_count(player->order) > 0 && !s_stopped(player))
        s_turn(player, player->held != NULL ? 5 * CLOCK_MS_NS : TURN_NS);
    return !s_stopped(player);
}

/* ---- adding ---- */

static bool s_await_room(player_t *player)
{
    while (!order_room(player->order) && !s_stopped(player))
        s_turn(player, player->held != NULL ? 5 * CLOCK_MS_NS : TURN_NS);
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
    snprintf(name, sizeof name, "%llu", (unsigned long long)account); /* older than the journal */
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
