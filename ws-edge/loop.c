/* loop.c - libuv's door: the only file that knows it.
 *
 * A turn of libuv is: timers, idle, prepare, wait, descriptors.  The turn hooks hang
 * on `prepare`, the last moment before the wait, so they see all that the turn did.
 * loop_again() starts an idle handle: libuv does not wait while one is active, and
 * the handle stops itself on the next round.
 *
 * Outside of the hooks loop_again() need not do anything: the hooks run before the
 * loop sleeps anyhow.
 *
 * Ticks fall on the multiples of their periods: those that fall together cost one awakening.
 *
 * A watch is released in libuv's close callback, one turn after watch_close; its
 * descriptor may be closed, or watched by someone else, at once. */
#include "ws-edge/loop.h"

#include <assert.h>
#include <semaphore.h>
#include <stdatomic.h>

#include <uv.h>

#include "schema/mem.h"

typedef struct call {
    loop_call_t call;
    void *ctx;
    unsigned period_ms; /* ticks only, … */
    uv_timer_t timer;   /* … as this */
} call_t;

struct loop {
    uv_loop_t uv;
    uv_async_t stop;
    uv_async_t wake;
    uv_async_t foreign;                /* a call of another thread, which waits for `done` */
    _Atomic(loop_call_t) foreign_call; /* set last: what was written before it is seen */
    void *foreign_ctx;
    sem_t done;
    uv_prepare_t turn;
    uv_idle_t again;
    bool in_hooks;
    size_t working; /* loop_work that is not done yet */
    size_t tick_count;
    size_t hook_count;
    call_t ticks[LOOP_CALLS_MAX];
    call_t hooks[LOOP_CALLS_MAX];
};

typedef struct job {
    uv_work_t work;
    loop_t *loop;
    _Atomic(loop_call_t) call; /* NULL once it is done; what was written before either is seen */
    loop_call_t done;
    void *ctx;
} job_t;

struct watch {
    uv_poll_t poll;
    watch_call_t call;
    void *ctx;
    unsigned wanted;
};

static void s_stop(uv_async_t *async)
{
    uv_stop(async->loop);
}

/* What there is to do is done by the turn's hooks. */
static void s_woken(uv_async_t *async)
{
    (void)async;
}

static void s_foreign(uv_async_t *async)
{
    loop_t *loop = async->data;
    loop_call_t call = atomic_load(&loop->foreign_call);
    call(loop->foreign_ctx);
    sem_post(&loop->done);
}

static void s_again(uv_idle_t *idle)
{
    uv_idle_stop(idle);
}

static void s_turn(uv_prepare_t *prepare)
{
    loop_t *loop = prepare->data;

    loop->in_hooks = true;
    for (size_t i = 0; i < loop->hook_count; i++)
        if (loop->hooks[i].call != NULL)
            loop->hooks[i].call(loop->hooks[i].ctx);
    loop->in_hooks = false;
}

/* libuv's set-up calls fail only for want of descriptors or memory: a loop that cannot
 * even start is a machine that cannot serve. */
static void s_must(int result)
{
    assert(result == 0);
}

loop_t *loop_new(void)
{
    loop_t *loop = mem_new(loop_t);

    s_must(uv_loop_init(&loop->uv));
    s_must(uv_async_init(&loop->uv, &loop->stop, s_stop));
    s_must(uv_async_init(&loop->uv, &loop->wake, s_woken));
    s_must(uv_async_init(&loop->uv, &loop->foreign, s_foreign));
    loop->foreign.data = loop;
    s_must(sem_init(&loop->done, 0, 0));
    s_must(uv_prepare_init(&loop->uv, &loop->turn));
    s_must(uv_idle_init(&loop->uv, &loop->again));
    loop->turn.data = loop;
    s_must(uv_prepare_start(&loop->turn, s_turn));
    return loop;
}

void loop_destroy(loop_t **loop_p)
{
    loop_t *loop = *loop_p;
    if (loop == NULL)
        return;

    for (size_t i = 0; i < loop->tick_count; i++)
        if (!uv_is_closing((uv_handle_t *)&loop->ticks[i].timer))
            uv_close((uv_handle_t *)&loop->ticks[i].timer, NULL);
    uv_close((uv_handle_t *)&loop->stop, NULL);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->foreign, NULL);
    uv_close((uv_handle_t *)&loop->turn, NULL);
    uv_close((uv_handle_t *)&loop->again, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    s_must(uv_loop_close(&loop->uv));
    sem_destroy(&loop->done);
    mem_free(loop);
    *loop_p = NULL;
}

