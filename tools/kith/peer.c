/* peer.c - hello, calls, records, and a heartbeat that has to be answered.
 *
 * A message of the bus is a run of envelopes: `rest` is what was not yet looked at,
 * so that a record behind an answer in the same message is not lost. */
#include "tools/kith/peer.h"

#include <assert.h>

#include "actors/bus.h"
#include "actors/clock.h"
#include "schema/codec.h"
#include "schema/pack.h"

enum {
    ANSWER_MS = 5000, /* longest wait for an answer */
    PING_MS = 500,
    SILENCE_MS = 3000, /* a ping unanswered for so long: the server is gone */
};

struct peer {
    bus_t *bus;
    arena_t *arena; /* of the last answer */
    slice_t detail; /* of the last refusal, in the arena */
    buf_t out;
    slice_t rest;
    uint64_t corr;    /* of the last call */
    int64_t pinged;   /* ms; 0: no ping is on its way */
    uint64_t ping;    /* its corr */
    int64_t answered; /* ms; when the last ping came back */
};

static int64_t s_now(void)
{
    return clock_us(CLOCK_MONOTONIC) / 1000;
}

static err_t s_send(peer_t *peer, call_number_t type, const void *body)
{
    call_begin(&peer->out, &(call_t){.type = (uint16_t)type, .corr = ++peer->corr});
    codec_pack(&peer->out, call_type((uint16_t)type)->shape(), body);
    return bus_send(peer->bus, &peer->out);
}

/* The next envelope's kind, waiting until `deadline`; NONE if there was none. */
static envelope_kind_t s_next(peer_t *peer, int64_t deadline)
{
    uint32_t from;
    while (peer->rest.len == 0 && !bus_receive(peer->bus, &from, &peer->rest)) {
        int64_t left = deadline - s_now();
        if (left <= 0)
            return ENVELOPE_NONE;
        bus_wait(&peer->bus, 1, (int)left);
    }
    envelope_kind_t kind = envelope_kind(peer->rest);
    if (kind != ENVELOPE_REPLY && kind != ENVELOPE_RECORD)
        peer->rest = (slice_t){0}; /* nothing that a peer is sent */
    return kind;
}

/* Take a reply off the rest; a rest that cannot be read is dropped. */
static bool s_take_reply(peer_t *peer, reply_t *ret_reply)
{
    if (reply_read(&peer->rest, ret_reply) == ERR_OK)
        return true;
    peer->rest = (slice_t){0};
    return false;
}

static bool s_take_record(peer_t *peer, record_t *ret_record)
{
    if (record_read(&peer->rest, ret_record) == ERR_OK)
        return true;
    peer->rest = (slice_t){0};
    return false;
}

static err_t s_read_answer(peer_t *peer, call_number_t type, const reply_t *reply,
                           const void **ret_answer)
{
    fault_t fault;
    slice_t detail;
    arena_reset(peer->arena);
    peer->detail = (slice_t){0};
    if (reply->status != ERR_OK) {
        unpack_t in = {reply->body};
        if (unpack_str(&in, &detail) == ERR_OK)
            peer->detail = arena_copy(peer->arena, detail);
        return reply->status;
    }
    return codec_unpack(reply->body, call_type((uint16_t)type)->answer(), peer->arena, &fault,
                        ret_answer);
}

slice_t peer_detail(const peer_t *peer)
{
    return peer->detail;
}

/* A refused ping: the server has started anew, or has cut this peer off. */
static err_t s_heard_beat(peer_t *peer, const reply_t *reply)
{
    if (reply->corr != peer->ping)
        return ERR_OK;
    peer->pinged = 0;
    peer->answered = s_now();
    return reply->status == ERR_OK ? ERR_OK : ERR_UNAVAILABLE;
}

