#include "tests/unit/broker/routing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema/mem.h"

/* ---- the router's ports ---- */

static err_t s_send(void *ctx, uint64_t peer, buf_t *message)
{
    routing_t *routing = ctx;
    assert_true(peer < ROUTING_PEERS);
    if (routing->hung_up[peer])
        return ERR_NOT_FOUND;
    if (routing->full[peer])
        return ERR_UNAVAILABLE;
    buf_append(&routing->inbox[peer], buf_slice(message));
    buf_reset(message);
    return ERR_OK;
}

static void s_append(void *ctx, slice_t records)
{
    routing_t *routing = ctx;
    if (routing->scribe != NULL)
        scribe_append(routing->scribe, records);
    else
        buf_append(&routing->appended, records);
}

static ids_t s_keep_ids(routing_t *routing, ids_t ids)
{
    slice_t bytes = slice_new(ids.items, ids.count * sizeof(uint64_t));
    slice_t copy = arena_copy(routing->arena, bytes);
    return (ids_t){(const uint64_t *)(const void *)copy.ptr, ids.count};
}

static void s_fetch(void *ctx, const page_order_t *order)
{
    routing_t *routing = ctx;
    if (routing->scribe != NULL) {
        scribe_fetch(routing->scribe, order);
        return;
    }
    assert_true(routing->order_count < COUNT_OF(routing->orders));
    routing->orders[routing->order_count++] = (order_t){
        .ticket = order->ticket,
        .from = order->from,
        .rooms = s_keep_ids(routing, order->rooms),
        .accounts = s_keep_ids(routing, order->accounts),
    };
}

static void s_stamp(void *ctx, int64_t *ret_time, uint8_t ret_rand[RAND_SIZE])
{
    routing_t *routing = ctx;
    *ret_time = ++routing->stamped;
    memset(ret_rand, 0x77, RAND_SIZE);
}

static void s_prepare(void *ctx)
{
    ((routing_t *)ctx)->prepared++;
}

static void s_keep(void *ctx, slice_t snapshot)
{
    buf_t *kept = &((routing_t *)ctx)->snapshot;
    kept->len = 0;
    buf_append(kept, snapshot);
}

/* ---- coming and going ---- */

static void s_start(routing_t *routing)
{
    router_ports_t ports = {routing, s_send, s_append, s_fetch, s_stamp, s_prepare, s_keep};
    routing->router = router_new(&ports, routing->head, routing->epoch);
}

routing_t *routing_new_on(scribe_t *scribe, uint64_t head, uint64_t epoch)
{
    routing_t *routing = mem_new(routing_t);
    routing->arena = arena_new();
    routing->scribe = scribe;
    routing->head = head;
    routing->epoch = epoch;
    for (uint64_t peer = 0; peer < ROUTING_PEERS; peer++)
        routing->roles[peer] = ROLES_ALL;
    routing->roles[OPERATOR] = routing->roles[STRANGER] = ROLE_BIT(peer_role_OPERATOR);
    s_start(routing);
    return routing;
}

routing_t *routing_new(void)
{
    return routing_new_on(NULL, 0, ROUTING_EPOCH);
}

void routing_restart(routing_t *routing)
{
    router_destroy(&routing->router);
    for (size_t i = 0; i < ROUTING_PEERS; i++) {
        buf_reset(&routing->inbox[i]);
        routing->heard[i] = 0;
    }
    buf_reset(&routing->appended);
    routing->order_count = 0;
    routing->epoch++;
    s_start(routing);
}

/* The session actor is asked who the bots are: nobody is one. */
static void s_know_no_bots(routing_t *routing, uint64_t peer, const call_t *asked)
{
    buf_t *out = &routing->out[peer];
    reply_begin(out, &(reply_t){.type = asked->type, .corr = asked->corr, .as_of = routing->head});
    codec_pack(out, shape_bot_list(), &(bot_list_t){0});
    routing_send(routing, peer);
}

void routing_enter(routing_t *routing, uint64_t peer, peer_role_t role, owner_t actor)
{
    bus_hello_call_t hello = {.role = role, .actor = actor};
    assert_int_equal(routing_ask(routing, peer, CALL_bus_hello, 0, &hello).reply.status, ERR_OK);
    if (role != peer_role_ACTOR)
        return;
    routing_call(routing, peer, CALL_bus_ready, 1, 0, &(bus_ready_call_t){});
    routing_send(routing, peer);
    routing_flush(routing);
    for (heard_t heard; (heard = routing_hear(routing, peer)).kind != ENVELOPE_NONE;)
        if (heard.kind == ENVELOPE_CALL && heard.call.type == CALL_bot_list)
            s_know_no_bots(routing, peer, &heard.call);
}

