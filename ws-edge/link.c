/* link.c - heartbeats, stamps and batches.
 *
 * Invariants:
 *   - while the link is not up nothing but a hello leaves, and nobody waits but it;
 *   - the bus' descriptor is edge-triggered: after every send the bus is looked at
 *     again, and a look that stops early asks for another turn. */
#include "ws-edge/link.h"

#include <assert.h>

#include "actors/bus.h"
#include "actors/clock.h"
#include "actors/crypto.h"
#include "actors/log.h"
#include "ws-edge/shares.h"

enum {
    PING_MS = 500,
    SILENCE_US = 2 * 1000 * 1000,
    PATIENCE_US = 10 * 1000 * 1000,
    WAITING_MAX = 65536,       /* calls */
    OUT_MAX = 8 * 1024 * 1024, /* bytes that wait for room on the bus */
    LOOKS_PER_TURN = 64,       /* messages, a turn's worth of the broker each … */
    BYTES_PER_TURN = 1 << 20,  /* … until so many are taken: long pages take long to show */
    RANDOM_BLOCK = 256 * RAND_SIZE,
};

struct link {
    loop_t *loop;
    bus_t *bus;
    watch_t *watch;
    desk_t *desk;
    link_events_t events;
    bool up;
    uint64_t heard_us;
    uint64_t hello_us; /* when the last one was said */
    uint64_t head;
    slice_t rest; /* of the last message: the bus keeps it until the next is received */
    shares_t *shares;
    buf_t out;
    uint8_t random[RANDOM_BLOCK];
    size_t random_left; /* bytes at the end of `random` */
};

bool link_is_up(const link_t *link)
{
    return link->up;
}

uint64_t link_head(const link_t *link)
{
    return link->head;
}

int64_t link_time(void)
{
    return clock_time_us();
}

static void s_on_readable(void *ctx, unsigned ready);

/* ---- asking ---- */

/* A block at a time, so that a call costs no system call. */
static void s_random(link_t *link, uint8_t *at)
{
    if (link->random_left == 0) {
        crypto_random(link->random, RANDOM_BLOCK);
        link->random_left = RANDOM_BLOCK;
    }
    link->random_left -= RAND_SIZE;
    memcpy(at, link->random + link->random_left, RAND_SIZE);
}

/* A push subscription ends with its session, and only the asker's token says when that is. */
static const void *s_stamp(uint16_t type, who_t who, const void *args,
                           push_subscribe_call_t *subscribe)
{
    if (type != CALL_push_subscribe)
        return args;
    *subscribe = *(const push_subscribe_call_t *)args;
    subscribe->expires = who.expires;
    return subscribe;
}

static void s_write(link_t *link, uint16_t type, uint64_t corr, who_t who, const void *args)
{
    push_subscribe_call_t subscribe;
    call_t call = {
        .type = type,
        .corr = corr,
        .principal = who.account,
        .session = who.session,
        .time = link_time(),
    };
    s_random(link, call.rand);
    call_begin(&link->out, &call);
    codec_pack(&link->out, call_type(type)->shape(), s_stamp(type, who, args, &subscribe));
}

/* The edge asks for itself what others wait for: it takes no turns. */
static err_t s_ask(link_t *link, who_t who, const void *args, const waiter_t *waiter)
{
    waiter_t paying = *waiter;
    size_t before = link->out.len;
    uint64_t now_us = loop_now_us(link->loop);
    paying.account = who.account;
    if (link->out.len > OUT_MAX || shares_full(link->shares, who.account, now_us))
        return ERR_UNAVAILABLE;
    uint64_t corr = desk_add(link->desk, &paying, now_us);
    if (corr == 0)
        return ERR_UNAVAILABLE;
    s_write(link, waiter->type, corr, who, args);
    slice_t call = slice_from(buf_slice(&link->out), before);
    if (who.account != 0 && !shares_ask(link->shares, who.account, call, now_us))
        link->out.len = before;
    return ERR_OK;
}

