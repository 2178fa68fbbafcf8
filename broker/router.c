/* router.c - calls in, records out.
 *
 *   call ── may it? ──> owner's output          (an actor decides)
 *   decision ── number its records ──> journal  (its reply waits in the flight)
 *   committed ──> tail, replies, then everyone who hears it
 *
 * Invariants:
 *   - `assigned` is the last sequence given out, `head` the last one committed;
 *     records go to the journal in the order of their numbers and come back so.
 *   - a decision of another epoch or of a peer that is not the actor in office is
 *     refused whole: no record of it is numbered.
 *   - a peer's output is one ordered pipe: whatever is appended first arrives first.
 *   - the outputs of actors leave before those of the others, so whoever acts on a
 *     reply meets actors that have its events in their mailbox. */
#include "broker/router.h"

#include <assert.h>

#include "actors/log.h"
#include "broker/router_state.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum {
    TAIL_BYTES = 32 * 1024 * 1024,
    FLIGHT_BYTES_MAX = 64 * 1024 * 1024, /* replies that wait for the disk */
    OUT_BYTES_MAX = 64 * 1024 * 1024,    /* a peer that lets more wait is cut off */
    SILENCE_US = 10 * 1000 * 1000,
    KNOCK_US = 2 * 1000 * 1000,   /* of silence, until it shows whether a peer has hung up */
    SWEEP_US = 600 * 1000 * 1000, /* between two looks for what the gate can forget */
};

router_t *router_new(const router_ports_t *ports, uint64_t head, uint64_t epoch)
{
    router_t *router = mem_new(router_t);
    router->ports = *ports;
    router->registry = registry_new();
    router->flight = flight_new();
    router->tail = tail_new(TAIL_BYTES);
    router->fetches = map_new();
    router->gate = gate_new();
    router->arena = arena_new();
    router->head = head;
    router->assigned = head;
    router->epoch = epoch;
    return router;
}

void router_destroy(router_t **router_p)
{
    router_t *router = *router_p;
    uint64_t ticket;
    void *fetch;
    if (router == NULL)
        return;
    *router_p = NULL;
    for (size_t at = 0; map_next(router->fetches, &at, &ticket, &fetch);)
        mem_free(fetch);
    map_destroy(&router->fetches);
    registry_destroy(&router->registry);
    flight_destroy(&router->flight);
    tail_destroy(&router->tail);
    gate_destroy(&router->gate);
    arena_destroy(&router->arena);
    buf_free(&router->records);
    buf_free(&router->reply);
    mem_free(router);
}

bool router_idle(const router_t *router)
{
    return flight_empty(router->flight) && router->assigned == router->head;
}

/* ---- answering ---- */

static void s_reply_begin(router_t *router, const call_t *call, err_t status)
{
    buf_reset(&router->reply);
    reply_begin(&router->reply, &(reply_t){
                                    .type = call->type,
                                    .corr = call->corr,
                                    .origin = call->origin,
                                    .status = status,
                                    .as_of = router->head,
                                });
}

void router_answer(router_t *router, peer_t *peer, const call_t *call, const void *object)
{
    if (call->corr == 0)
        return;
    s_reply_begin(router, call, ERR_OK);
    codec_pack(&router->reply, call_type(call->type)->answer(), object);
    buf_append(&peer->out, buf_slice(&router->reply));
}

void router_answer_settled(router_t *router, peer_t *peer, const call_t *call, const void *object)
{
    if (router->assigned == router->head) {
        router_answer(router, peer, call, object);
        return;
    }
    s_reply_begin(router, call, ERR_OK);
    codec_pack(&router->reply, call_type(call->type)->answer(), object);
    flight_add(router->flight, router->assigned, buf_slice(&router->reply));
}

void router_refuse(router_t *router, peer_t *peer, const call_t *call, err_t err,
                   const char *detail)
{
    router->counts.refused[err]++;
    if (call->corr == 0)
        return;
    s_reply_begin(router, call, err);
    if (detail != NULL)
        pack_str(&router->reply, slice_of(detail));
    else
        pack_nil(&router->reply);
    buf_append(&peer->out, buf_slice(&router->reply));
}

/* ---- calls ---- */

/* A person by an edge; an operator asks in nobody's name, and sees all. */
static err_t s_person(const router_t *router, const peer_t *peer, const call_t *call,
                      bool operators)
{
    if (peer->role == peer_role_OPERATOR && operators)
        return ERR_OK;
    if (peer->role != peer_role_EDGE)
        return ERR_FORBIDDEN;
    if (call->principal == 0)
        return ERR_UNAUTHENTICATED;
    return gate_passes(router->gate, call->principal, call->session) ? ERR_OK : ERR_SESSION_ENDED;
}