err_t peer_call(peer_t *peer, call_number_t type, const void *body, const void **ret_answer)
{
    reply_t reply;
    record_t record;
    err_t err = s_send(peer, type, body);
    uint64_t wanted = peer->corr;
    int64_t deadline = s_now() + ANSWER_MS;
    while (err == ERR_OK) {
        envelope_kind_t kind = s_next(peer, deadline);
        if (kind == ENVELOPE_NONE && peer->rest.len == 0 && s_now() >= deadline)
            return ERR_UNAVAILABLE;
        if (kind == ENVELOPE_RECORD) {
            (void)s_take_record(peer, &record);
        } else if (kind == ENVELOPE_REPLY && s_take_reply(peer, &reply)) {
            if (reply.corr == wanted)
                return s_read_answer(peer, type, &reply, ret_answer);
            err = s_heard_beat(peer, &reply);
        }
    }
    return err;
}

static err_t s_connect(const char *endpoint, const char *keys, bus_t **ret_bus)
{
    keyring_t ring;
    if (!bus_is_keyed(endpoint))
        return bus_connect(endpoint, NULL, ret_bus);
    err_t err = keys_read_ring(keys != NULL ? keys : "data/keys", "operator", &ring);
    if (err == ERR_OK)
        err = bus_connect(endpoint, &ring, ret_bus);
    explicit_bzero(&ring, sizeof ring);
    return err;
}

err_t peer_connect(const char *endpoint, const char *keys, peer_t **ret_peer)
{
    const void *welcome;
    peer_t *peer = mem_new(peer_t);
    peer->arena = arena_new();
    err_t err = s_connect(endpoint, keys, &peer->bus);
    if (err == ERR_OK)
        err = peer_call(peer, CALL_bus_hello, &(bus_hello_call_t){.role = peer_role_OPERATOR},
                        &welcome);
    peer->answered = s_now();
    if (err == ERR_OK)
        *ret_peer = TAKE(peer);

    peer_close(&peer); /* NULL after TAKE: closes on failure only */
    return err;
}

void peer_close(peer_t **peer_p)
{
    peer_t *peer = *peer_p;
    if (peer == NULL)
        return;
    bus_close(&peer->bus);
    arena_destroy(&peer->arena);
    buf_free(&peer->out);
    mem_free(peer);
    *peer_p = NULL;
}

/* One ping at a time; ERR_UNAVAILABLE when the last one is overdue. */
static err_t s_beat(peer_t *peer)
{
    int64_t now = s_now();
    if (peer->pinged != 0)
        return now - peer->pinged < SILENCE_MS ? ERR_OK : ERR_UNAVAILABLE;
    if (now - peer->answered < PING_MS)
        return ERR_OK;
    err_t err = s_send(peer, CALL_bus_ping, &(bus_ping_call_t){});
    peer->pinged = now;
    peer->ping = peer->corr;
    return err;
}

static err_t s_take_beat(peer_t *peer)
{
    reply_t reply;
    return s_take_reply(peer, &reply) ? s_heard_beat(peer, &reply) : ERR_OK;
}

err_t peer_call_long(peer_t *peer, call_number_t type, const void *body, const void **ret_answer)
{
    reply_t reply;
    record_t record;
    err_t err = s_send(peer, type, body);
    uint64_t wanted = peer->corr;
    while (err == ERR_OK) {
        envelope_kind_t kind = s_next(peer, s_now() + PING_MS);
        if (kind == ENVELOPE_RECORD)
            (void)s_take_record(peer, &record);
        else if (kind == ENVELOPE_REPLY && s_take_reply(peer, &reply) && reply.corr == wanted)
            return s_read_answer(peer, type, &reply, ret_answer);
        else if (kind == ENVELOPE_REPLY)
            err = s_heard_beat(peer, &reply);
        if (err == ERR_OK)
            err = s_beat(peer);
    }
    return err;
}

err_t peer_record(peer_t *peer, record_t *ret_record)
{
    err_t err = s_beat(peer);
    int64_t deadline = s_now() + PING_MS;
    while (err == ERR_OK) {
        switch (s_next(peer, deadline)) {
        case ENVELOPE_RECORD:
            if (s_take_record(peer, ret_record))
                return ERR_OK;
            break;
        case ENVELOPE_REPLY:
            err = s_take_beat(peer);
            break;
        case ENVELOPE_NONE:
        case ENVELOPE_CALL:
        case ENVELOPE_DECISION:
            return ERR_NOT_FOUND;
        }
    }
    return err;
}
