/* router_gone_test.c - peers that go: who waited for them hears so, who comes in their
 * place begins anew, and a key that is worth less takes its peer with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/unit/broker/routing.h"

enum { ALICE = 101, HALL = 7, TICK_US = 500 * 1000 };

static int s_setup(void **state)
{
    *state = routing_new_cast();
    return 0;
}

static int s_teardown(void **state)
{
    routing_destroy((routing_t **)state);
    return 0;
}

static void s_tick(routing_t *routing)
{
    routing->now += TICK_US;
    router_tick(routing->router, routing->now);
    routing_flush(routing);
}

/* EDGE posts as 1 and EDGE2 as 3; EDGE reads as 2. */
static void s_ask_room(routing_t *routing)
{
    room_post_call_t post = {.room = HALL, .text = SLICE_LIT("hello")};
    routing_call(routing, EDGE, CALL_room_post, 1, ALICE, &post);
    routing_call(routing, EDGE, CALL_room_get, 2, ALICE, &(room_get_call_t){.room = HALL});
    routing_send(routing, EDGE);
    routing_call(routing, EDGE2, CALL_room_post, 3, ALICE, &post);
    routing_send(routing, EDGE2);
    routing_flush(routing);
}

static void s_test_calls_of_an_actor_that_hung_up_were_not_done(void **state)
{
    routing_t *routing = *state;
    s_ask_room(routing);
    routing_decide(routing, ROOM, (made_t){.corr = 3, .origin = EDGE2, .records = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);

    routing->hung_up[ROOM] = true;
    routing_call(routing, EDGE, CALL_room_get, 4, ALICE, &(room_get_call_t){.room = HALL});
    routing_send(routing, EDGE);
    routing_flush(routing);
    routing_expect_silence(routing, EDGE);
    s_tick(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_NOT_DONE);
    routing_expect_reply(routing, EDGE, 2, ERR_UNAVAILABLE);
    routing_expect_reply(routing, EDGE, 4, ERR_UNAVAILABLE);
    routing_expect_silence(routing, EDGE);

    routing_commit(routing, 1); /* what it had decided stands */
    routing_flush(routing);
    routing_expect_reply(routing, EDGE2, 3, ERR_OK);
    routing_expect_silence(routing, EDGE2);
}

static void s_test_a_successor_answers_for_none_of_them(void **state)
{
    routing_t *routing = *state;
    s_ask_room(routing);
    bus_hello_call_t hello = {.role = peer_role_ACTOR, .actor = owner_ROOM};
    assert_int_equal(routing_ask(routing, ROOM2, CALL_bus_hello, 0, &hello).reply.status, ERR_OK);
    routing_expect_reply(routing, EDGE, 1, ERR_NOT_DONE);
    routing_expect_reply(routing, EDGE, 2, ERR_UNAVAILABLE);
    routing_expect_reply(routing, EDGE2, 3, ERR_NOT_DONE);
}

static void s_test_an_actor_that_says_hello_again_has_forgotten_them(void **state)
{
    routing_t *routing = *state;
    s_ask_room(routing);
    while (routing_hear(routing, ROOM).kind != ENVELOPE_NONE)
        continue;
    bus_hello_call_t hello = {.role = peer_role_ACTOR, .actor = owner_ROOM};
    assert_int_equal(routing_ask(routing, ROOM, CALL_bus_hello, 0, &hello).reply.status, ERR_OK);
    routing_expect_reply(routing, EDGE, 1, ERR_NOT_DONE);
    routing_expect_reply(routing, EDGE, 2, ERR_UNAVAILABLE);
    routing_expect_silence(routing, EDGE);
}

/* A new session actor knows of nobody, and one that outlived a broker of edges that are
 * no more: both begin with nobody, and every edge tells what it has. */
static void s_test_a_session_actor_learns_anew_who_is_connected(void **state)
{
    routing_t *routing = *state;
    bus_hello_call_t hello = {.role = peer_role_ACTOR, .actor = owner_SESSION};
    routing_ask(routing, SESSION, CALL_bus_hello, 0, &hello);
    routing_call(routing, SESSION, CALL_bus_ready, 1, 0, &(bus_ready_call_t){});
    routing_send(routing, SESSION);
    routing_flush(routing);
    static const call_number_t calls[] = {CALL_session_ended, CALL_bot_list, CALL_presence_gone};
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        assert_int_equal(routing_hear(routing, SESSION).call.type, calls[i]);
    routing_expect_reply(routing, SESSION, 1, ERR_OK);
    assert_int_equal(routing_hear(routing, EDGE).record.type, EVENT_bus_recount);
    assert_int_equal(routing_hear(routing, EDGE2).record.type, EVENT_bus_recount);
    routing_expect_silence(routing, OPERATOR);
}

static void s_test_an_edge_that_hung_up_is_gone(void **state)
{
    routing_t *routing = *state;
    routing->hung_up[EDGE] = true;
    routing_call(routing, EDGE, CALL_bus_ping, 1, 0, &(bus_ping_call_t){});
    routing_send(routing, EDGE);
    routing_flush(routing);
    s_tick(routing);
    assert_int_equal(routing_hear(routing, SESSION).call.type, CALL_presence_gone);
    routing_expect_silence(routing, SESSION);
}

/* Nobody has anything to say to it: then it is sent a word all the same, which tells. */
static void s_test_a_silent_peer_is_knocked_at(void **state)
{
    routing_t *routing = *state;
    routing->hung_up[ROOM] = true;
    s_tick(routing);
    routing_expect_silence(routing, EDGE); /* it spoke just now */
    routing->now += 2 * 1000 * 1000;
    s_tick(routing);
    heard_t heard = routing_hear(routing, EDGE);
    assert_int_equal(heard.kind, ENVELOPE_REPLY);
    assert_int_equal(heard.reply.type, CALL_bus_ping);
    assert_int_equal(heard.reply.corr, 0);
    s_tick(routing);
    bus_hello_call_t hello = {.role = peer_role_OPERATOR};
    routing_ask(routing, STRANGER, CALL_bus_hello, 0, &hello);
    const bus_state_t *now =
        routing_ask(routing, STRANGER, CALL_bus_status, 0, &(bus_status_call_t){}).answer;
    assert_false(now->ready); /* without its room actor */
}

/* Its key was taken off the list, or is good for less than it was. */
static void s_test_who_loses_a_role_loses_everything(void **state)
{
    routing_t *routing = *state;
    const uint64_t rooms[] = {HALL};
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0, &(bus_subscribe_call_t){.rooms = {rooms, 1}});
    routing->roles[EDGE] = ROLE_BIT(peer_role_OPERATOR);
    routing_call(routing, EDGE, CALL_bus_ping, 1, 0, &(bus_ping_call_t){});
    routing_send(routing, EDGE);
    routing_decide(routing, ROOM, (made_t){.records = 1, .room = HALL});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_UNAUTHENTICATED);
    routing_expect_silence(routing, EDGE);
    assert_int_equal(routing_hear(routing, SESSION).call.type, CALL_presence_gone);
    bus_hello_call_t hello = {.role = peer_role_EDGE};
    assert_int_equal(routing_ask(routing, EDGE, CALL_bus_hello, 0, &hello).reply.status,
                     ERR_FORBIDDEN);
}

