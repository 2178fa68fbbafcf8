/* edge_news.c - what the edge learns from the broker, and does about it.
 *
 *          on_up                     gate is loaded          broker says ready
 *   DOWN ─────────> subscribed ────────────────────> GATED ────────────────────> READY
 *     ^                                                 (requests are served)
 *     └── on_down: all sockets are closed, requests get 503
 *
 * What is told while it is up: records, which go to whom they are for, and whether rooms
 * and people are heard that somebody here is in. */
#include "actors/log.h"
#include "ws-edge/answer.h"
#include "ws-edge/client.h"
#include "ws-edge/edge_parts.h"
#include "ws-edge/engine.h"
#include "ws-edge/fan.h"
#include "ws-edge/inquiry.h"
#include "ws-edge/pusher_edge.h"
#include "ws-edge/sweep.h"

enum {
    LEARN_MS = 25,   /* between questions while not all serve */
    STATUS_MS = 500, /* between looks whether they still do */
    SWEEP_MS = 1000,
    GATE_SWEEP_US = 60 * 1000 * 1000,
};

/* ---- what the parts ask ---- */

bool edge_serves(const edge_t *edge)
{
    return edge->gated && link_is_up(edge->link);
}

/* ---- learning what must be known ---- */

/* Ask for the edge itself, one question of a kind at a time. */
static void s_learn(edge_t *edge, uint16_t type, const void *args, waiter_fn *answer)
{
    waiter_t waiter = {.answer = answer, .ctx = edge, .type = type};
    if (link_ask(edge->link, (who_t){0}, args, &waiter) == ERR_OK)
        edge->asked++;
}

static void s_on_ended(void *ctx, uint64_t tag, const reply_t *reply)
{
    edge_t *edge = ctx;
    (void)tag;
    edge->asked--;
    arena_reset(edge->arena);
    answer_t answer = answer_read(reply, (who_t){0}, edge->mint, edge->arena);
    if (answer.status != ERR_OK)
        return; /* asked again soon */
    gate_learn(edge->gate, answer.object);
    edge->gated = true;
}

static void s_pace(edge_t *edge);

static void s_on_status(void *ctx, uint64_t tag, const reply_t *reply)
{
    edge_t *edge = ctx;
    (void)tag;
    edge->asked--;
    arena_reset(edge->arena);
    answer_t answer = answer_read(reply, (who_t){0}, edge->mint, edge->arena);
    bool ready = answer.status == ERR_OK && ((const bus_state_t *)answer.object)->ready;
    if (ready == edge->ready)
        return;
    log_info("edge", ready ? "ready" : "not ready: the broker takes no calls");
    edge->ready = ready;
    s_pace(edge);
}

static void s_ask_status(edge_t *edge)
{
    s_learn(edge, CALL_bus_status, &(bus_status_call_t){}, s_on_status);
}

static void s_on_learn_tick(void *ctx)
{
    edge_t *edge = ctx;
    if (!link_is_up(edge->link) || edge->asked > 0)
        return;
    if (!edge->gated)
        s_learn(edge, CALL_session_ended, &(session_ended_call_t){}, s_on_ended);
    else
        s_ask_status(edge);
}

/* What is not known yet is asked for often.  Once all serve only now and then: an actor may die
 * and a disk be full for a while, though the broker itself is there. */
static void s_pace(edge_t *edge)
{
    loop_every_ms(edge->loop, edge->ready ? STATUS_MS : LEARN_MS, s_on_learn_tick, edge);
}

/* ---- the link's events ---- */

static void s_on_tuned(void *ctx, uint64_t round, const reply_t *reply)
{
    edge_t *edge = ctx;
    if (reply->status == ERR_OK)
        clients_acked(edge->clients, hall_acked(edge->hall, round));
    else
        edge->deaf = true;
}

/* A failure is dealt with at the end of the turn, when nobody is inside the hall. */
static void s_tune(void *ctx, bool hear, ids_t rooms, ids_t accounts, uint64_t round)
{
    edge_t *edge = ctx;
    bus_subscribe_call_t wish = {.rooms = rooms, .accounts = accounts};
    bus_unsubscribe_call_t enough = {.rooms = rooms, .accounts = accounts};
    waiter_t waiter = {
        .answer = s_on_tuned,
        .ctx = edge,
        .tag = round,
        .type = hear ? CALL_bus_subscribe : CALL_bus_unsubscribe,
    };
    const void *args = hear ? (const void *)&wish : (const void *)&enough;
    if (link_ask(edge->link, (who_t){0}, args, &waiter) != ERR_OK)
        edge->deaf = true;
}

