/* router_calls.c - what the broker itself is asked: to be let in, to hear, to read. */
#include "actors/log.h"
#include "broker/router_state.h"
#include "schema/mem.h"

enum { PAGE_BYTES = 256 * 1024 };

/* Who waits for a page of the journal. */
typedef struct fetch {
    uint64_t peer;
    call_t call; /* of type 0: it is for the peer's stream */
} fetch_t;

/* Whether the peer's key lets it be that. */
static bool s_may_be(const peer_t *peer, const bus_hello_call_t *hello)
{
    bool actor = hello->actor > owner_BROKER && hello->actor != owner_EDGE;
    return peer->roles & ROLE_BIT(hello->role) && hello->role != peer_role_BOT &&
           (hello->role != peer_role_ACTOR || actor);
}

/* A new incarnation takes the office; the old one's decisions count no more. */
static void s_take_office(router_t *router, peer_t *peer, owner_t actor)
{
    peer_t *old = router->offices[actor];
    peer->actor = actor;
    router->offices[actor] = peer;
    if (old != NULL && old != peer)
        router_drop(router, old);
}

/* An actor is let in when what its forerunner decided is on disk or lost: what it reads
 * then is everything that it must know before it decides. */
static err_t s_hello(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_hello_call_t *hello = body;
    if (!s_may_be(peer, hello))
        return ERR_FORBIDDEN;
    bus_welcome_t welcome = {
        .peer = peer->id,
        .epoch = router->epoch,
        .head = router->head,
        .first = router->first,
    };
    router_leave_office(router, peer);
    peer->role = hello->role;
    peer->ready = false;
    if (hello->role == peer_role_ACTOR) {
        s_take_office(router, peer, hello->actor);
        router_answer_settled(router, peer, call, &welcome);
    } else {
        router_answer(router, peer, call, &welcome);
    }
    return ERR_OK;
}

static err_t s_ping(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_ping_call_t *ping = body;
    peer->applied = ping->applied;
    peer->hashes = ping->hashes;
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}

static err_t s_ready(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    (void)body;
    if (peer->role != peer_role_ACTOR)
        return ERR_FORBIDDEN;
    peer->ready = true;
    if (peer->actor == owner_SESSION)
        router_greet_session(router, peer);
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}

static err_t s_subscribe(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_subscribe_call_t *wish = body;
    for (size_t i = 0; i < wish->rooms.count; i++)
        registry_hear_room(router->registry, peer, wish->rooms.items[i]);
    for (size_t i = 0; i < wish->accounts.count; i++)
        registry_hear_account(router->registry, peer, wish->accounts.items[i]);
    if (wish->rooms.count + wish->accounts.count == 0)
        registry_hear_type(router->registry, peer, wish->prefix);
    router_answer(router, peer, call, &(bus_subscribed_t){.head = router->head});
    return ERR_OK;
}

static err_t s_unsubscribe(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_unsubscribe_call_t *wish = body;
    for (size_t i = 0; i < wish->rooms.count; i++)
        registry_leave_room(router->registry, peer, wish->rooms.items[i]);
    for (size_t i = 0; i < wish->accounts.count; i++)
        registry_leave_account(router->registry, peer, wish->accounts.items[i]);
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}

uint64_t router_fetch(router_t *router, page_order_t *order, uint64_t peer, const call_t *call)
{
    fetch_t *fetch = mem_new(fetch_t);
    fetch->peer = peer;
    if (call != NULL)
        fetch->call = *call;
    order->ticket = ++router->tickets;
    map_put(router->fetches, order->ticket, fetch);
    router->ports.fetch(router->ports.ctx, order);
    return order->ticket;
}

/* All whom people wait for have caught up, and the disk takes what they decide: accounts and
 * rooms are there always, and who else is there counts too. */
static bool s_is_ready(const router_t *router)
{
    bool ready = router->offices[owner_SESSION] != NULL && router->offices[owner_ROOM] != NULL &&
                 roster_complete(router->roster) && !router->unsettled;
    for (int owner = 0; owner < OWNERS; owner++)
        ready = ready && (router->offices[owner] == NULL || router->offices[owner]->ready);
    return ready && !router->suspended;
}

/* An actor that serves and reads works from behind: it leaves the machine to those who
 * still catch up, and asks again. */
static bool s_can_wait(const router_t *router, const peer_t *peer)
{
    return peer->role == peer_role_ACTOR && peer->ready && !s_is_ready(router);
}

/* From memory if the point is there, from the journal if not.  A page is complete
 * when it reaches the head: all that follows comes live on the same pipe. */
