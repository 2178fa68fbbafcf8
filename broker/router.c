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

#include "actors/failpoint.h"
#include "actors/log.h"
#include "broker/router_state.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum {
    TAIL_BYTES = 32 * 1024 * 1024,
    FLIGHT_BYTES_MAX = 64 * 1024 * 1024, /* replies that wait for the disk */
    PATIENCE_US = 500 * 1000,            /* unless somebody says otherwise */
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
    router->roster = roster_new();
    router->judges = judges_new();
    router->verdicts = verdicts_new();
    router->judging = true; /* until it is known that nobody judges */
    router->patience_us = PATIENCE_US;
    router->arena = arena_new();
    router->snapping.arena = arena_new();
    router->first = 1;
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
    roster_destroy(&router->roster);
    judges_destroy(&router->judges);
    verdicts_destroy(&router->verdicts);
    arena_destroy(&router->arena);
    arena_destroy(&router->snapping.arena);
    buf_free(&router->records);
    buf_free(&router->committed);
    buf_free(&router->reply);
    buf_free(&router->said);
    mem_free(router);
}

uint64_t router_find_bot(const router_t *router, const char *key)
{
    const roster_bot_t *bot = roster_of_key(router->roster, key);
    return bot != NULL ? bot->session : 0;
}

bool router_knows_bots(const router_t *router)
{
    return roster_complete(router->roster);
}

bool router_idle(const router_t *router)
{
    return flight_empty(router->flight) && router->assigned == router->head;
}

/* ---- calls ---- */

