/* edge.c - see ws-edge/link.c, which does the same with a real clock.
 *
 *   DOWN ── hello, welcomed ──> UP ── told which sessions have ended ──> GATED
 *     ^                          └── silence, or the broker does not know us ──┤
 *     └────────────────────────────────────────────────────────────────────────┘ */
#include "tests/world/edge.h"

#include <assert.h>
#include <string.h>

#include "schema/codec.h"
#include "schema/mem.h"
#include "tests/world/chance.h"
#include "tests/world/crew.h"
#include "tests/world/fibre.h"
#include "tests/world/hour.h"
#include "tests/world/ledger.h"
#include "tests/world/net.h"
#include "tests/world/story.h"

enum { ASKS_MAX = 512, PEOPLE_MAX = 64, OWN_ACCOUNT = 0 };

static const int64_t s_ping_us = 500 * 1000;
static const int64_t s_silence_us = 2 * 1000 * 1000;
static const int64_t s_patience_us = 10 * 1000 * 1000;

typedef struct ask {
    uint64_t corr; /* 0: free */
    uint16_t type;
    int64_t asked;
    edge_answer_fn *answer;
    void *ctx;
} ask_t;

struct edge {
    int number;
    bus_t *bus;
    bool up;
    bool gated; /* it knows which sessions have ended, so the broker does: people are served */
    int64_t heard;
    int64_t ticks; /* when the next look is due */
    int64_t hello;
    uint64_t told; /* how far anybody knew of the journal then */
    uint64_t corrs;
    ask_t asks[ASKS_MAX];
    uint64_t people[PEOPLE_MAX]; /* who are connected; 0: free */
    listener_t *listener;        /* what was heard since it is up */
    arena_t *arena;
    buf_t out;
};

/* What a subscription's answer is about. */
typedef struct subscription {
    edge_t *edge;
    listener_t *listener;
    uint64_t room;
} subscription_t;

/* ---- asking ---- */

static ask_t *s_free_ask(edge_t *edge)
{
    for (size_t i = 0; i < ASKS_MAX; i++)
        if (edge->asks[i].corr == 0)
            return &edge->asks[i];
    return NULL;
}

static void s_write(edge_t *edge, asker_t who, call_number_t number, uint64_t corr,
                    const void *args)
{
    call_t call = {
        .type = (uint16_t)number,
        .corr = corr,
        .principal = who.account,
        .session = who.session,
        .time = hour_wall(),
    };
    for (size_t i = 0; i < RAND_SIZE; i++)
        call.rand[i] = (uint8_t)chance();
    call_begin(&edge->out, &call);
    codec_pack(&edge->out, call_type(call.type)->shape(), args);
}

static bool s_ask(edge_t *edge, asker_t who, call_number_t call, const void *args,
                  edge_answer_fn *answer, void *ctx)
{
    ask_t *ask = s_free_ask(edge);
    if (ask == NULL)
        return false;
    *ask = (ask_t){++edge->corrs, (uint16_t)call, hour_now(), answer, ctx};
    s_write(edge, who, call, ask->corr, args);
    return true;
}

bool edge_ask(edge_t *edge, asker_t who, call_number_t call, const void *args,
              edge_answer_fn *answer, void *ctx)
{
    bool serves = edge->up && (edge->gated || who.account == 0);
    return serves && s_ask(edge, who, call, args, answer, ctx);
}

static void s_tell(edge_t *edge, call_number_t call, const void *args)
{
    if (edge->up)
        s_write(edge, (asker_t){0}, call, 0, args);
}

/* Nobody will answer: a command may have been done all the same. */
static void s_give_up(ask_t *ask)
{
    ask_t given = *ask;
    ask->corr = 0;
    given.answer(given.ctx, call_type(given.type)->query ? ERR_UNAVAILABLE : ERR_UNKNOWN_OUTCOME,
                 NULL);
}

static void s_expire(edge_t *edge, int64_t before)
{
    for (size_t i = 0; i < ASKS_MAX; i++)
        if (edge->asks[i].corr != 0 && edge->asks[i].asked <= before)
            s_give_up(&edge->asks[i]);
}

bool edge_is_idle(const edge_t *edge)
{
    for (size_t i = 0; i < ASKS_MAX; i++)
        if (edge->asks[i].corr != 0 && edge->asks[i].type != CALL_bus_ping)
            return false;
    return edge->out.len == 0;
}

