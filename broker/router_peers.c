/* router_peers.c - peers that come into office, and peers that go.
 *
 * Everyone says something twice a second.  Who has hung up is found by knocking, who is silent or
 * takes too little by a look at all; either is removed with its subscriptions, an edge's people go
 * offline, and those who wait for an actor hear that nothing was done. */
#include "actors/log.h"
#include "broker/router_state.h"
#include "schema/pack.h"

enum {
    SILENCE_US = 10 * 1000 * 1000,
    KNOCK_US = 2 * 1000 * 1000,   /* of silence, until it shows whether a peer has hung up */
    SWEEP_US = 600 * 1000 * 1000, /* between two looks for what the gate can forget */
};

/* ---- what the router itself asks ---- */

static void s_ask(router_t *router, peer_t *actor, call_number_t number, uint64_t corr,
                  const void *body)
{
    call_t call = {.type = (uint16_t)number, .corr = corr};
    router->ports.stamp(router->ports.ctx, &call.time, call.rand);
    call_begin(&actor->out, &call);
    codec_pack(&actor->out, call_type(call.type)->shape(), body);
}

void router_ask_bots(router_t *router, uint64_t after)
{
    peer_t *session = router->offices[owner_SESSION];
    if (session != NULL)
        s_ask(router, session, CALL_bot_list, 1, &(bot_list_call_t){after});
}

/* In the bot's own name. */
void router_ask_rooms(router_t *router, uint64_t number, uint64_t account, uint64_t session)
{
    peer_t *rooms = router->offices[owner_ROOM];
    call_t call = {
        .type = CALL_room_ids,
        .corr = number,
        .principal = account,
        .session = session,
    };
    if (rooms == NULL)
        return;
    router->ports.stamp(router->ports.ctx, &call.time, call.rand);
    call_begin(&rooms->out, &call);
    codec_pack(&rooms->out, shape_room_ids_call(), &(room_ids_call_t){});
}

/* Edges tell again who is connected: the actor has forgotten it, or remembers edges that
 * another broker knew. */
static void s_recount(void *ctx, peer_t *peer)
{
    (void)ctx;
    if (peer->role != peer_role_EDGE)
        return;
    record_begin(&peer->out, &(record_t){.type = EVENT_bus_recount, .version = 1});
    codec_pack(&peer->out, shape_bus_recount_event(), &(bus_recount_event_t){});
    record_end(&peer->out);
}

void router_greet_session(router_t *router, peer_t *session)
{
    s_ask(router, session, CALL_session_ended, 1, &(session_ended_call_t){});
    router_ask_bots(router, 0);
    s_ask(router, session, CALL_presence_gone, 0, &(presence_gone_call_t){.peer = 0});
    registry_each(router->registry, s_recount, NULL);
}

/* ---- peers that go ---- */

static void s_tell_gone(router_t *router, uint64_t peer)
{
    peer_t *session = router->offices[owner_SESSION];
    if (session != NULL)
        s_ask(router, session, CALL_presence_gone, 0, &(presence_gone_call_t){.peer = peer});
}

/* What it has not decided it never will: its decisions count no more. */
static void s_give_up_docket(router_t *router, peer_t *peer)
{
    errand_t errand;
    while (docket_take(&peer->docket, &errand)) {
        err_t status = call_type(errand.type)->query ? ERR_UNAVAILABLE : ERR_NOT_DONE;
        decision_t none = {.type = errand.type, .corr = errand.corr, .origin = errand.origin};
        router_send(router, errand.origin, router_reply_of(router, &none, status, router->head));
    }
}

void router_leave_office(router_t *router, peer_t *peer)
{
    for (int owner = 0; owner < OWNERS; owner++)
        if (router->offices[owner] == peer)
            router->offices[owner] = NULL;
    router_snapshot_lose(router, peer);
    s_give_up_docket(router, peer);
}

void router_drop(router_t *router, peer_t *peer)
{
    router_leave_office(router, peer);
    router_drop_bot(router, peer);
    if (peer->role == peer_role_EDGE)
        s_tell_gone(router, peer->id);
    registry_remove(router->registry, &peer);
}

/* One look at all peers. */
typedef struct search {
    router_t *router;
    int64_t now;
    peer_t *found;
} search_t;

/* A word that needs no answer: who has hung up cannot be sent it. */
static void s_knock(void *ctx, peer_t *peer)
{
    const search_t *search = ctx;
    call_t ping = {.type = CALL_bus_ping, .origin = peer->id};
    if (search->now - peer->heard < KNOCK_US || peer->out.len > 0)
        return;
    if (peer->roles & ROLE_BIT(peer_role_BOT)) {
        router_knock_bot(search->router, peer);
        return;
    }
    router_reply_begin(search->router, &ping, ERR_OK);
    codec_pack(&search->router->reply, shape_nothing(), &(nothing_t){});
    buf_append(&peer->out, buf_slice(&search->router->reply));
}

/* The journal has lost what was personal already.  The actors make their projections anew, and
 * take no calls till they have said that they are ready again. */
void router_note_redacted(router_t *router, const record_t *record)
{
    if (record->type != EVENT_account_redacted)
        return;
    tail_forget(router->tail);
    for (size_t owner = 0; owner < OWNERS; owner++)
        if (router->offices[owner] != NULL)
            router->offices[owner]->ready = false;
}

/* The first peer found that is dead or takes too little; one a call, since it goes. */
static void s_look(void *ctx, peer_t *peer)
{
    search_t *search = ctx;
    bool bot = peer->roles & ROLE_BIT(peer_role_BOT);
    bool silent = search->now - peer->heard > (bot ? BOT_SILENCE_US : SILENCE_US);
    if (silent || peer->gone || peer->out.len > (bot ? BOT_OUT_BYTES_MAX : OUT_BYTES_MAX))
        search->found = peer;
}

static void s_sweep_gate(router_t *router, int64_t now)
{
    uint8_t unused[RAND_SIZE];
    int64_t time;
    if (now - router->swept < SWEEP_US)
        return;
    router->swept = now;
    router->ports.stamp(router->ports.ctx, &time, unused);
    gate_sweep(router->gate, time);
}

void router_tick(router_t *router, int64_t now)
{
    router->now = now;
    if (router->suspended)
        router_give_up_flight(router);
    s_sweep_gate(router, now);
    router_settle_judges(router, true);
    search_t search = {.router = router, .now = now};
    registry_each(router->registry, s_knock, &search);
    for (;; search.found = NULL) {
        registry_each(router->registry, s_look, &search);
        if (search.found == NULL)
            return;
        if (search.found->gone)
            log_info("broker", "peer %llx has hung up", (unsigned long long)search.found->id);
        else
            log_warn("broker", "peer %llx is silent or too slow and is cut off",
                     (unsigned long long)search.found->id);
        router_drop(router, search.found);
    }
}