static err_t s_access(const router_t *router, const peer_t *peer, const call_type_t *type,
                      const call_t *call)
{
    if (peer->role == peer_role_NONE)
        return ERR_UNAVAILABLE;
    switch (type->access) {
    case ACCESS_PEERS:
        return ERR_OK;
    case ACCESS_ANYONE:
        return peer->role == peer_role_EDGE ? ERR_OK : ERR_FORBIDDEN;
    case ACCESS_EDGES:
        if (call->principal > 0)
            return s_person(router, peer, call, false);
        return peer->role == peer_role_EDGE ? ERR_OK : ERR_FORBIDDEN;
    case ACCESS_PERSON:
        return s_person(router, peer, call, type->query);
    case ACCESS_STAFF:
        return s_person(router, peer, call, true);
    case ACCESS_OPERATORS:
        return peer->role == peer_role_OPERATOR ? ERR_OK : ERR_FORBIDDEN;
    case ACCESS_BROKERS:
        return ERR_FORBIDDEN;
    }
    return ERR_FORBIDDEN;
}

/* Whether the owner can be given one more call; reading goes on while the disk refuses. */
static bool s_takes(const router_t *router, const peer_t *owner, const call_type_t *type)
{
    return owner != NULL && owner->ready && (type->query || !router->suspended) &&
           owner->out.len < OUT_BYTES_MAX / 4 && flight_bytes(router->flight) < FLIGHT_BYTES_MAX;
}

static void s_stamp(router_t *router, peer_t *peer, call_t *call)
{
    uint8_t *at = (uint8_t *)(uintptr_t)call->bytes.ptr;
    call->origin = peer->id;
    if (peer->role == peer_role_EDGE) {
        call_stamp(at, call->origin);
        return;
    }
    call->principal = 0;
    call->session = 0;
    router->ports.stamp(router->ports.ctx, &call->time, call->rand);
    call_stamp_all(at, call);
}

static void s_forward(peer_t *owner, const call_t *call)
{
    if (call->corr != 0)
        docket_add(&owner->docket, (errand_t){call->origin, call->corr, call->type});
    buf_append(&owner->out, call->bytes);
}

static void s_call(router_t *router, peer_t *peer, call_t *call)
{
    const call_type_t *type = call_type(call->type);
    s_stamp(router, peer, call);
    router->counts.calls++;
    if (type == NULL) {
        router_refuse(router, peer, call, ERR_UNKNOWN_TYPE, NULL);
        return;
    }
    if (type->owner == owner_BROKER) {
        router_own_call(router, peer, call);
        return;
    }
    err_t err = s_access(router, peer, type, call);
    if (err == ERR_OK && !s_takes(router, router->offices[type->owner], type))
        err = ERR_UNAVAILABLE;
    if (err != ERR_OK)
        router_refuse(router, peer, call, err, NULL);
    else
        s_forward(router->offices[type->owner], call);
}

/* ---- decisions ---- */

/* An actor has answered or refused. */
static void s_count(router_t *router, err_t status)
{
    router->counts.refused[status < ERR_COUNT_ ? status : ERR_INTERNAL]++;
}

static void s_send_reply(router_t *router, uint64_t origin, slice_t reply)
{
    peer_t *peer = registry_find(router->registry, origin);
    if (peer != NULL) /* else it is gone, and nobody waits */
        buf_append(&peer->out, reply);
}

/* The reply in a decision, as of a sequence. */
static slice_t s_reply_of(router_t *router, const decision_t *decision, err_t status,
                          uint64_t as_of)
{
    buf_reset(&router->reply);
    reply_begin(&router->reply, &(reply_t){
                                    .type = decision->type,
                                    .corr = decision->corr,
                                    .origin = decision->origin,
                                    .status = status,
                                    .as_of = as_of,
                                });
    if (status == decision->status)
        buf_append(&router->reply, decision->body);
    else
        pack_nil(&router->reply);
    return buf_slice(&router->reply);
}

static void s_take_record(router_t *router, const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    if (type != NULL && type->flags & EVENT_VOLATILE) {
        router_publish(router, record);
        return;
    }
    record_number((uint8_t *)(uintptr_t)record->bytes.ptr, ++router->assigned, router->epoch);
    buf_append(&router->records, record->bytes);
}

/* The records behind a decision, off *in; only looked at if they are not taken. */
static bool s_records(router_t *router, slice_t *in, uint16_t count, bool taken)
{
    record_t record;
    for (uint16_t i = 0; i < count; i++) {
        if (record_read(in, &record) != ERR_OK)
            return false;
        if (taken)
            s_take_record(router, &record);
    }
    return true;
}

/* What becomes of a decision of a past epoch or office: an answer that rests on what was
 * pending then may rest on something that was lost. */
static err_t s_stale_status(const decision_t *decision)
{
    if (decision->records > 0)
        return ERR_NOT_DONE;
    return decision->rests ? ERR_UNKNOWN_OUTCOME : decision->status;
}

