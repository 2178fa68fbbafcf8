/* relay.c - one pass a connection: bytes from its outer end to its inner one, and back.
 *
 *     SHAKING ──shaken──► OPEN ◄──taken── STALLED       from any: broken ──► gone
 *        │                  │ └──full────►
 *        │ no TLS           │ the server ends
 *        └────► ENDING ◄────┘
 *                 │ the client ends too, or has had its time
 *                 ▼ gone
 *
 * A record at a time goes either way.  What the other side does not take stays with us,
 * and until it is gone nothing more is read: so a pass holds a record each way at most,
 * and whoever is slow is felt by whoever writes.
 *
 * ENDING: to close with unread input makes the kernel reset the connection, and the
 * client may lose what it was sent last.  So we say that nothing more comes, and drop
 * what arrives.
 *
 * Invariants: a pass is in the list of its state, which is ordered by deadline since all
 * of one state get the same time; STALLED is when `outbound` holds something; the inner
 * end is open in all states but ENDING.
 *
 * When handshakes are too many the oldest gives way: the slow ones are those that wait. */
#include "ws-edge/relay.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schema/buf.h"
#include "schema/mem.h"
#include "ws-edge/loop.h"

enum {
    SHAKES_MAX = 1024,
    SHAKING_MS = 10000,
    STALLED_MS = 30000, /* without a byte taken */
    ENDING_MS = 2000,
    STOPPING_MS = 500,
    TICK_MS = 100,
    RECORDS_PER_TURN = 4, /* each way, before others get their turn */
    INNER_SNDBUF = 64 * 1024,
};

typedef enum pass_state {
    PASS_SHAKING,
    PASS_OPEN,
    PASS_STALLED,
    PASS_ENDING,
    PASS_STATE_COUNT
} pass_state_t;

typedef struct pass {
    TAILQ_ENTRY(pass) in_state;
    relay_t *relay;
    tls_conn_t *tls;
    watch_t *outer; /* the client's connection */
    watch_t *inner; /* our end of the socket pair */
    int outer_fd;
    int inner_fd;
    pass_state_t state;
    bool heard_end; /* the client will say no more, and the server knows */
    bool to_write;  /* TLS itself has something to write */
    buf_t inbound;  /* what the server has not taken yet */
    buf_t outbound; /* what the client has not taken yet */
    uint64_t due_us;
} pass_t;

TAILQ_HEAD(pass_list, pass);

/* A connection on its way to the relay's thread. */
typedef struct entry {
    int outer_fd;
    int inner_fd;
} entry_t;

struct relay {
    loop_t *loop;
    pthread_t thread;
    pthread_mutex_t lock; /* of what others than the thread touch: */
    tls_t *tls;
    buf_t entries;
    atomic_size_t count;
    atomic_bool stopping;

    struct pass_list states[PASS_STATE_COUNT];
    size_t shaking;
    uint64_t stop_us; /* when a stopping relay gives up; 0: it is not stopping */
    uint8_t record[TLS_RECORD_SIZE];
};

static const uint64_t s_allowed_us[PASS_STATE_COUNT] = {
    [PASS_SHAKING] = SHAKING_MS * UINT64_C(1000),
    [PASS_STALLED] = STALLED_MS * UINT64_C(1000),
    [PASS_ENDING] = ENDING_MS * UINT64_C(1000),
};

/* Take over what a buffer holds; it is empty then. */
static buf_t s_take(buf_t *buf)
{
    buf_t taken = *buf;
    *buf = (buf_t){0};
    return taken;
}

/* ---- the life of a pass ---- */

static void s_leave(pass_t *pass)
{
    TAILQ_REMOVE(&pass->relay->states[pass->state], pass, in_state);
    pass->relay->shaking -= pass->state == PASS_SHAKING;
}

static void s_join(pass_t *pass, pass_state_t state)
{
    relay_t *relay = pass->relay;
    pass->state = state;
    pass->due_us = loop_now_us(relay->loop) + s_allowed_us[state];
    TAILQ_INSERT_TAIL(&relay->states[state], pass, in_state);
    relay->shaking += state == PASS_SHAKING;
}

