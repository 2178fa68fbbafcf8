/* router_malformed_test.c - a hundred thousand spoilt messages: each is read, refused or
 * gets its peer cut off, and nobody else notices.
 *
 * Messages that a peer may really send are spoilt: bytes changed, cut out, doubled, cut
 * off, strewn in.  Now and then all peers say hello again, the journal commits, and an
 * honest reader checks that the world still works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/log.h"
#include "schema/mem.h"
#include "tests/unit/broker/routing.h"

enum { MESSAGES = 100 * 1000, A_WORLD = 500, ALICE = 101, HALL = 7 };

static size_t s_random(size_t below)
{
    return (size_t)random() % below;
}

/* ---- messages ---- */

static void s_say_calls(routing_t *routing, uint64_t peer)
{
    const uint64_t keys[] = {HALL, ALICE};
    const ids_t ids = {keys, COUNT_OF(keys)};
    routing_call(routing, peer, CALL_bus_subscribe, 1, 0,
                 &(bus_subscribe_call_t){.rooms = ids, .accounts = ids});
    routing_call(routing, peer, CALL_bus_read, 2, 0, &(bus_read_call_t){.from = 1, .rooms = ids});
    routing_call(routing, peer, CALL_room_post, 3, ALICE,
                 &(room_post_call_t){.room = HALL, .text = SLICE_LIT("hello")});
    routing_call(routing, peer, CALL_bus_unsubscribe, 4, 0,
                 &(bus_unsubscribe_call_t){.rooms = ids});
    routing_call(routing, peer, CALL_bus_status, 5, 0, &(bus_status_call_t){});
}

static void s_say_decisions(routing_t *routing)
{
    reply_t reply = {.type = CALL_room_get, .corr = 8, .origin = EDGE2, .status = ERR_NOT_FOUND};
    routing_decide(routing, ROOM, (made_t){.corr = 6, .origin = EDGE2, .records = 3, .room = HALL});
    routing_decide(
        routing, ROOM,
        (made_t){.records = 1, .room = HALL, .account = ALICE, .event = EVENT_room_joined});
    reply_begin(&routing->out[ROOM], &reply);
    codec_pack(&routing->out[ROOM], shape_nothing(), &(nothing_t){});
    routing_decide(routing, ROOM, (made_t){.corr = 7, .origin = EDGE, .rests = true});
}

/* ---- spoiling ---- */

static void s_spoil_once(buf_t *message)
{
    size_t at = s_random(message->len), len = 1 + s_random(message->len - at);
    if (len > 9)
        len = 1 + s_random(9);
    if (at + len > message->len)
        len = message->len - at;
    switch (s_random(5)) {
    case 0:
        message->data[at] ^= (uint8_t)(1u << s_random(8));
        return;
    case 1:
        message->data[at] = (uint8_t)random();
        return;
    case 2:
        message->len = at + 1;
        return;
    case 3:
        memmove(message->data + at, message->data + at + len, message->len - at - len);
        message->len -= message->len > len ? len : 0;
        return;
    case 4:
        buf_reserve(message, len);
        memmove(message->data + at + len, message->data + at, message->len - at);
        message->len += len;
        return;
    }
}

static void s_spoil(buf_t *message)
{
    for (size_t times = 1 + s_random(3); times > 0 && message->len > 0; times--)
        s_spoil_once(message);
}

/* ---- the world ---- */

static void s_all_say_hello(routing_t *routing)
{
    routing_enter(routing, EDGE, peer_role_EDGE, 0);
    routing_enter(routing, ROOM, peer_role_ACTOR, owner_ROOM);
    routing_enter(routing, OPERATOR, peer_role_OPERATOR, 0);
}

static void s_hush(routing_t *routing)
{
    for (uint64_t peer = 0; peer < ROUTING_PEERS; peer++) {
        buf_reset(&routing->inbox[peer]);
        routing->heard[peer] = 0;
    }
    while (routing->order_count > 0)
        routing_serve(routing, 10);
}

static void s_commit(routing_t *routing)
{
    s_hush(routing);
    routing_commit(routing, UINT64_MAX);
    routing_flush(routing);
    s_hush(routing);
}

/* EDGE2 never says anything wrong, and always has its answer. */
static void s_check_honest(routing_t *routing)
{
    s_commit(routing);
    heard_t heard = routing_ask(routing, EDGE2, CALL_bus_status, 0, &(bus_status_call_t){});
    const bus_state_t *state = heard.answer;
    assert_int_equal(heard.reply.status, ERR_OK);
    assert_int_equal(state->head, routing->head);
    assert_true(router_idle(routing->router));
}

static void s_world(void)
{
    static const uint64_t peers[] = {EDGE, ROOM, OPERATOR, STRANGER};
    routing_t *routing = routing_new();
    routing_enter(routing, EDGE2, peer_role_EDGE, 0);
    for (int i = 0; i < A_WORLD; i++) {
        if (i % 5 == 0) {
            s_commit(routing); /* an actor is let in when all is settled */
            s_all_say_hello(routing);
        }
        uint64_t peer = peers[s_random(COUNT_OF(peers))];
        if (peer == ROOM)
            s_say_decisions(routing);
        else
            s_say_calls(routing, peer);
        s_spoil(&routing->out[peer]);
        routing_send(routing, peer);
        routing_flush(routing);
        if (i % 20 == 0)
            s_check_honest(routing);
        s_hush(routing);
    }
    routing_destroy(&routing);
}

static void s_test_spoilt_messages(void **state)
{
    (void)state;
    srandom(1);
    log_set_level(LOG_LEVEL_ERROR);
    for (int i = 0; i < MESSAGES / A_WORLD; i++)
        s_world();
}

static void s_test_who_talks_nonsense_is_cut_off(void **state)
{
    routing_t *routing = routing_new_cast();
    (void)state;
    buf_append(&routing->out[OPERATOR], SLICE_LIT("this is no envelope"));
    routing_send(routing, OPERATOR);
    routing_decide(routing, EDGE, (made_t){.records = 1}); /* an edge does not decide */
    routing_send(routing, EDGE);
    const bus_state_t *left =
        routing_ask(routing, EDGE2, CALL_bus_status, 0, &(bus_status_call_t){}).answer;
    assert_int_equal(left->peers, 3);
    assert_int_equal(routing->appended.len, 0);
    routing_destroy(&routing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_spoilt_messages),
        cmocka_unit_test(s_test_who_talks_nonsense_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