static void s_on_settled(void *ctx, uint64_t account)
{
    link_t *link = ctx;
    shares_settle(link->shares, account);
}

bool link_is_full(const link_t *link, uint64_t account)
{
    return shares_full(link->shares, account, loop_now_us(link->loop));
}

err_t link_ask(link_t *link, who_t who, const void *args, const waiter_t *waiter)
{
    return link->up ? s_ask(link, who, args, waiter) : ERR_UNAVAILABLE;
}

void link_tell(link_t *link, uint16_t type, const void *args)
{
    if (link->up && link->out.len <= OUT_MAX)
        s_write(link, type, 0, (who_t){0}, args);
}

/* ---- up and down ---- */

static void s_go_down(link_t *link, const char *why)
{
    if (!link->up)
        return;
    log_warn("edge", "the broker is %s: sockets are closed until it is back", why);
    link->up = false;
    link->hello_us = 0;
    buf_reset(&link->out);
    shares_clear(link->shares);
    desk_fail_all(link->desk);
    link->events.on_down(link->events.ctx);
}

static void s_welcomed(void *ctx, uint64_t tag, const reply_t *reply)
{
    link_t *link = ctx;
    (void)tag;
    if (link->up)
        return;
    if (reply->status != ERR_OK) {
        log_warn("edge", "the broker does not let us in: %s", err_info(reply->status)->name);
        return;
    }
    log_info("edge", "the broker has let us in");
    link->up = true;
    link->events.on_up(link->events.ctx);
}

static void s_hello(link_t *link)
{
    bus_hello_call_t hello = {.role = peer_role_EDGE, .actor = owner_EDGE};
    waiter_t waiter = {.answer = s_welcomed, .ctx = link, .type = CALL_bus_hello};
    link->hello_us = loop_now_us(link->loop);
    if (s_ask(link, (who_t){0}, &hello, &waiter) != ERR_OK)
        log_warn("edge", "the broker takes nothing");
}

static void s_hello_again(link_t *link)
{
    watch_close(&link->watch);
    buf_reset(&link->out);
    link->rest = (slice_t){0};
    if (bus_renew(link->bus) != ERR_OK)
        log_error("edge", "cannot connect to the bus");
    link->watch = loop_watch_fd(link->loop, bus_fd(link->bus), s_on_readable, link);
    s_hello(link);
}

/* A broker that refuses a ping has given us up and forgotten what we hear. */
static void s_ponged(void *ctx, uint64_t tag, const reply_t *reply)
{
    link_t *link = ctx;
    (void)tag;
    if (reply->status != ERR_OK)
        s_go_down(link, "no longer ours");
}

static void s_ping(link_t *link)
{
    waiter_t waiter = {.answer = s_ponged, .ctx = link, .type = CALL_bus_ping};
    if (s_ask(link, (who_t){0}, &(bus_ping_call_t){}, &waiter) != ERR_OK)
        log_warn("edge", "the broker takes nothing more: %zu bytes wait", link->out.len);
}

/* What never left was not done, and its asker can be told so. */
static void s_give_up_late(link_t *link, uint64_t now_us)
{
    buf_t late = {0};
    call_t call;
    shares_give_up(link->shares, now_us, &late);
    slice_t left = buf_slice(&late);
    while (left.len > 0) {
        err_t err = call_read(&left, &call);
        assert(err == ERR_OK); /* ours, from s_write */
        desk_answer(link->desk,
                    &(reply_t){.type = call.type, .corr = call.corr, .status = ERR_UNAVAILABLE});
    }
    buf_free(&late);
}

static void s_on_tick(void *ctx)
{
    link_t *link = ctx;
    uint64_t now_us = loop_now_us(link->loop);
    s_give_up_late(link, now_us);
    desk_expire(link->desk, now_us);
    if (now_us - link->heard_us > SILENCE_US)
        s_go_down(link, "silent");
    if (link->up)
        s_ping(link);
    else if (now_us - link->hello_us > SILENCE_US)
        s_hello_again(link);
}

/* ---- hearing ---- */