routing_t *routing_new_cast(void)
{
    routing_t *routing = routing_new();
    routing_enter(routing, SESSION, peer_role_ACTOR, owner_SESSION);
    routing_enter(routing, ROOM, peer_role_ACTOR, owner_ROOM);
    routing_enter(routing, EDGE, peer_role_EDGE, 0);
    routing_enter(routing, EDGE2, peer_role_EDGE, 0);
    routing_enter(routing, OPERATOR, peer_role_OPERATOR, 0);
    return routing;
}

void routing_destroy(routing_t **routing_p)
{
    routing_t *routing = *routing_p;
    *routing_p = NULL;
    router_destroy(&routing->router);
    for (size_t i = 0; i < ROUTING_PEERS; i++) {
        buf_free(&routing->inbox[i]);
        buf_free(&routing->out[i]);
    }
    buf_free(&routing->appended);
    buf_free(&routing->committed);
    buf_free(&routing->snapshot);
    arena_destroy(&routing->arena);
    mem_free(routing);
}

/* ---- saying ---- */

void routing_call(routing_t *routing, uint64_t peer, call_number_t number, uint64_t corr,
                  uint64_t principal, const void *body)
{
    buf_t *out = &routing->out[peer];
    call_begin(out, &(call_t){
                        .type = (uint16_t)number,
                        .corr = corr,
                        .principal = principal,
                        .session = principal,
                        .time = 1000,
                    });
    codec_pack(out, call_type((uint16_t)number)->shape(), body);
}

static const uint8_t *s_padding(void)
{
    static uint8_t letters[ROUTING_PADDING_MAX];
    memset(letters, 'x', sizeof letters);
    return letters;
}

static void s_put_record(routing_t *routing, buf_t *out, const made_t *made)
{
    event_number_t number = made->event != 0 ? made->event : EVENT_room_left;
    const event_type_t *type = event_type((uint16_t)number);
    const membership_t member = {made->room, made->account, room_role_MEMBER, 1};
    record_begin(out, &(record_t){
                          .type = type->number,
                          .version = type->version,
                          .actor = (uint8_t)type->owner,
                          .room = made->room,
                          .account = made->account,
                          .epoch = routing->epoch,
                          .client_id = slice_new(s_padding(), made->padding),
                      });
    if (number == EVENT_room_joined)
        codec_pack(out, type->shape(), &(room_joined_event_t){.member = &member});
    else if (number == EVENT_presence_changed)
        codec_pack(out, type->shape(), &(presence_changed_event_t){.account = 1});
    else
        codec_pack(out, type->shape(),
                   &(room_left_event_t){.room = made->room, .account = made->account});
    record_end(out);
}

void routing_decide(routing_t *routing, uint64_t peer, made_t made)
{
    buf_t *out = &routing->out[peer];
    decision_begin(out, &(decision_t){
                            .type = CALL_room_leave,
                            .corr = made.corr,
                            .origin = made.origin,
                            .status = made.status,
                            .epoch = made.epoch != 0 ? made.epoch : routing->epoch,
                            .records = made.records,
                            .rests = made.rests,
                        });
    codec_pack(out, shape_nothing(), &(nothing_t){});
    for (uint16_t i = 0; i < made.records; i++)
        s_put_record(routing, out, &made);
}

void routing_send(routing_t *routing, uint64_t peer)
{
    slice_t copy = arena_copy(routing->arena, buf_slice(&routing->out[peer]));
    buf_reset(&routing->out[peer]);
    const rights_t rights = {routing->roles[peer], routing->bots[peer]};
    router_receive(routing->router, peer, rights, copy, routing->now);
}

/* ---- the world goes on ---- */

bool routing_flush(routing_t *routing)
{
    return router_flush(routing->router);
}

/* Records off the front of those that were given to the journal. */
static slice_t s_front(routing_t *routing, uint64_t most)
{
    slice_t left = buf_slice(&routing->appended);
    record_t record;
    for (uint64_t i = 0; i < most && left.len > 0; i++) {
        assert_int_equal(record_read(&left, &record), ERR_OK);
        assert_int_equal(record.seq, ++routing->head);
        assert_int_equal(record.epoch, routing->epoch);
    }
    return slice_new(routing->appended.data, routing->appended.len - left.len);
}

void routing_commit(routing_t *routing, uint64_t most)
{
    if (routing->appended.len == 0)
        return;
    slice_t front = arena_copy(routing->arena, s_front(routing, most));
    slice_t left = arena_copy(routing->arena, slice_from(buf_slice(&routing->appended), front.len));
    buf_append(&routing->committed, front);
    buf_reset(&routing->appended);
    buf_append(&routing->appended, left);
    if (front.len > 0)
        router_committed(routing->router, front);
}