/* Whose key allows nothing cannot even be an operator, nor stamp a call as a person's. */
static void s_test_a_role_is_as_good_as_its_key(void **state)
{
    routing_t *routing = *state;
    static const struct {
        roles_t roles;
        bus_hello_call_t hello;
        err_t status;
    } rows[] = {
        {0, {.role = peer_role_OPERATOR}, ERR_FORBIDDEN},
        {0, {.role = peer_role_EDGE}, ERR_FORBIDDEN},
        {ROLE_BIT(peer_role_OPERATOR), {.role = peer_role_EDGE}, ERR_FORBIDDEN},
        {ROLE_BIT(peer_role_OPERATOR), {peer_role_ACTOR, owner_ROOM, 0}, ERR_FORBIDDEN},
        {ROLE_BIT(peer_role_EDGE), {peer_role_ACTOR, owner_ROOM, 0}, ERR_FORBIDDEN},
        {ROLE_BIT(peer_role_ACTOR), {.role = peer_role_EDGE}, ERR_FORBIDDEN},
        {ROLE_BIT(peer_role_ACTOR), {peer_role_ACTOR, owner_EDGE, 0}, ERR_FORBIDDEN},
        {ROLE_BIT(peer_role_EDGE), {.role = peer_role_EDGE}, ERR_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        routing->roles[STRANGER] = rows[i].roles;
        assert_int_equal(
            routing_ask(routing, STRANGER, CALL_bus_hello, 0, &rows[i].hello).reply.status,
            rows[i].status);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_calls_of_an_actor_that_hung_up_were_not_done),
        TEST(s_test_a_successor_answers_for_none_of_them),
        TEST(s_test_an_actor_that_says_hello_again_has_forgotten_them),
        TEST(s_test_a_session_actor_learns_anew_who_is_connected),
        TEST(s_test_an_edge_that_hung_up_is_gone),
        TEST(s_test_a_silent_peer_is_knocked_at),
        TEST(s_test_who_loses_a_role_loses_everything),
        TEST(s_test_a_role_is_as_good_as_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