void loop_run(loop_t *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(loop_t *loop)
{
    uv_async_send(&loop->stop);
}

void loop_call(loop_t *loop, loop_call_t call, void *ctx)
{
    loop->foreign_ctx = ctx;
    atomic_store(&loop->foreign_call, call);
    s_must(uv_async_send(&loop->foreign));
    while (sem_wait(&loop->done) != 0)
        continue; /* a signal */
}

void loop_wake(loop_t *loop)
{
    s_must(uv_async_send(&loop->wake));
}

void loop_poll(loop_t *loop)
{
    uv_run(&loop->uv, UV_RUN_NOWAIT);
}

static void s_ready(uv_poll_t *poll, int status, int events)
{
    watch_t *watch = poll->data;
    unsigned ready = 0;

    if ((events & (UV_READABLE | UV_DISCONNECT)) != 0)
        ready |= WATCH_READ;
    if ((events & UV_WRITABLE) != 0)
        ready |= WATCH_WRITE;
    if (status < 0)
        ready = WATCH_READ | WATCH_WRITE;
    watch->call(watch->ctx, ready);
}

watch_t *loop_watch_fd(loop_t *loop, int fd, watch_call_t call, void *ctx)
{
    watch_t *watch = mem_new(watch_t);

    watch->call = call;
    watch->ctx = ctx;
    s_must(uv_poll_init(&loop->uv, &watch->poll, fd));
    watch->poll.data = watch;
    watch_want(watch, WATCH_READ);
    return watch;
}

void watch_want(watch_t *watch, unsigned wanted)
{
    if (wanted == watch->wanted)
        return;
    watch->wanted = wanted;
    if (wanted == WATCH_NOTHING) {
        uv_poll_stop(&watch->poll);
        return;
    }
    int events = 0;
    if ((wanted & WATCH_READ) != 0)
        events |= UV_READABLE;
    if ((wanted & WATCH_WRITE) != 0)
        events |= UV_WRITABLE;
    s_must(uv_poll_start(&watch->poll, events, s_ready));
}

static void s_watch_free(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void watch_close(watch_t **watch_p)
{
    watch_t *watch = *watch_p;
    if (watch == NULL)
        return;
    uv_poll_stop(&watch->poll);
    uv_close((uv_handle_t *)&watch->poll, s_watch_free);
    *watch_p = NULL;
}

static void s_tick(uv_timer_t *timer);

static void s_arm(call_t *tick)
{
    uint64_t since_ms = uv_now(tick->timer.loop) % tick->period_ms;
    s_must(uv_timer_start(&tick->timer, s_tick, tick->period_ms - since_ms, 0));
}

static void s_tick(uv_timer_t *timer)
{
    call_t *tick = timer->data;
    s_arm(tick);
    tick->call(tick->ctx);
}

static call_t *s_find_tick(loop_t *loop, loop_call_t call, const void *ctx)
{
    for (size_t i = 0; i < loop->tick_count; i++)
        if (loop->ticks[i].call == call && loop->ticks[i].ctx == ctx)
            return &loop->ticks[i];
    return NULL;
}

static call_t *s_add_tick(loop_t *loop, loop_call_t call, void *ctx)
{
    assert(loop->tick_count < LOOP_CALLS_MAX);

    call_t *tick = &loop->ticks[loop->tick_count++];
    tick->call = call;
    tick->ctx = ctx;
    s_must(uv_timer_init(&loop->uv, &tick->timer));
    tick->timer.data = tick;
    return tick;
}

void loop_every_ms(loop_t *loop, unsigned period_ms, loop_call_t call, void *ctx)
{
    call_t *tick = s_find_tick(loop, call, ctx);
    if (tick == NULL)
        tick = s_add_tick(loop, call, ctx);
    tick->period_ms = period_ms;
    if (!uv_is_closing((uv_handle_t *)&tick->timer))
        s_arm(tick);
}

void loop_each_turn(loop_t *loop, loop_call_t call, void *ctx)
{
    assert(loop->hook_count < LOOP_CALLS_MAX);

    loop->hooks[loop->hook_count++] = (call_t){.call = call, .ctx = ctx};
}

void loop_forget(loop_t *loop, const void *ctx)
{
    for (size_t i = 0; i < loop->tick_count; i++)
        if (loop->ticks[i].ctx == ctx && !uv_is_closing((uv_handle_t *)&loop->ticks[i].timer))
            uv_close((uv_handle_t *)&loop->ticks[i].timer, NULL);
    for (size_t i = 0; i < loop->hook_count; i++)
        if (loop->hooks[i].ctx == ctx)
            loop->hooks[i].call = NULL;
}

static job_t *s_job(uv_work_t *work)
{
    return (job_t *)(void *)work; /* its first member */
}

static void s_job_work(uv_work_t *work)
{
    job_t *job = s_job(work);
    loop_call_t call = atomic_load(&job->call);
    call(job->ctx);
    atomic_store(&job->call, NULL);
}

static void s_job_done(uv_work_t *work, int status)
{
    job_t *job = s_job(work);
    (void)status; /* nothing is ever cancelled */
    assert(atomic_load(&job->call) == NULL);

    job->loop->working--;
    job->done(job->ctx);
    mem_free(job);
}

void loop_work(loop_t *loop, loop_call_t work, loop_call_t done, void *ctx)
{
    job_t *job = mem_new(job_t);

    job->loop = loop;
    job->done = done;
    job->ctx = ctx;
    atomic_store(&job->call, work);
    loop->working++;
    s_must(uv_queue_work(&loop->uv, &job->work, s_job_work, s_job_done));
}

void loop_settle(loop_t *loop)
{
    while (loop->working > 0)
        uv_run(&loop->uv, UV_RUN_ONCE);
}

void loop_again(loop_t *loop)
{
    if (loop->in_hooks)
        s_must(uv_idle_start(&loop->again, s_again));
}

uint64_t loop_now_us(const loop_t *loop)
{
    (void)loop;
    return uv_hrtime() / 1000;
}

void *loop_foreign(loop_t *loop)
{
    return &loop->uv;
}