void routing_fail(routing_t *routing, uint64_t landed)
{
    router_suspend(routing->router);
    routing_commit(routing, landed);
    buf_reset(&routing->appended);
    router_reopened(routing->router, ++routing->epoch);
}

void routing_serve(routing_t *routing, size_t most)
{
    assert_true(routing->order_count > 0);
    const order_t order = routing->orders[0];
    routing->order_count--;
    memmove(routing->orders, routing->orders + 1, routing->order_count * sizeof(order_t));

    buf_t page = {0};
    uint64_t next = routing->head + 1;
    slice_t in = buf_slice(&routing->committed);
    record_t record;
    bool all = order.rooms.count + order.accounts.count == 0;
    while (in.len > 0) {
        assert_int_equal(record_read(&in, &record), ERR_OK);
        bool wanted =
            all || ids_have(order.rooms, record.room) || ids_have(order.accounts, record.account);
        if (record.seq < order.from || !wanted)
            continue;
        if (most-- == 0) {
            next = record.seq;
            break;
        }
        buf_append(&page, record.bytes);
    }
    router_page(routing->router, order.ticket, ERR_OK, next, buf_slice(&page));
    buf_free(&page);
}

/* ---- hearing ---- */

static void s_read_header(slice_t *in, heard_t *heard)
{
    switch (heard->kind) {
    case ENVELOPE_CALL:
        assert_int_equal(call_read(in, &heard->call), ERR_OK);
        return;
    case ENVELOPE_REPLY:
        assert_int_equal(reply_read(in, &heard->reply), ERR_OK);
        return;
    case ENVELOPE_RECORD:
        assert_int_equal(record_read(in, &heard->record), ERR_OK);
        return;
    case ENVELOPE_DECISION:
    case ENVELOPE_NONE:
        fail_msg("no peer is sent such an envelope");
    }
}

static void s_read_answer(routing_t *routing, heard_t *heard)
{
    const call_type_t *type = call_type(heard->reply.type);
    fault_t fault;
    if (heard->reply.status != ERR_OK || type == NULL)
        return;
    assert_int_equal(
        codec_unpack(heard->reply.body, type->answer(), routing->arena, &fault, &heard->answer),
        ERR_OK);
}

/* The envelope at the front, copied to where it stays. */
static slice_t s_take_front(routing_t *routing, uint64_t peer)
{
    slice_t left = slice_from(buf_slice(&routing->inbox[peer]), routing->heard[peer]);
    slice_t rest = left;
    heard_t skipped = {.kind = envelope_kind(left)};
    s_read_header(&rest, &skipped);
    routing->heard[peer] += left.len - rest.len;
    return arena_copy(routing->arena, slice_new(left.ptr, left.len - rest.len));
}

heard_t routing_hear(routing_t *routing, uint64_t peer)
{
    heard_t heard = {.kind = ENVELOPE_NONE};
    if (routing->heard[peer] == routing->inbox[peer].len) {
        buf_reset(&routing->inbox[peer]);
        routing->heard[peer] = 0;
        return heard;
    }
    slice_t in = s_take_front(routing, peer);
    heard.kind = envelope_kind(in);
    s_read_header(&in, &heard);
    if (heard.kind == ENVELOPE_REPLY)
        s_read_answer(routing, &heard);
    return heard;
}

void routing_expect_reply(routing_t *routing, uint64_t peer, uint64_t corr, err_t status)
{
    heard_t heard = routing_hear(routing, peer);
    assert_int_equal(heard.kind, ENVELOPE_REPLY);
    assert_int_equal(heard.reply.corr, corr);
    assert_int_equal(heard.reply.status, status);
}

void routing_expect_record(routing_t *routing, uint64_t peer, uint64_t seq)
{
    heard_t heard = routing_hear(routing, peer);
    assert_int_equal(heard.kind, ENVELOPE_RECORD);
    assert_int_equal(heard.record.seq, seq);
}

void routing_expect_silence(routing_t *routing, uint64_t peer)
{
    assert_int_equal(routing->inbox[peer].len, routing->heard[peer]);
}

heard_t routing_ask(routing_t *routing, uint64_t peer, call_number_t number, uint64_t principal,
                    const void *body)
{
    routing_call(routing, peer, number, 77, principal, body);
    routing_send(routing, peer);
    routing_flush(routing);
    heard_t heard = routing_hear(routing, peer);
    assert_int_equal(heard.kind, ENVELOPE_REPLY);
    assert_int_equal(heard.reply.corr, 77);
    return heard;
}
