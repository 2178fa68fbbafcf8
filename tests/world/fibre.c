/* fibre.c - ucontext in the place of pthreads.
 *
 * A dead fibre's stack is never run again and not given back: what is on it may still be linked
 * into LevelDB's own lists, and a world is short.
 *
 * LevelDB has one thread for the work of all its databases behind the scenes.  It belongs to
 * nobody, and comes first whenever there is something to do: so it is never in the midst of a
 * database when a process dies. */
#include "tests/world/fibre.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "schema/mem.h"
#include "tests/world/chance.h"
#include "tests/world/hour.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define LEAVE(self, to) \
    __sanitizer_start_switch_fiber(&(self)->shadow, (to)->stack, (to)->stack_size)
#define ENTERED(self, from) \
    __sanitizer_finish_switch_fiber((self)->shadow, &(from)->stack_from, &(from)->stack_from_size)
#else
#define LEAVE(self, to) (void)(to)
#define ENTERED(self, from) (void)(from)
#endif

enum { STACK_SIZE = 1024 * 1024, FIBRES_MAX = 4096, TURN_US_MAX = 30 };

typedef enum life { LIFE_WAITS, LIFE_RUNS, LIFE_ENDED, LIFE_DEAD } life_t;

typedef struct fibre {
    ucontext_t context;
    void *stack;
    size_t stack_size;
    void *shadow; /* the sanitizer's */
    const void *stack_from;
    size_t stack_from_size;
    int process;
    life_t life;
    fibre_main_fn *main;
    void *ctx;
    int64_t until;
    fibre_ready_fn *ready;
    void *ready_ctx;
    const pthread_cond_t *cond; /* that it waits for; NULL: none */
    bool signalled;
} fibre_t;

extern char etext; /* the end of the program's own code */
extern char __executable_start;

static fibre_t s_world; /* that runs when no fibre does */
static fibre_t *s_fibres[FIBRES_MAX];
static size_t s_count;
static fibre_t *s_now = &s_world;
static int s_died = NO_PROCESS;

int fibre_process(void)
{
    return s_now == &s_world ? NO_PROCESS : s_now->process;
}

/* ---- turns ---- */

static void s_switch(fibre_t *from, fibre_t *to)
{
    s_now = to;
    LEAVE(from, to);
    swapcontext(&from->context, &to->context);
    ENTERED(from, to);
}

static void s_begin(void)
{
    fibre_t *self = s_now;
    ENTERED(self, &s_world);
#if defined(__SANITIZE_ADDRESS__)
    s_world.stack = (void *)(uintptr_t)s_world.stack_from;
    s_world.stack_size = s_world.stack_from_size;
#endif
    (void)self->main(self->ctx);
    self->life = LIFE_ENDED;
    s_switch(self, &s_world);
    abort();
}

static fibre_t *s_new(int process, fibre_main_fn *main, void *ctx)
{
    fibre_t *fibre = mem_new(fibre_t);
    assert(s_count < FIBRES_MAX);
    fibre->process = process;
    fibre->main = main;
    fibre->ctx = ctx;
    fibre->until = 0;
    fibre->stack_size = STACK_SIZE;
    fibre->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(fibre->stack != MAP_FAILED);
    getcontext(&fibre->context);
    fibre->context.uc_stack.ss_sp = fibre->stack;
    fibre->context.uc_stack.ss_size = STACK_SIZE;
    makecontext(&fibre->context, s_begin, 0);
    s_fibres[s_count++] = fibre;
    return fibre;
}

void fibre_start(int process, fibre_main_fn *main, void *ctx)
{
    (void)s_new(process, main, ctx);
}

void fibre_wait(int64_t until_us, fibre_ready_fn *ready, void *ctx)
{
    fibre_t *self = s_now;
    if (self == &s_world) {
        fprintf(stderr, "the world itself would have to wait\n");
        abort();
    }
    self->until = until_us;
    self->ready = ready;
    self->ready_ctx = ctx;
    self->life = LIFE_WAITS;
    s_switch(self, &s_world);
}

static bool s_is_ready(const fibre_t *fibre)
{
    if (fibre->life != LIFE_WAITS)
        return false;
    return fibre->until <= hour_now() || (fibre->ready != NULL && fibre->ready(fibre->ready_ctx));
}