static err_t s_read(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_read_call_t *wish = body;
    uint64_t first = tail_first(router->tail);
    if (s_can_wait(router, peer))
        return ERR_UNAVAILABLE;
    if (wish->from < router->first) {
        router_refuse_old(router, peer, call);
        return ERR_OK;
    }
    if (wish->from <= router->head && (first == 0 || wish->from < first)) {
        page_order_t order = {0, wish->from, wish->rooms, wish->accounts};
        router_fetch(router, &order, peer->id, call);
        return ERR_OK;
    }
    buf_t records = {0};
    uint64_t next = wish->from;
    if (next <= router->head)
        next =
            tail_read(router->tail, wish->from, wish->rooms, wish->accounts, PAGE_BYTES, &records);
    router_answer(router, peer, call,
                  &(bus_page_t){
                      .records = buf_slice(&records),
                      .next = next,
                      .complete = next > router->head,
                  });
    buf_free(&records);
    return ERR_OK;
}

void router_page(router_t *router, uint64_t ticket, err_t status, uint64_t next, slice_t records)
{
    fetch_t *fetch = map_remove(router->fetches, ticket);
    if (fetch == NULL)
        return;
    peer_t *peer = registry_find(router->registry, fetch->peer);
    if (peer != NULL && fetch->call.type == 0)
        router_page_bot(router, peer, ticket, status, next, records);
    else if (peer != NULL && status == ERR_TOO_OLD) /* it was cut meanwhile */
        router_refuse_old(router, peer, &fetch->call);
    else if (peer != NULL && status != ERR_OK)
        router_refuse(router, peer, &fetch->call, status, NULL);
    else if (peer != NULL)
        router_answer(router, peer, &fetch->call,
                      &(bus_page_t){
                          .records = records,
                          .next = next,
                          .complete = next > router->head,
                      });
    mem_free(fetch);
}

static err_t s_status(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    (void)body;
    router_answer(router, peer, call,
                  &(bus_state_t){
                      .ready = s_is_ready(router),
                      .epoch = router->epoch,
                      .head = router->head,
                      .first = router->first,
                      .peers = registry_count(router->registry),
                  });
    return ERR_OK;
}

static err_t s_metrics(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    ledger_t ledger = {.arena = router->arena};
    (void)body;
    counts_put(&router->counts, router, &ledger);
    router_answer(router, peer, call, &(metric_list_t){.metrics = ledger_list(&ledger)});
    ledger_free(&ledger);
    return ERR_OK;
}

/* What one edge tells all others. */
typedef struct relay {
    const peer_t *from;
    const bus_relayed_event_t *event;
} relay_t;

static void s_relay_to(void *ctx, peer_t *peer)
{
    const relay_t *relay = ctx;
    if (peer->role != peer_role_EDGE || peer == relay->from)
        return;
    record_begin(&peer->out, &(record_t){.type = EVENT_bus_relayed, .version = 1});
    codec_pack(&peer->out, shape_bus_relayed_event(), relay->event);
    record_end(&peer->out);
}

static err_t s_relay(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_relay_call_t *said = body;
    bus_relayed_event_t event = {said->channels, said->name, said->data, said->except, said->user};
    if (peer->role != peer_role_EDGE)
        return ERR_FORBIDDEN;
    registry_each(router->registry, s_relay_to, &(relay_t){peer, &event});
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}

void router_cut(router_t *router, uint64_t first)
{
    router->first = first;
}

typedef err_t own_call_fn(router_t *router, peer_t *peer, const call_t *call, const void *body);

static const struct {
    call_number_t call;
    own_call_fn *perform;
} s_calls[] = {
    {CALL_bus_hello, s_hello},
    {CALL_bus_ping, s_ping},
    {CALL_bus_subscribe, s_subscribe},
    {CALL_bus_unsubscribe, s_unsubscribe},
    {CALL_bus_read, s_read},
    {CALL_bus_status, s_status},
    {CALL_bus_ready, s_ready},
    {CALL_bus_metrics, s_metrics},
    {CALL_bus_relay, s_relay},
    {CALL_bus_ask, router_ask_edges},
    {CALL_bus_tell, router_tell_operator},
    {CALL_record_start, router_start_recording},
    {CALL_record_stop, router_stop_recording},
    {CALL_record_status, router_tell_recordings},
    {CALL_record_report, router_hear_recording},
    {CALL_snapshot_take, router_take_snapshot},
    {CALL_bus_snapshotted, router_hear_copied},
};

static err_t s_perform(router_t *router, peer_t *peer, const call_t *call)
{
    const void *body;
    fault_t fault = {0};
    if (call->type != CALL_bus_hello && peer->role == peer_role_NONE)
        return ERR_UNAUTHENTICATED;

    arena_reset(router->arena);
    err_t err =
        codec_unpack(call->body, call_type(call->type)->shape(), router->arena, &fault, &body);
    for (size_t i = 0; err == ERR_OK && i < COUNT_OF(s_calls); i++)
        if (s_calls[i].call == call->type)
            return s_calls[i].perform(router, peer, call, body);
    return err == ERR_OK ? ERR_UNKNOWN_TYPE : err;
}

void router_own_call(router_t *router, peer_t *peer, const call_t *call)
{
    err_t err = s_perform(router, peer, call);
    if (err != ERR_OK)
        router_refuse(router, peer, call, err, NULL);
}
