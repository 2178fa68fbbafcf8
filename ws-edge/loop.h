/* loop.h - one thread's event loop: descriptors, ticks, and work once a turn.
 *
 *     wait → callbacks of ready descriptors, ticks → turn hooks in order → wait
 *
 * A turn hook runs after all callbacks of a turn and before the loop sleeps: there
 * whatever the turn has gathered leaves in one go.  A hook that leaves work behind,
 * or makes work for a hook that has already run, says so with loop_again().
 *
 * Everything here belongs to the loop's thread, but for loop_stop and loop_call,
 * and the work of loop_work. */
#ifndef WS_EDGE_LOOP_H
#define WS_EDGE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct loop loop_t;
typedef struct watch watch_t;

typedef void (*loop_call_t)(void *ctx);

/* What a descriptor can be watched for, or'ed together. */
typedef enum watch_for { WATCH_NOTHING = 0, WATCH_READ = 1, WATCH_WRITE = 2 } watch_for_t;

/* `ready` says which of the wanted are there; an error or hang-up counts as all of them. */
typedef void (*watch_call_t)(void *ctx, unsigned ready);

loop_t *loop_new(void);

/* Nulls *loop_p; accepts NULL.  Servers and watches of this loop are gone before. */
void loop_destroy(loop_t **loop_p);

/* Run until loop_stop. */
void loop_run(loop_t *loop);

/* End loop_run after the current turn.  From any thread or signal handler. */
void loop_stop(loop_t *loop);

/* Have the loop's thread, which is in loop_run, make this call, and wait until it has:
 * for one other thread at a time. */
void loop_call(loop_t *loop, loop_call_t call, void *ctx);

/* Have a turn soon, and so its hooks.  From any thread. */
void loop_wake(loop_t *loop);

/* Watch `fd` for reading.  Closing the fd stays with the caller, after watch_close. */
watch_t *loop_watch_fd(loop_t *loop, int fd, watch_call_t call, void *ctx);
void watch_want(watch_t *watch, unsigned wanted);
void watch_close(watch_t **watch_p);

/* Up to LOOP_CALLS_MAX ticks and as many hooks.  Ticks fall on the multiples of their period on the
 * monotonic clock, so the first one comes sooner.  A tick that is there already is given another
 * period, from now on; one that was forgotten stays so. */
enum { LOOP_CALLS_MAX = 8 };
void loop_every_ms(loop_t *loop, unsigned period_ms, loop_call_t call, void *ctx);
void loop_each_turn(loop_t *loop, loop_call_t call, void *ctx);

/* Drop the ticks and hooks of `ctx`. */
void loop_forget(loop_t *loop, const void *ctx);

/* Have `work` done on a thread of a pool, and then `done` on the loop's own: for what
 * may block, such as files. */
void loop_work(loop_t *loop, loop_call_t work, loop_call_t done, void *ctx);

/* Turn until all such work is done, that which it gives rise to as well. */
void loop_settle(loop_t *loop);

/* The next turn does not wait: turn hooks run again after a look at the descriptors. */
void loop_again(loop_t *loop);

/* Monotonic time in microseconds, read fresh. */
uint64_t loop_now_us(const loop_t *loop);

/* One turn without waiting, for tests and for settling what ends asynchronously. */
void loop_poll(loop_t *loop);

/* The foreign loop as libwebsockets takes it; for the WebSocket door only. */
void *loop_foreign(loop_t *loop);

#endif