/* ---- who is connected ---- */

static size_t s_place(const edge_t *edge, uint64_t account)
{
    size_t place = 0;
    while (place < PEOPLE_MAX && edge->people[place] != account)
        place++;
    return place;
}

bool edge_has(const edge_t *edge, uint64_t account)
{
    return s_place(edge, account) < PEOPLE_MAX;
}

static void s_on_nothing(void *ctx, err_t status, const void *answer)
{
    (void)ctx;
    (void)status;
    (void)answer;
}

void edge_connect(edge_t *edge, uint64_t account, bool online)
{
    size_t place = s_place(edge, account);
    if (!edge->up || (place < PEOPLE_MAX) == online)
        return;
    if (online)
        place = s_place(edge, 0);
    assert(place < PEOPLE_MAX);
    edge->people[place] = online ? account : 0;
    s_tell(edge, CALL_presence_set, &(presence_set_call_t){account, online});
    ids_t accounts = {&account, 1};
    if (online)
        s_ask(edge, (asker_t){0}, CALL_bus_subscribe, &(bus_subscribe_call_t){.accounts = accounts},
              s_on_nothing, NULL);
    else
        s_ask(edge, (asker_t){0}, CALL_bus_unsubscribe,
              &(bus_unsubscribe_call_t){.accounts = accounts}, s_on_nothing, NULL);
}

/* All of them, ascending, as hall_accounts gives them. */
static void s_announce(edge_t *edge)
{
    uint64_t all[PEOPLE_MAX];
    size_t count = 0;
    for (size_t i = 0; i < PEOPLE_MAX; i++) {
        size_t at = count;
        if (edge->people[i] == 0)
            continue;
        for (; at > 0 && all[at - 1] > edge->people[i]; at--)
            all[at] = all[at - 1];
        all[at] = edge->people[i];
        count++;
    }
    s_tell(edge, CALL_presence_announce, &(presence_announce_call_t){{all, count}});
}

/* ---- up and down ---- */

static void s_on_heard(void *ctx, err_t status, const void *answer)
{
    subscription_t *it = ctx;
    if (status == ERR_OK && it->edge->listener == it->listener)
        listener_begins(it->listener, it->room, ((const bus_subscribed_t *)answer)->head);
    mem_free(it);
}

void edge_hear(edge_t *edge, uint64_t room)
{
    if (!edge->up)
        return;
    subscription_t *it = mem_new(subscription_t);
    *it = (subscription_t){edge, edge->listener, room};
    if (!s_ask(edge, (asker_t){0}, CALL_bus_subscribe, &(bus_subscribe_call_t){.rooms = {&room, 1}},
               s_on_heard, it))
        mem_free(it);
}

static void s_go_down(edge_t *edge, const char *why)
{
    if (!edge->up)
        return;
    story("edge %d  the broker is %s", edge->number, why);
    edge->up = false;
    edge->gated = false;
    edge->hello = INT64_MIN / 2;
    buf_reset(&edge->out);
    memset(edge->people, 0, sizeof edge->people);
    listener_ends(edge->listener);
    edge->listener = NULL;
    s_expire(edge, INT64_MAX);
}

static void s_on_ended(void *ctx, err_t status, const void *answer)
{
    edge_t *edge = ctx;
    (void)answer;
    edge->gated = edge->gated || (edge->up && status == ERR_OK);
}

static void s_learn_ended(edge_t *edge)
{
    s_ask(edge, (asker_t){0}, CALL_session_ended, &(session_ended_call_t){}, s_on_ended, edge);
}

static void s_on_welcome(void *ctx, err_t status, const void *answer)
{
    edge_t *edge = ctx;
    if (edge->up || status != ERR_OK)
        return;
    const bus_welcome_t *welcome = answer;
    story("edge %d  is let in at %llu", edge->number, (unsigned long long)welcome->head);
    if (welcome->head < edge->told)
        story_violation("the journal is at %llu, and somebody was told of %llu",
                        (unsigned long long)welcome->head, (unsigned long long)edge->told);
    edge->up = true;
    edge->listener = listener_new(edge->number);
    s_announce(edge);
    s_learn_ended(edge);
    for (size_t i = 0; i < ledger_rooms().count; i++)
        edge_hear(edge, ledger_rooms().items[i]);
}