static void s_enter(pass_t *pass, pass_state_t state)
{
    s_leave(pass);
    s_join(pass, state);
}

/* Let go of the server and of TLS; the client's connection is left. */
static void s_release(pass_t *pass)
{
    if (pass->tls == NULL)
        return;
    watch_close(&pass->inner);
    close(pass->inner_fd);
    tls_conn_destroy(&pass->tls);
    buf_free(&pass->inbound);
    buf_free(&pass->outbound);
}

static void s_drop(pass_t *pass)
{
    s_release(pass);
    s_leave(pass);
    watch_close(&pass->outer);
    close(pass->outer_fd);
    atomic_fetch_sub(&pass->relay->count, 1);
    mem_free(pass);
}

static void s_end(pass_t *pass)
{
    shutdown(pass->outer_fd, SHUT_WR);
    s_release(pass);
    s_enter(pass, PASS_ENDING);
    watch_want(pass->outer, WATCH_READ);
}

/* ---- from the client to the server ---- */

/* As much as the server takes; the rest stays.  A server that is gone takes everything:
 * its end will be read. */
static void s_deliver(pass_t *pass, slice_t bytes)
{
    ssize_t sent = send(pass->inner_fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return;
    buf_append(&pass->inbound, slice_from(bytes, sent > 0 ? (size_t)sent : 0));
}

static void s_deliver_rest(pass_t *pass)
{
    buf_t rest = s_take(&pass->inbound);
    s_deliver(pass, buf_slice(&rest));
    buf_free(&rest);
}

/* What a step of TLS means for the pass; true if it can go on at once. */
static bool s_went_on(pass_t *pass, tls_step_t step)
{
    if (step == TLS_WAIT_WRITE)
        pass->to_write = true;
    if (step == TLS_ENDED && !pass->heard_end) {
        pass->heard_end = true;
        shutdown(pass->inner_fd, SHUT_WR);
    }
    return step == TLS_DONE;
}

/* False if the connection is broken. */
static bool s_pump_in(pass_t *pass)
{
    tls_step_t step = TLS_DONE;
    size_t len;
    if (pass->inbound.len > 0)
        s_deliver_rest(pass);
    for (int i = 0; i < RECORDS_PER_TURN && step == TLS_DONE; i++) {
        if (pass->heard_end || pass->inbound.len > 0)
            return true;
        step = tls_read(pass->tls, pass->relay->record, &len);
        if (s_went_on(pass, step))
            s_deliver(pass, slice_new(pass->relay->record, len));
    }
    return step != TLS_BROKEN;
}

/* ---- from the server to the client ---- */

/* As much as the client takes, of bytes that are in no buffer of the pass; the rest stays. */
static bool s_send(pass_t *pass, slice_t bytes)
{
    tls_step_t step = TLS_DONE;
    size_t len, before = bytes.len;
    while (bytes.len > 0 && step == TLS_DONE) {
        step = tls_write(pass->tls, bytes, &len);
        if (s_went_on(pass, step))
            bytes = slice_from(bytes, len);
    }
    if (bytes.len > 0) {
        buf_append(&pass->outbound, bytes);
        if (pass->state == PASS_OPEN || bytes.len < before)
            s_enter(pass, PASS_STALLED);
    } else if (pass->state == PASS_STALLED) {
        s_enter(pass, PASS_OPEN);
    }
    return step != TLS_BROKEN;
}

static bool s_send_rest(pass_t *pass)
{
    buf_t rest = s_take(&pass->outbound);
    bool sound = s_send(pass, buf_slice(&rest));
    buf_free(&rest);
    return sound;
}

/* False if the connection is broken; ENDING is entered if the server has ended. */
static bool s_pump_out(pass_t *pass)
{
    bool sound = pass->outbound.len == 0 || s_send_rest(pass);
    for (int i = 0; i < RECORDS_PER_TURN && sound && pass->outbound.len == 0; i++) {
        ssize_t got = recv(pass->inner_fd, pass->relay->record, TLS_RECORD_SIZE, 0);
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        if (got == 0) {
            (void)tls_finish(pass->tls); /* a client that takes no more is told by the end */
            s_end(pass);
            return true;
        }
        sound = s_send(pass, slice_new(pass->relay->record, (size_t)got));
    }
    return sound;
}

/* ---- turns ---- */

static void s_watch(pass_t *pass)
{
    bool out_full = pass->outbound.len > 0, in_full = pass->inbound.len > 0;
    unsigned outer = pass->heard_end || in_full ? WATCH_NOTHING : WATCH_READ;
    unsigned inner = out_full ? WATCH_NOTHING : WATCH_READ;
    if (out_full || pass->to_write)
        outer |= WATCH_WRITE;
    if (in_full)
        inner |= WATCH_WRITE;
    watch_want(pass->outer, outer);
    watch_want(pass->inner, inner);
}

static void s_pump(pass_t *pass)
{
    pass->to_write = false;
    if (!s_pump_in(pass) || !s_pump_out(pass))
        s_drop(pass);
    else if (pass->state != PASS_ENDING)
        s_watch(pass);
}

static void s_shake(pass_t *pass)
{
    switch (tls_shake(pass->tls)) {
    case TLS_DONE:
        s_enter(pass, PASS_OPEN);
        s_pump(pass);
        return;
    case TLS_WAIT_READ:
        watch_want(pass->outer, WATCH_READ);
        return;
    case TLS_WAIT_WRITE:
        watch_want(pass->outer, WATCH_WRITE);
        return;
    case TLS_ENDED:
    case TLS_BROKEN:
        s_end(pass);
        return;
    }
}

static void s_drop_what_comes(pass_t *pass)
{
    ssize_t got = recv(pass->outer_fd, pass->relay->record, TLS_RECORD_SIZE, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        s_drop(pass);
}

static void s_on_ready(void *ctx, unsigned ready)
{
    pass_t *pass = ctx;
    (void)ready;
    switch (pass->state) {
    case PASS_SHAKING:
        s_shake(pass);
        return;
    case PASS_OPEN:
    case PASS_STALLED:
        s_pump(pass);
        return;
    case PASS_ENDING:
        s_drop_what_comes(pass);
        return;
    case PASS_STATE_COUNT:
        return;
    }
}

/* The server does not speak first: in SHAKING it has given up. */
static void s_on_inner_ready(void *ctx, unsigned ready)
{
    pass_t *pass = ctx;
    if (pass->state == PASS_SHAKING)
        s_end(pass);
    else
        s_on_ready(ctx, ready);
}

static void s_begin(relay_t *relay, const entry_t *entry)
{
    pthread_mutex_lock(&relay->lock);
    tls_conn_t *tls = tls_conn_new(relay->tls, entry->outer_fd);
    pthread_mutex_unlock(&relay->lock);
    if (tls == NULL) {
        close(entry->outer_fd);
        close(entry->inner_fd);
        atomic_fetch_sub(&relay->count, 1);
        return;
    }
    pass_t *pass = mem_new(pass_t);
    pass->relay = relay;
    pass->tls = tls;
    pass->outer_fd = entry->outer_fd;
    pass->inner_fd = entry->inner_fd;
    s_join(pass, PASS_SHAKING);
    pass->outer = loop_watch_fd(relay->loop, pass->outer_fd, s_on_ready, pass);
    pass->inner = loop_watch_fd(relay->loop, pass->inner_fd, s_on_inner_ready, pass);
    if (relay->shaking > SHAKES_MAX)
        s_drop(TAILQ_FIRST(&relay->states[PASS_SHAKING]));
}

static void s_take_entries(relay_t *relay)
{
    pthread_mutex_lock(&relay->lock);
    buf_t entries = s_take(&relay->entries);
    pthread_mutex_unlock(&relay->lock);

    const entry_t *entry = (const void *)entries.data;
    for (size_t i = 0; i < entries.len / sizeof *entry; i++)
        s_begin(relay, &entry[i]);
    buf_free(&entries);
}

static void s_on_turn(void *ctx)
{
    relay_t *relay = ctx;
    s_take_entries(relay);
    if (atomic_load(&relay->stopping) && relay->stop_us == 0)
        relay->stop_us = loop_now_us(relay->loop) + STOPPING_MS * UINT64_C(1000);
    if (relay->stop_us > 0 && atomic_load(&relay->count) == 0)
        loop_stop(relay->loop);
}

static void s_on_tick(void *ctx)
{
    relay_t *relay = ctx;
    uint64_t now_us = loop_now_us(relay->loop);
    pass_t *pass;
    for (int state = 0; state < PASS_STATE_COUNT; state++) {
        if (s_allowed_us[state] == 0)
            continue;
        while ((pass = TAILQ_FIRST(&relay->states[state])) != NULL && pass->due_us <= now_us)
            s_drop(pass);
    }
    if (relay->stop_us > 0 && now_us >= relay->stop_us)
        loop_stop(relay->loop);
}

/* ---- from start to end ---- */

static void *s_thread(void *ctx)
{
    relay_t *relay = ctx;
    prctl(PR_SET_NAME, "relay");
    loop_run(relay->loop);
    s_take_entries(relay); /* those that came too late */
    for (int state = 0; state < PASS_STATE_COUNT; state++)
        while (!TAILQ_EMPTY(&relay->states[state]))
            s_drop(TAILQ_FIRST(&relay->states[state]));
    return NULL;
}

static void s_destroy(relay_t *relay)
{
    loop_forget(relay->loop, relay);
    loop_destroy(&relay->loop);
    tls_close(&relay->tls);
    buf_free(&relay->entries);
    pthread_mutex_destroy(&relay->lock);
    mem_free(relay);
}

err_t relay_start(relay_t **ret_relay)
{
    relay_t *relay = mem_new(relay_t);
    relay->loop = loop_new();
    pthread_mutex_init(&relay->lock, NULL);
    for (int state = 0; state < PASS_STATE_COUNT; state++)
        TAILQ_INIT(&relay->states[state]);
    loop_each_turn(relay->loop, s_on_turn, relay);
    loop_every_ms(relay->loop, TICK_MS, s_on_tick, relay);
    if (pthread_create(&relay->thread, NULL, s_thread, relay) != 0) {
        s_destroy(relay);
        return ERR_UNAVAILABLE;
    }
    *ret_relay = relay;
    return ERR_OK;
}

void relay_use(relay_t *relay, tls_t **tls_p)
{
    pthread_mutex_lock(&relay->lock);
    tls_close(&relay->tls);
    relay->tls = TAKE(*tls_p);
    pthread_mutex_unlock(&relay->lock);
}

int relay_pass(relay_t *relay, int fd, int sndbuf)
{
    int pair[2], inner_sndbuf = INNER_SNDBUF;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof sndbuf);
    (void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &inner_sndbuf, sizeof inner_sndbuf);
    entry_t entry = {.outer_fd = fd, .inner_fd = pair[1]};
    atomic_fetch_add(&relay->count, 1);
    pthread_mutex_lock(&relay->lock);
    buf_append(&relay->entries, slice_new(&entry, sizeof entry));
    pthread_mutex_unlock(&relay->lock);
    loop_wake(relay->loop);
    return pair[0];
}

size_t relay_count(const relay_t *relay)
{
    return atomic_load(&relay->count);
}

void relay_stop(relay_t **relay_p)
{
    relay_t *relay = *relay_p;
    *relay_p = NULL;
    if (relay == NULL)
        return;
    atomic_store(&relay->stopping, true);
    loop_wake(relay->loop);
    pthread_join(relay->thread, NULL);
    s_destroy(relay);
}