/* Everyone starts anew: what the broker sends and what we believe it sends may differ. */
static void s_clear(edge_t *edge, const char *reason)
{
    clients_close_all(edge->clients, err_info(ERR_UNAVAILABLE)->close_code, reason);
    engine_close_all(edge->engine, err_info(ERR_UNAVAILABLE)->close_code, reason);
    hall_clear(edge->hall);
    edge->deaf = false;
}

static void s_on_session_events(void *ctx, uint64_t tag, const reply_t *reply)
{
    edge_t *edge = ctx;
    (void)tag;
    if (reply->status != ERR_OK)
        edge->deaf = true;
}

static void s_hear_type(edge_t *edge, const char *prefix)
{
    bus_subscribe_call_t wish = {.prefix = slice_of(prefix)};
    waiter_t waiter = {
        .answer = s_on_session_events,
        .ctx = edge,
        .type = CALL_bus_subscribe,
    };
    if (link_ask(edge->link, (who_t){0}, &wish, &waiter) != ERR_OK)
        edge->deaf = true;
}

/* Who is connected here: all of it, in the place of whatever was said before. */
static void s_announce(edge_t *edge)
{
    presence_announce_call_t all = {.accounts = hall_accounts(edge->hall)};
    link_tell(edge->link, CALL_presence_announce, &all);
}

/* Ends of sessions are heard before they are asked for, so that none slips through. */
static void s_on_up(void *ctx)
{
    edge_t *edge = ctx;
    s_hear_type(edge, event_type(EVENT_session_closed)->name);
    s_hear_type(edge, event_type(EVENT_sessions_revoked)->name);
    s_announce(edge);
}

static void s_on_down(void *ctx)
{
    edge_t *edge = ctx;
    edge->gated = false;
    edge->ready = false;
    s_pace(edge);
    s_clear(edge, "the broker is away");
    gate_clear(edge->gate);
    pages_destroy(&edge->pages); /* who comes back may have another journal */
    edge->pages = pages_new();
}

static void s_on_record(void *ctx, const record_t *record)
{
    if (record->type == EVENT_bus_recount)
        s_announce(ctx);
    else if (record->type == EVENT_bus_relayed)
        pusher_edge_hear(((edge_t *)ctx)->pusher, record);
    else if (record->type == EVENT_bus_asked)
        inquiry_answer(ctx, record);
    else
        fan_record(ctx, record);
}

static void s_on_turn(void *ctx)
{
    edge_t *edge = ctx;
    server_read_on(edge->server);
    clients_turn(edge->clients);
    hall_flush(edge->hall);
    pusher_edge_turn(edge->pusher);
    if (edge->deaf) {
        log_error("edge", "the broker did not take a subscription: all connections start anew");
        s_clear(edge, "try again shortly");
    }
}

static void s_on_sweep_tick(void *ctx)
{
    edge_t *edge = ctx;
    uint64_t now_us = loop_now_us(edge->loop);
    hall_sweep(edge->hall, now_us);
    clients_expire(edge->clients, link_time());
    pusher_edge_tick(edge->pusher);
    sweep_tick(edge->sweep);
    if (now_us - edge->gate_swept_us > GATE_SWEEP_US) {
        edge->gate_swept_us = now_us;
        gate_sweep(edge->gate, link_time());
    }
}

/* ---- for edge.c ---- */

link_events_t edge_link_events(edge_t *edge)
{
    return (link_events_t){
        .ctx = edge,
        .on_up = s_on_up,
        .on_down = s_on_down,
        .on_record = s_on_record,
        .on_turn = s_on_turn,
    };
}

hall_ports_t edge_hall_ports(edge_t *edge)
{
    return (hall_ports_t){.ctx = edge, .tune = s_tune};
}

void edge_start_timers(edge_t *edge)
{
    s_pace(edge);
    loop_every_ms(edge->loop, SWEEP_MS, s_on_sweep_tick, edge);
}