static void s_advance(link_t *link, uint64_t seq)
{
    if (seq > link->head)
        link->head = seq;
}

static bool s_take_reply(link_t *link, slice_t *in)
{
    reply_t reply;
    if (reply_read(in, &reply) != ERR_OK)
        return false;
    s_advance(link, reply.as_of);
    desk_answer(link->desk, &reply);
    return true;
}

static bool s_take_record(link_t *link, slice_t *in)
{
    record_t record;
    if (record_read(in, &record) != ERR_OK)
        return false;
    s_advance(link, record.seq);
    if (link->up)
        link->events.on_record(link->events.ctx, &record);
    return true;
}

static bool s_take(link_t *link, slice_t *in)
{
    switch (envelope_kind(*in)) {
    case ENVELOPE_REPLY:
        return s_take_reply(link, in);
    case ENVELOPE_RECORD:
        return s_take_record(link, in);
    case ENVELOPE_CALL:
    case ENVELOPE_DECISION:
    case ENVELOPE_NONE:
        return false;
    }
    return false;
}

/* Envelopes of the message at hand, up to so many bytes or one more; how many they were. */
static size_t s_take_some(link_t *link, size_t most)
{
    size_t before = link->rest.len;
    while (link->rest.len > 0 && before - link->rest.len < most)
        if (!s_take(link, &link->rest)) {
            log_error("edge", "the broker said something that is no envelope");
            link->rest = (slice_t){0};
        }
    return before - link->rest.len;
}

/* Everything that is there, or as much as one turn may take; whether there was any. */
static bool s_look(link_t *link)
{
    uint32_t peer;
    size_t taken = 0;
    int looks = 0;
    while (looks < LOOKS_PER_TURN && taken < BYTES_PER_TURN &&
           (link->rest.len > 0 || bus_receive(link->bus, &peer, &link->rest))) {
        looks++;
        link->heard_us = loop_now_us(link->loop);
        taken += s_take_some(link, BYTES_PER_TURN - taken);
    }
    return looks > 0;
}

static void s_on_readable(void *ctx, unsigned ready)
{
    link_t *link = ctx;
    (void)ready;
    s_look(link);
}

static void s_on_turn(void *ctx)
{
    link_t *link = ctx;
    link->events.on_turn(link->events.ctx);
    shares_release(link->shares, loop_now_us(link->loop), &link->out);
    if (link->out.len > 0 && bus_send(link->bus, &link->out) != ERR_OK)
        log_debug("edge", "the bus is full: %zu bytes wait", link->out.len);
    if (s_look(link))
        loop_again(link->loop);
}

/* ---- from start to end ---- */

err_t link_open(loop_t *loop, const char *bus, const keyring_t *keys, const link_events_t *events,
                link_t **ret_link)
{
    link_t *link = mem_new(link_t);
    link->loop = loop;
    link->events = *events;
    link->desk = desk_new(WAITING_MAX, PATIENCE_US);
    link->shares = shares_new();
    desk_hear(link->desk, s_on_settled, link);
    link->heard_us = loop_now_us(loop);
    err_t err = bus_connect(bus, keys, &link->bus);
    if (err == ERR_OK) {
        link->watch = loop_watch_fd(loop, bus_fd(link->bus), s_on_readable, link);
        loop_each_turn(loop, s_on_turn, link);
        loop_every_ms(loop, PING_MS, s_on_tick, link);
        s_hello(link);
        *ret_link = TAKE(link);
    }
    link_close(&link);
    return err;
}

void link_stop(link_t *link)
{
    if (link == NULL)
        return;
    link->up = false;
    desk_fail_all(link->desk);
}

void link_close(link_t **link_p)
{
    link_t *link = *link_p;
    if (link == NULL)
        return;
    link_stop(link);
    loop_forget(link->loop, link);
    watch_close(&link->watch);
    bus_close(&link->bus);
    desk_destroy(&link->desk);
    shares_destroy(&link->shares);
    buf_free(&link->out);
    mem_free(link);
    *link_p = NULL;
}