/* A person by an edge; an operator asks in nobody's name, and sees all. */
static err_t s_person(const router_t *router, const peer_t *peer, const call_t *call,
                      bool operators)
{
    if (peer->role == peer_role_OPERATOR && operators)
        return ERR_OK;
    if (peer->role != peer_role_EDGE && peer->role != peer_role_BOT)
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
        if (call->principal > 0 && peer->role != peer_role_BOT)
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

/* What is in the way of one more call to the owner.  While the disk refuses, reading goes on,
 * and whatever is recorded nowhere. */
static err_t s_obstacle(const router_t *router, const peer_t *owner, const call_type_t *type)
{
    if (owner == NULL || !owner->ready || owner->out.len >= OUT_BYTES_MAX / 4 ||
        flight_bytes(router->flight) >= FLIGHT_BYTES_MAX)
        return ERR_UNAVAILABLE;
    return router->suspended && !type->query && !type->fleeting ? ERR_STORAGE : ERR_OK;
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

err_t router_admits(const router_t *router, const peer_t *peer, const call_type_t *type,
                    const call_t *call)
{
    err_t err = s_access(router, peer, type, call);
    return err == ERR_OK ? s_obstacle(router, router->offices[type->owner], type) : err;
}

err_t router_pass(router_t *router, const peer_t *peer, const call_type_t *type, const call_t *call)
{
    err_t err = router_admits(router, peer, type, call);
    if (err == ERR_OK)
        s_forward(router->offices[type->owner], call);
    return err;
}

err_t router_forward(router_t *router, const peer_t *peer, const call_type_t *type,
                     const call_t *call)
{
    if (router->judging && !type->query && type->owner == owner_ROOM)
        return router_judge(router, peer, type, call);
    return router_pass(router, peer, type, call);
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
    err_t err = router_forward(router, peer, type, call);
    if (err != ERR_OK)
        router_refuse(router, peer, call, err, NULL);
}

/* ---- receiving ---- */

/* One envelope off the front; false when the rest makes no sense. */
static bool s_envelope(router_t *router, peer_t *peer, slice_t *in)
{
    call_t call;
    if (peer->roles & ROLE_BIT(peer_role_BOT))
        return router_hear_bot(router, peer, in);
    switch (envelope_kind(*in)) {
    case ENVELOPE_CALL:
        if (call_read(in, &call) != ERR_OK || call.verdict.len > 0)
            return false;
        s_call(router, peer, &call);
        return true;
    case ENVELOPE_DECISION:
        return peer->role == peer_role_ACTOR && router_decision(router, peer, in);
    case ENVELOPE_REPLY:
        return peer->role == peer_role_ACTOR && router_reply(router, peer, in);
    case ENVELOPE_RECORD:
    case ENVELOPE_NONE:
        return false;
    }
    return false;
}

/* The peer, who may be new; and new again when its key no longer allows what it was. */
static peer_t *s_sender(router_t *router, uint64_t id, rights_t rights)
{
    peer_t *peer = registry_find(router->registry, id);
    if (peer != NULL && peer->role != peer_role_NONE && !(rights.roles & ROLE_BIT(peer->role))) {
        log_warn("broker", "peer %llx has lost its rights and is cut off", (unsigned long long)id);
        router_drop(router, peer);
        peer = NULL;
    }
    if (peer == NULL)
        peer = registry_add(router->registry, id);
    peer->roles = rights.roles;
    peer->bot = rights.bot;
    return peer;
}

static void s_cut_off(router_t *router, peer_t *peer)
{
    if (peer->roles & ROLE_BIT(peer_role_BOT))
        router_warn_bot(router, peer, "sent a malformed message and is cut off");
    else
        log_warn("broker", "peer %llx sent a malformed message and is cut off",
                 (unsigned long long)peer->id);
    router_drop(router, peer);
}

void router_receive(router_t *router, uint64_t id, rights_t rights, slice_t message, int64_t now)
{
    peer_t *peer = s_sender(router, id, rights);
    router->now = peer->heard = now;
    while (message.len > 0) {
        if (s_envelope(router, peer, &message))
            continue;
        s_cut_off(router, peer);
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

static void s_leave(void *ctx, const reply_t *reply)
{
    router_send(ctx, reply->origin, reply->bytes);
}

/* What the broker itself learns of a record. */
static void s_note(router_t *router, const record_t *record)
{
    tail_add(router->tail, record);
    (void)gate_hear(router->gate, record);
    router_note_redacted(router, record);
    router_note_bots(router, record);
    router_note_streams(router, record);
    router_note_judges(router, record);
}

/* To those who hear them, in their order. */
static void s_publish_all(router_t *router, const record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        router_publish(router, &records[i]);
        failpoint_ahead(FAILPOINT_BROKER_TOLD, records[i].type);
    }
}

void router_committed(router_t *router, slice_t records)
{
    slice_t in = records;
    uint64_t before = router->head;
    buf_reset(&router->committed);
    while (in.len > 0) {
        record_t record;
        err_t err = record_read(&in, &record);
        assert(err == ERR_OK && record.seq == router->head + 1);
        router->head = record.seq;
        s_note(router, &record);
        buf_append(&router->committed, slice_new(&record, sizeof record));
    }
    histogram_add(&router->counts.batch_records, router->head - before);
    histogram_add(&router->counts.batch_bytes, records.len);
    if (router->assigned < router->head)
        router->assigned = router->head; /* found after a reopen */
    failpoint_records(FAILPOINT_BROKER_TELLING, records);
    flight_land(router->flight, router->head, s_leave, router);
    s_publish_all(router, (const record_t *)(const void *)router->committed.data,
                  router->head - before);
}

void router_set_patience(router_t *router, int64_t us)
{
    router->patience_us = us;
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
static void s_unknown(void *ctx, const reply_t *reply)
{
    router_t *router = ctx;
    decision_t decision = {.type = reply->type, .corr = reply->corr, .origin = reply->origin};
    router_send(router, reply->origin,
                router_reply_of(router, &decision, ERR_UNKNOWN_OUTCOME, router->head));
}

void router_give_up_flight(router_t *router)
{
    flight_land(router->flight, UINT64_MAX, s_unknown, router);
}

void router_reopened(router_t *router, uint64_t epoch)
{
    router_give_up_flight(router);
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
    router_settle_judges(router, false);
    if (router->records.len > 0) {
        router->ports.append(router->ports.ctx, buf_slice(&router->records));
        buf_reset(&router->records);
    }
    flight_seal(router->flight);
    flush_t flush = {router, true, router_move_streams(router)};
    registry_each(router->registry, s_flush_peer, &flush);
    flush.actors = false;
    registry_each(router->registry, s_flush_peer, &flush);
    failpoint_reached(FAILPOINT_BROKER_TOLD);
    return flush.all;
}