static bool s_decision(router_t *router, peer_t *peer, slice_t *in)
{
    decision_t decision;
    if (decision_read(in, &decision) != ERR_OK)
        return false;
    bool valid = decision.epoch == router->epoch && !router->suspended &&
                 peer->role == peer_role_ACTOR && router->offices[peer->actor] == peer;
    uint64_t before = router->assigned;
    size_t len = router->records.len;
    if (!s_records(router, in, decision.records, valid)) {
        router->assigned = before;
        router->records.len = len;
        return false;
    }
    if (decision.corr == 0)
        return true;

    docket_strike(&peer->docket, decision.origin, decision.corr);
    err_t status = valid ? decision.status : s_stale_status(&decision);
    s_count(router, status);
    bool waits = router->assigned != before || (decision.rests && router->assigned != router->head);
    if (waits)
        flight_add(router->flight, router->assigned,
                   s_reply_of(router, &decision, status, router->assigned));
    else
        s_send_reply(router, decision.origin, s_reply_of(router, &decision, status, router->head));
    return true;
}

/* ---- what the router itself asks ---- */

static void s_ask(router_t *router, peer_t *actor, call_number_t number, uint64_t corr,
                  const void *body)
{
    call_t call = {.type = (uint16_t)number, .corr = corr};
    router->ports.stamp(router->ports.ctx, &call.time, call.rand);
    call_begin(&actor->out, &call);
    codec_pack(&actor->out, call_type(call.type)->shape(), body);
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
    s_ask(router, session, CALL_presence_gone, 0, &(presence_gone_call_t){.peer = 0});
    registry_each(router->registry, s_recount, NULL);
}

/* A reply to the router itself: the only thing that it asks and waits for. */
static void s_learn(router_t *router, const reply_t *reply)
{
    const void *ended;
    fault_t fault;
    if (reply->type != CALL_session_ended || reply->status != ERR_OK)
        return;
    arena_reset(router->arena);
    if (codec_unpack(reply->body, shape_ended_list(), router->arena, &fault, &ended) == ERR_OK)
        gate_learn(router->gate, ended);
}

/* ---- receiving ---- */

static bool s_reply(router_t *router, peer_t *peer, slice_t *in)
{
    reply_t reply;
    if (reply_read(in, &reply) != ERR_OK)
        return false;
    docket_strike(&peer->docket, reply.origin, reply.corr);
    s_count(router, reply.status);
    if (reply.origin == 0)
        s_learn(router, &reply);
    else if (reply.corr != 0)
        s_send_reply(router, reply.origin, reply.bytes);
    return true;
}

/* One envelope off the front; false when the rest makes no sense. */
static bool s_envelope(router_t *router, peer_t *peer, slice_t *in)
{
    call_t call;
    switch (envelope_kind(*in)) {
    case ENVELOPE_CALL:
        if (call_read(in, &call) != ERR_OK)
            return false;
        s_call(router, peer, &call);
        return true;
    case ENVELOPE_DECISION:
        return peer->role == peer_role_ACTOR && s_decision(router, peer, in);
    case ENVELOPE_REPLY:
        return peer->role == peer_role_ACTOR && s_reply(router, peer, in);
    case ENVELOPE_RECORD:
    case ENVELOPE_NONE:
        return false;
    }
    return false;
}

/* The peer, who may be new; and new again when its key no longer allows what it was. */
static peer_t *s_sender(router_t *router, uint64_t id, roles_t roles)
{
    peer_t *peer = registry_find(router->registry, id);
    if (peer != NULL && peer->role != peer_role_NONE && !(roles & ROLE_BIT(peer->role))) {
        log_warn("broker", "peer %llx has lost its rights and is cut off", (unsigned long long)id);
        router_drop(router, peer);
        peer = NULL;
    }
    if (peer == NULL)
        peer = registry_add(router->registry, id);
    peer->roles = roles;
    return peer;
}

void router_receive(router_t *router, uint64_t id, roles_t roles, slice_t message, int64_t now)
{
    peer_t *peer = s_sender(router, id, roles);
    peer->heard = now;
    while (message.len > 0) {
        if (s_envelope(router, peer, &message))
            continue;
        log_warn("broker", "peer %llx sent a malformed message and is cut off",
                 (unsigned long long)id);
        router_drop(router, peer);
        return;
    }
}

/* ---- the journal's answers ---- */

void router_publish(router_t *router, const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    if (type != NULL)
        registry_publish(router->registry, type, record->room, record->account, record->bytes,
                         ++router->marks);
}

static void s_leave(void *ctx, slice_t bytes)
{
    router_t *router = ctx;
    reply_t reply;
    slice_t in = bytes;
    if (reply_read(&in, &reply) == ERR_OK)
        s_send_reply(router, reply.origin, bytes);
}

