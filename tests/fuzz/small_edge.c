#include "tests/fuzz/small_edge.h"

#include <assert.h>

#include "tests/unit/ws-edge/spare_mint.h"
#include "ws-edge/fan.h"

enum { CALLS_MAX = 512, PATIENCE_US = 1000 * 1000 * 1000 };

static small_edge_t *s_edge;

/* ---- in the place of link.c, edge.c and edge_news.c ---- */

bool edge_serves(const edge_t *edge)
{
    (void)edge;
    return !s_edge->away;
}

void edge_refuse(edge_t *edge, uint64_t account, err_t err)
{
    (void)edge;
    (void)account;
    (void)err;
}

bool link_is_up(const link_t *link)
{
    (void)link;
    return !s_edge->away;
}

uint64_t link_head(const link_t *link)
{
    (void)link;
    return s_edge->head;
}

int64_t link_time(void)
{
    return 1790000000 * INT64_C(1000000);
}

static void s_check(uint16_t type, const void *args)
{
    fault_t fault = {0};
    err_t err = codec_check(call_type(type)->shape(), args, &fault);
    assert(err == ERR_OK);
}

err_t link_ask(link_t *link, who_t who, const void *args, const waiter_t *waiter)
{
    (void)link;
    s_check(waiter->type, args);
    uint64_t corr = s_edge->away ? 0 : desk_add(s_edge->desk, waiter, 0);
    if (corr == 0)
        return ERR_UNAVAILABLE;
    call_begin(&s_edge->asked, &(call_t){
                                   .type = waiter->type,
                                   .corr = corr,
                                   .principal = who.account,
                                   .session = who.session,
                               });
    codec_pack(&s_edge->asked, call_type(waiter->type)->shape(), args);
    return ERR_OK;
}

/* Somebody comes who was away, or goes who was there; nothing else is told about a person. */
static void s_note_presence(const presence_set_call_t *set)
{
    assert(set->account <= BROKER_ACCOUNTS && s_edge->online[set->account] != set->online);
    s_edge->online[set->account] = set->online;
}

void link_tell(link_t *link, uint16_t type, const void *args)
{
    (void)link;
    s_check(type, args);
    if (type == CALL_presence_set)
        s_note_presence(args);
}

/* ---- the hall ---- */

static void s_on_tuned(void *ctx, uint64_t round, const reply_t *reply)
{
    edge_t *edge = ctx;
    if (reply->status == ERR_OK)
        clients_acked(edge->clients, hall_acked(edge->hall, round));
}

static void s_tune(void *ctx, bool hear, ids_t rooms, ids_t accounts, uint64_t round)
{
    const bus_subscribe_call_t wish = {.rooms = rooms, .accounts = accounts};
    const bus_unsubscribe_call_t enough = {.rooms = rooms, .accounts = accounts};
    const waiter_t waiter = {
        .answer = s_on_tuned,
        .ctx = ctx,
        .tag = round,
        .type = hear ? CALL_bus_subscribe : CALL_bus_unsubscribe,
    };
    const void *args = hear ? (const void *)&wish : (const void *)&enough;
    err_t err = link_ask(NULL, (who_t){0}, args, &waiter);
    assert(err == ERR_OK || s_edge->away);
}

/* ---- to the broker and from it ---- */

bool small_edge_ask(small_edge_t *edge)
{
    call_t call;
    if (edge->taken == edge->asked.len)
        return false;
    slice_t rest = slice_from(buf_slice(&edge->asked), edge->taken);
    err_t err = call_read(&rest, &call);
    assert(err == ERR_OK);
    edge->taken = edge->asked.len - rest.len;
    small_broker_hear(edge->broker, &call);
    return true;
}

static void s_advance(small_edge_t *edge, uint64_t seq)
{
    if (seq > edge->head)
        edge->head = seq;
}

bool small_edge_take(small_edge_t *edge)
{
    slice_t in;
    reply_t reply;
    record_t record;
    if (edge->away || !small_broker_next(edge->broker, &in))
        return false;
    if (envelope_kind(in) == ENVELOPE_REPLY && reply_read(&in, &reply) == ERR_OK) {
        s_advance(edge, reply.as_of);
        desk_answer(edge->desk, &reply);
    } else if (record_read(&in, &record) == ERR_OK) {
        s_advance(edge, record.seq);
        fan_record(&edge->edge, &record);
    }
    assert(in.len == 0);
    return true;
}

void small_edge_turn(small_edge_t *edge)
{
    clients_turn(edge->edge.clients);
    if (!edge->away)
        hall_flush(edge->edge.hall);
}

void small_edge_sweep(small_edge_t *edge, uint64_t ahead_us)
{
    if (!edge->away)
        hall_sweep(edge->edge.hall, loop_now_us(edge->edge.loop) + ahead_us);
}

static void s_go_down(small_edge_t *edge)
{
    edge->away = true;
    edge->asked.len = edge->taken = 0;
    desk_fail_all(edge->desk);
    clients_close_all(edge->edge.clients, 1013, "away");
    hall_clear(edge->edge.hall);
    gate_clear(edge->edge.gate);
    small_broker_renew(edge->broker);
}

void small_edge_switch(small_edge_t *edge)
{
    if (edge->away)
        edge->away = false;
    else
        s_go_down(edge);
}

/* ---- the whole ---- */

/* Nothing here costs its asker anything, so that no run leaves a debt to the next. */
static quota_t *s_free_quota(void)
{
    quota_t *quota = quota_new();
    for (rate_id_t id = 0; id < RATE_COUNT; id++)
        quota_set(quota, id, &(rate_t){0});
    return quota;
}

/* What costs much to make, and what no run leaves anything in that another would see. */
static void s_make_lasting(edge_t *edge)
{
    static loop_t *loop;
    static diary_t *diary;
    static quota_t *quota;
    if (loop == NULL) {
        loop = loop_new();
        diary = diary_new();
        quota = s_free_quota();
    }
    edge->loop = loop;
    edge->diary = diary;
    edge->toll.quota = quota;
    edge->mint = spare_mint();
}

small_edge_t *small_edge_new(void)
{
    small_edge_t *edge = mem_new(small_edge_t);
    s_edge = edge;
    s_make_lasting(&edge->edge);
    edge->broker = small_broker_new();
    edge->desk = desk_new(CALLS_MAX, PATIENCE_US);
    edge->edge.arena = arena_new();
    edge->edge.hall = hall_new(&(hall_ports_t){.ctx = &edge->edge, .tune = s_tune});
    edge->edge.gate = gate_new();
    edge->edge.clients = clients_new(&edge->edge);
    edge->edge.adopted = adopted_new();
    return edge;
}

void small_edge_free(small_edge_t **edge_p)
{
    small_edge_t *edge = *edge_p;
    desk_fail_all(edge->desk);
    clients_destroy(&edge->edge.clients);
    hall_destroy(&edge->edge.hall);
    gate_destroy(&edge->edge.gate);
    adopted_destroy(&edge->edge.adopted);
    desk_destroy(&edge->desk);
    small_broker_free(&edge->broker);
    arena_destroy(&edge->edge.arena);
    buf_free(&edge->edge.body);
    buf_free(&edge->asked);
    mem_free(edge);
    *edge_p = NULL;
}