/* LevelDB's thread, or any of the others. */
static fibre_t *s_pick(void)
{
    fibre_t *ready[FIBRES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < s_count; i++) {
        if (!s_is_ready(s_fibres[i]))
            continue;
        if (s_fibres[i]->process == NO_PROCESS)
            return s_fibres[i];
        ready[count++] = s_fibres[i];
    }
    return count > 0 ? ready[chance_below(count)] : NULL;
}

/* Those that have ended leave the list; their stacks can go. */
static void s_tidy(void)
{
    size_t kept = 0;
    for (size_t i = 0; i < s_count; i++) {
        if (s_fibres[i]->life == LIFE_ENDED)
            munmap(s_fibres[i]->stack, STACK_SIZE);
        if (s_fibres[i]->life < LIFE_ENDED)
            s_fibres[kept++] = s_fibres[i];
    }
    s_count = kept;
}

bool fibre_step(int *ret_died)
{
    fibre_t *next = s_pick();
    *ret_died = NO_PROCESS;
    if (next == NULL)
        return false;
    next->life = LIFE_RUNS;
    s_died = NO_PROCESS;
    s_switch(&s_world, next);
    hour_pass((int64_t)chance_between(1, TURN_US_MAX));
    *ret_died = s_died;
    if (next->life >= LIFE_ENDED)
        s_tidy();
    return true;
}

int64_t fibre_next(void)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < s_count; i++)
        if (s_fibres[i]->life == LIFE_WAITS && s_fibres[i]->until < next)
            next = s_fibres[i]->until;
    return next;
}

bool fibre_lives(int process)
{
    for (size_t i = 0; i < s_count; i++)
        if (s_fibres[i]->process == process && s_fibres[i]->life < LIFE_ENDED)
            return true;
    return false;
}

void fibre_die(void)
{
    s_died = s_now->process;
    s_now->life = LIFE_DEAD;
    s_switch(s_now, &s_world);
    abort();
}

void fibre_kill(int process)
{
    for (size_t i = 0; i < s_count; i++)
        if (s_fibres[i]->process == process)
            s_fibres[i]->life = LIFE_DEAD;
    s_tidy();
}

/* ---- pthreads ---- */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc has names of its own */
static bool s_has_ended(void *ctx)
{
    return ((fibre_t *)ctx)->life >= LIFE_ENDED;
}

/* Who is no code of the program's own is LevelDB. */
int pthread_create(pthread_t *ret_thread, const pthread_attr_t *attributes, fibre_main_fn *main,
                   void *ctx)
{
    const char *caller = __builtin_return_address(0);
    bool own = caller >= &__executable_start && caller < &etext;
    (void)attributes;
    *ret_thread = (pthread_t)(uintptr_t)s_new(own ? fibre_process() : NO_PROCESS, main, ctx);
    return 0;
}

int pthread_join(pthread_t thread, void **ret_result)
{
    fibre_t *fibre = (fibre_t *)(uintptr_t)thread;
    (void)ret_result;
    if (fibre->life < LIFE_ENDED)
        fibre_wait(INT64_MAX, s_has_ended, fibre);
    return 0;
}

int pthread_detach(pthread_t thread)
{
    (void)thread;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    while (pthread_mutex_trylock(mutex) == EBUSY)
        fibre_wait(hour_now() + 1, NULL, NULL);
    return 0;
}

static bool s_is_signalled(void *ctx)
{
    return ((fibre_t *)ctx)->signalled;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    fibre_t *self = s_now;
    self->cond = cond;
    self->signalled = false;
    pthread_mutex_unlock(mutex);
    fibre_wait(INT64_MAX, s_is_signalled, self);
    self->cond = NULL;
    return pthread_mutex_lock(mutex);
}

static void s_signal(const pthread_cond_t *cond, bool all)
{
    for (size_t i = 0; i < s_count; i++) {
        fibre_t *fibre = s_fibres[i];
        if (fibre->cond != cond || fibre->signalled || fibre->life != LIFE_WAITS)
            continue;
        fibre->signalled = true;
        if (!all)
            return;
    }
}

int pthread_cond_signal(pthread_cond_t *cond)
{
    s_signal(cond, false);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
    s_signal(cond, true);
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