void router_committed(router_t *router, slice_t records)
{
    slice_t in = records;
    record_t record;
    uint64_t before = router->head;
    while (in.len > 0) {
        err_t err = record_read(&in, &record);
        assert(err == ERR_OK && record.seq == router->head + 1);
        router->head = record.seq;
        tail_add(router->tail, &record);
        (void)gate_hear(router->gate, &record);
    }
    histogram_add(&router->counts.batch_records, router->head - before);
    histogram_add(&router->counts.batch_bytes, records.len);
    if (router->assigned < router->head)
        router->assigned = router->head; /* found after a reopen */
    flight_land(router->flight, router->head, s_leave, router);
    for (in = records; in.len > 0 && record_read(&in, &record) == ERR_OK;)
        router_publish(router, &record);
}

void router_timed(router_t *router, uint64_t took_us)
{
    histogram_add(&router->counts.commit_us, took_us);
}

void router_suspend(router_t *router)
{
    router->suspended = true;
    buf_reset(&router->records);
}

/* What did not land is unknown to those who asked. */
static void s_unknown(void *ctx, slice_t bytes)
{
    router_t *router = ctx;
    reply_t reply;
    slice_t in = bytes;
    if (reply_read(&in, &reply) != ERR_OK)
        return;
    decision_t decision = {.type = reply.type, .corr = reply.corr, .origin = reply.origin};
    s_send_reply(router, reply.origin,
                 s_reply_of(router, &decision, ERR_UNKNOWN_OUTCOME, router->head));
}

void router_reopened(router_t *router, uint64_t epoch)
{
    flight_land(router->flight, UINT64_MAX, s_unknown, router);
    router->assigned = router->head;
    router->epoch = epoch;
    router->suspended = false;

    buf_t notice = {0};
    record_begin(&notice, &(record_t){.type = EVENT_bus_epoch, .version = 1, .epoch = epoch});
    codec_pack(&notice, shape_bus_epoch_event(),
               &(bus_epoch_event_t){.epoch = epoch, .head = router->head});
    record_end(&notice);
    for (int owner = 0; owner < OWNERS; owner++)
        if (router->offices[owner] != NULL)
            buf_append(&router->offices[owner]->out, buf_slice(&notice));
    buf_free(&notice);
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
        s_send_reply(router, errand.origin, s_reply_of(router, &none, status, router->head));
    }
}

void router_leave_office(router_t *router, peer_t *peer)
{
    for (int owner = 0; owner < OWNERS; owner++)
        if (router->offices[owner] == peer)
            router->offices[owner] = NULL;
    s_give_up_docket(router, peer);
}

void router_drop(router_t *router, peer_t *peer)
{
    router_leave_office(router, peer);
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
    s_reply_begin(search->router, &ping, ERR_OK);
    codec_pack(&search->router->reply, shape_nothing(), &(nothing_t){});
    buf_append(&peer->out, buf_slice(&search->router->reply));
}

/* The first peer found that is dead or takes too little; one a call, since it goes. */
static void s_look(void *ctx, peer_t *peer)
{
    search_t *search = ctx;
    bool silent = search->now - peer->heard > SILENCE_US;
    if (silent || peer->gone || peer->out.len > OUT_BYTES_MAX)
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
    s_sweep_gate(router, now);
    search_t search = {.router = router, .now = now};
    registry_each(router->registry, s_knock, &search);
    for (;; search.found = NULL) {
        registry_each(router->registry, s_look, &search);
        if (search.found == NULL)
            return;
        log_warn("broker", "peer %llx %s", (unsigned long long)search.found->id,
                 search.found->gone ? "has hung up" : "is silent or too slow and is cut off");
        router_drop(router, search.found);
    }
}

/* ---- the end of a turn ---- */

typedef struct flush {
    router_t *router;
    bool actors; /* these first, then the others */
    bool all;    /* everything could leave */
} flush_t;

static void s_flush_peer(void *ctx, peer_t *peer)
{
    flush_t *flush = ctx;
    if ((peer->role == peer_role_ACTOR) != flush->actors || peer->out.len == 0)
        return;
    err_t err = flush->router->ports.send(flush->router->ports.ctx, peer->id, &peer->out);
    if (err == ERR_UNAVAILABLE)
        flush->all = false;
    if (err != ERR_NOT_FOUND)
        return;
    peer->gone = true; /* the next look at the peers removes it */
    buf_reset(&peer->out);
}

bool router_flush(router_t *router)
{
    if (router->records.len > 0) {
        router->ports.append(router->ports.ctx, buf_slice(&router->records));
        buf_reset(&router->records);
    }
    flight_seal(router->flight);
    flush_t flush = {router, true, true};
    registry_each(router->registry, s_flush_peer, &flush);
    flush.actors = false;
    registry_each(router->registry, s_flush_peer, &flush);
    return flush.all;
}