static void s_hello(edge_t *edge)
{
    const bus_hello_call_t hello = {.role = peer_role_EDGE, .actor = owner_EDGE};
    edge->hello = hour_now();
    edge->told = ledger_known();
    s_ask(edge, (asker_t){0}, CALL_bus_hello, &hello, s_on_welcome, edge);
}

static void s_hello_again(edge_t *edge)
{
    err_t err = bus_renew(edge->bus);
    assert(err == ERR_OK);
    buf_reset(&edge->out);
    s_expire(edge, INT64_MAX);
    s_hello(edge);
}

static void s_on_pong(void *ctx, err_t status, const void *answer)
{
    (void)answer;
    if (status != ERR_OK && status != ERR_UNKNOWN_OUTCOME)
        s_go_down(ctx, "no longer ours");
}

static void s_tick(edge_t *edge)
{
    int64_t now = hour_now();
    edge->ticks = now + s_ping_us;
    s_expire(edge, now - s_patience_us);
    if (now - edge->heard > s_silence_us)
        s_go_down(edge, "silent");
    if (edge->up)
        s_ask(edge, (asker_t){0}, CALL_bus_ping, &(bus_ping_call_t){0}, s_on_pong, edge);
    if (edge->up && !edge->gated)
        s_learn_ended(edge);
    else if (!edge->up && now - edge->hello > s_silence_us)
        s_hello_again(edge);
}

edge_t *edge_new(int number)
{
    edge_t *edge = mem_new(edge_t);
    edge->number = number;
    edge->arena = arena_new();
    edge->hello = INT64_MIN / 2;
    err_t err = bus_connect(CREW_BUS, NULL, &edge->bus);
    assert(err == ERR_OK);
    return edge;
}

void edge_restart(edge_t *edge)
{
    s_go_down(edge, "lost: this edge dies");
    s_expire(edge, INT64_MAX);
    bus_close(&edge->bus);
    err_t err = bus_connect(CREW_BUS, NULL, &edge->bus);
    assert(err == ERR_OK);
}

bool edge_is_up(const edge_t *edge)
{
    return edge->up && edge->gated;
}

bus_t *edge_bus(edge_t *edge)
{
    return edge->bus;
}

/* ---- hearing ---- */

static void s_take_reply(edge_t *edge, const reply_t *reply)
{
    const void *answer = NULL;
    fault_t fault;
    ledger_told(reply->as_of);
    for (size_t i = 0; i < ASKS_MAX; i++) {
        ask_t *ask = &edge->asks[i];
        if (ask->corr == 0 || ask->corr != reply->corr)
            continue;
        ask_t asked = *ask;
        ask->corr = 0;
        if (asked.type != reply->type)
            story_violation("an answer of another kind: %u to %u", reply->type, asked.type);
        arena_reset(edge->arena);
        if (reply->status == ERR_OK && codec_unpack(reply->body, call_type(asked.type)->answer(),
                                                    edge->arena, &fault, &answer) != ERR_OK)
            story_violation("an answer to %s that cannot be read", call_type(asked.type)->name);
        else
            asked.answer(asked.ctx, reply->status, answer);
        return;
    }
}

static void s_take_record(edge_t *edge, const record_t *record)
{
    if (!edge->up)
        return;
    if (record->type == EVENT_bus_recount)
        s_announce(edge);
    else if (record->seq > 0)
        listener_hears(edge->listener, record);
}

static bool s_take(edge_t *edge, slice_t *in)
{
    reply_t reply;
    record_t record;
    if (envelope_kind(*in) == ENVELOPE_REPLY && reply_read(in, &reply) == ERR_OK)
        s_take_reply(edge, &reply);
    else if (envelope_kind(*in) == ENVELOPE_RECORD && record_read(in, &record) == ERR_OK)
        s_take_record(edge, &record);
    else
        return false;
    return true;
}

static void s_receive(edge_t *edge)
{
    uint32_t peer;
    slice_t message;
    while (bus_receive(edge->bus, &peer, &message)) {
        edge->heard = hour_now();
        while (message.len > 0)
            if (!s_take(edge, &message)) {
                story_violation("the broker sent something malformed");
                break;
            }
    }
}

void edge_step(edge_t *edge)
{
    s_receive(edge);
    if (hour_now() >= edge->ticks)
        s_tick(edge);
    if (edge->out.len > 0)
        (void)!bus_send(edge->bus, &edge->out); /* a full queue keeps it */
}

int64_t edge_next(const edge_t *edge)
{
    return edge->ticks;
}
