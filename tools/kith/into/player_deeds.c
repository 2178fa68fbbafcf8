/* player_deeds.c - a deed on its way:
 *
 *   ready ── its person has no session ──> signs in ──┐
 *     │  ^                                             v
 *     │  └── put off, its connection lost ────────── said, step by step ──> done, refused
 *     └── about what is not on the target ──> not said
 *
 * A sign-up is followed by a sign-in where the dialect gives no session for it. */
#include "actors/clock.h"
#include "tools/bench/clock.h"
#include "tools/kith/into/player_parts.h"

enum {
    TRIES_MAX = 200,       /* puttings-off of one deed */
    PATIENCE_SECONDS = 60, /* with a target that says nothing at all */
};

#define WAIT_FIRST_NS (50 * CLOCK_MS_NS)
#define WAIT_LONGEST_NS (10 * CLOCK_SECOND_NS)

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

/* How somebody is let in: with a key natively without a password to be hashed, if it is known
 * who they are. */
static call_number_t s_sign_in_call(const player_t *player, const stand_in_t *doer)
{
    bool native = player->plan.tongue == &tongue_native || player->plan.tongue == &tongue_rest;
    bool mint = native && player->plan.target.key != NULL && doer->id != 0;
    return mint ? CALL_session_mint : CALL_session_open;
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
    return doer->token == NULL ? s_sign_in_call(player, doer) : call;
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
    task->lost = true;
    uint64_t now_ns = clock_ns();
    if (player->silent_ns == 0)
        player->silent_ns = now_ns;
    bool gone = now_ns - player->silent_ns > PATIENCE_SECONDS * CLOCK_SECOND_NS;
    if (again && !gone)
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
    bool knocked = task->saying == CALL_session_open || task->saying == CALL_session_mint;
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

/* A sign-up whose answer was lost may have been done: then its password signs in. */
static bool s_has_signed_up(player_t *player, task_t *task)
{
    stand_in_t *doer = s_doer(player, task);
    bool signs_up = task->saying == CALL_account_register || task->saying == CALL_account_create;
    if (!signs_up || !task->lost)
        return false;
    doer->there = true;
    task->step = 0;
    s_again(player, task);
    return true;
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
        if (!s_has_signed_up(player, task))
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
    player->silent_ns = 0;
    s_pulse(player, lane, heard);
    if (lane->state == LANE_UPGRADING)
        s_hear_refused_upgrade(player, lane, heard);
    else if (lane->state == LANE_GREETING)
        s_greet(player, lane, heard);
    else if (lane->task != NULL)
        s_hear(player, lane, heard);
}

/* ---- beginning ---- */

void player_start_ready(player_t *player)
{
    for (task_t *task; (task = order_next(player->order)) != NULL;)
        if (s_prepare(player, task) && !s_start(player, task)) {
            order_put_back(player->order, task);
            return;
        }
}

/* Those whose time has come are the next. */
void player_release_held(player_t *player)
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
