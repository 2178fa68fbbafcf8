/* router_test.c - who may ask what, in which order things leave, and what becomes of
 * calls when an actor or an edge fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/unit/broker/routing.h"

enum { ALICE = 101, HALL = 7, SILENCE_US = 10 * 1000 * 1000 };

static int s_setup(void **state)
{
    *state = routing_new_cast();
    return 0;
}

static int s_setup_empty(void **state)
{
    *state = routing_new();
    return 0;
}

static int s_teardown(void **state)
{
    routing_destroy((routing_t **)state);
    return 0;
}

/* ---- access ---- */

static void s_test_who_may_be_what(void **state)
{
    routing_t *routing = *state;
    static const struct {
        uint64_t peer;
        bus_hello_call_t hello;
        err_t status;
    } rows[] = {
        {STRANGER, {.role = peer_role_EDGE}, ERR_FORBIDDEN},
        {STRANGER, {.role = peer_role_ACTOR, .actor = owner_ROOM}, ERR_FORBIDDEN},
        {STRANGER, {.role = peer_role_OPERATOR}, ERR_OK},
        {EDGE, {.role = peer_role_EDGE}, ERR_OK},
        {EDGE, {.role = peer_role_ACTOR, .actor = owner_BROKER}, ERR_FORBIDDEN},
        {EDGE, {.role = peer_role_ACTOR}, ERR_FORBIDDEN},
        {ROOM, {.role = peer_role_ACTOR, .actor = owner_ROOM}, ERR_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(
            routing_ask(routing, rows[i].peer, CALL_bus_hello, 0, &rows[i].hello).reply.status,
            rows[i].status);
}

static void s_test_nothing_before_hello(void **state)
{
    routing_t *routing = *state;
    static const call_number_t calls[] = {CALL_bus_ping, CALL_bus_status};
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        assert_int_equal(
            routing_ask(routing, STRANGER, calls[i], 0, &(bus_ping_call_t){}).reply.status,
            ERR_UNAUTHENTICATED);
    room_get_call_t get = {.room = HALL};
    assert_int_equal(routing_ask(routing, EDGE, CALL_room_get, ALICE, &get).reply.status,
                     ERR_UNAVAILABLE); /* to be tried again, not to be given up by a person */
}

static void s_test_who_may_ask_what(void **state)
{
    routing_t *routing = *state;
    room_get_call_t get = {.room = HALL};
    presence_gone_call_t gone = {.peer = EDGE2};
    session_ended_call_t ended = {};
    assert_int_equal(routing_ask(routing, EDGE, CALL_room_get, 0, &get).reply.status,
                     ERR_UNAUTHENTICATED);
    room_read_call_t read = {.room = HALL, .seq = 1};
    assert_int_equal(routing_ask(routing, OPERATOR, CALL_room_read, ALICE, &read).reply.status,
                     ERR_FORBIDDEN);
    assert_int_equal(routing_ask(routing, ROOM, CALL_room_get, ALICE, &get).reply.status,
                     ERR_FORBIDDEN);
    assert_int_equal(routing_ask(routing, OPERATOR, CALL_session_ended, 0, &ended).reply.status,
                     ERR_FORBIDDEN);
    static const uint64_t everyone[] = {EDGE, SESSION, ROOM, OPERATOR};
    for (size_t i = 0; i < COUNT_OF(everyone); i++)
        assert_int_equal(
            routing_ask(routing, everyone[i], CALL_presence_gone, 0, &gone).reply.status,
            ERR_FORBIDDEN);
    routing_expect_silence(routing, SESSION);
    routing_expect_silence(routing, ROOM);
}

static void s_test_a_call_reaches_its_owner_stamped(void **state)
{
    routing_t *routing = *state;
    routing_call(routing, EDGE, CALL_room_get, 9, ALICE, &(room_get_call_t){.room = HALL});
    routing_send(routing, EDGE);
    routing_flush(routing);
    heard_t heard = routing_hear(routing, ROOM);
    assert_int_equal(heard.kind, ENVELOPE_CALL);
    assert_int_equal(heard.call.origin, EDGE);
    assert_int_equal(heard.call.principal, ALICE);
    assert_int_equal(heard.call.time, 1000);
    routing_expect_silence(routing, EDGE);
}

/* Whoever works from behind leaves the machine to those who still catch up. */
static void s_test_reading_from_behind_waits_for_the_others(void **state)
{
    routing_t *routing = *state;
    bus_read_call_t read = {.from = 1};
    routing_enter(routing, ROOM2, peer_role_ACTOR, owner_SEARCH);
    routing_enter(routing, SESSION, peer_role_ACTOR, owner_SESSION);
    assert_int_equal(routing_ask(routing, ROOM2, CALL_bus_read, 0, &read).reply.status,
                     ERR_UNAVAILABLE);
    routing_enter(routing, ROOM, peer_role_ACTOR, owner_ROOM);
    assert_int_equal(routing_ask(routing, ROOM2, CALL_bus_read, 0, &read).reply.status, ERR_OK);
}

static void s_test_unknown_and_unreadable_calls_are_refused(void **state)
{
    routing_t *routing = *state;
    call_begin(&routing->out[EDGE], &(call_t){.type = 9999, .corr = 1});
    codec_pack(&routing->out[EDGE], shape_nothing(), &(nothing_t){});
    call_begin(&routing->out[EDGE], &(call_t){.type = CALL_bus_read, .corr = 2});
    codec_pack(&routing->out[EDGE], shape_nothing(), &(nothing_t){}); /* `from` is missing */
    routing_send(routing, EDGE);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_UNKNOWN_TYPE);
    routing_expect_reply(routing, EDGE, 2, ERR_INVALID);
}

static void s_test_calls_wait_for_no_actor(void **state)
{
    routing_t *routing = *state;
    room_get_call_t get = {.room = HALL};
    bus_hello_call_t edge = {.role = peer_role_EDGE};
    bus_hello_call_t room = {.role = peer_role_ACTOR, .actor = owner_ROOM};
    routing_ask(routing, EDGE, CALL_bus_hello, 0, &edge);
    assert_int_equal(routing_ask(routing, EDGE, CALL_room_get, ALICE, &get).reply.status,
                     ERR_UNAVAILABLE);
    routing_ask(routing, ROOM, CALL_bus_hello, 0, &room);
    assert_int_equal(routing_ask(routing, EDGE, CALL_room_get, ALICE, &get).reply.status,
                     ERR_UNAVAILABLE);
    const bus_state_t *status =
        routing_ask(routing, EDGE, CALL_bus_status, 0, &(bus_status_call_t){}).answer;
    assert_false(status->ready);
}

/* ---- decisions ---- */

static void s_test_replies_leave_with_their_commit_in_order(void **state)
{
    routing_t *routing = *state;
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 2, .room = HALL});
    routing_decide(routing, SESSION, (made_t){.corr = 2, .origin = EDGE2, .records = 1});
    routing_decide(routing, ROOM, (made_t){.corr = 3, .origin = EDGE, .records = 1, .room = HALL});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_send(routing, SESSION);
    routing_flush(routing);
    routing_expect_silence(routing, EDGE);
    assert_false(router_idle(routing->router));

    routing_commit(routing, 2); /* the first batch waits for its third record */
    routing_flush(routing);
    routing_expect_silence(routing, EDGE);
    routing_commit(routing, 1);
    routing_flush(routing);
    heard_t first = routing_hear(routing, EDGE);
    assert_int_equal(first.reply.corr, 1);
    assert_int_equal(first.reply.as_of, 2);
    routing_expect_reply(routing, EDGE, 3, ERR_OK);
    routing_expect_silence(routing, EDGE2);
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE2, 2, ERR_OK);
    assert_true(router_idle(routing->router));
}

static void s_test_a_reply_comes_before_what_it_caused(void **state)
{
    routing_t *routing = *state;
    const uint64_t rooms[] = {HALL};
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0, &(bus_subscribe_call_t){.rooms = {rooms, 1}});
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1, .room = HALL});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_expect_silence(routing, EDGE);
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_OK);
    routing_expect_record(routing, EDGE, 1);
    routing_expect_silence(routing, EDGE2);
}

static void s_test_what_needs_no_commit_is_answered_at_once(void **state)
{
    routing_t *routing = *state;
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1, .room = HALL});
    routing_decide(routing, ROOM, (made_t){.corr = 2, .origin = EDGE, .status = ERR_NOT_FOUND});
    routing_decide(routing, ROOM, (made_t){.corr = 3, .origin = EDGE, .rests = true});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 2, ERR_NOT_FOUND);
    routing_expect_silence(routing, EDGE); /* 3 rests on what 1 decided */
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_OK);
    routing_expect_reply(routing, EDGE, 3, ERR_OK);
    routing_decide(routing, ROOM, (made_t){.corr = 4, .origin = EDGE, .rests = true});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 4, ERR_OK); /* nothing is undecided any more */
}

static void s_test_volatile_records_pass_unrecorded(void **state)
{
    routing_t *routing = *state;
    const uint64_t accounts[] = {ALICE};
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0,
                &(bus_subscribe_call_t){.accounts = {accounts, 1}});
    routing_decide(routing, SESSION,
                   (made_t){.records = 1, .account = ALICE, .event = EVENT_presence_changed});
    routing_send(routing, SESSION);
    routing_flush(routing);
    routing_expect_record(routing, EDGE, 0);
    assert_int_equal(routing->appended.len, 0);
    assert_true(router_idle(routing->router));
}

static void s_test_only_the_actor_in_office_decides(void **state)
{
    routing_t *routing = *state;
    bus_hello_call_t hello = {.role = peer_role_ACTOR, .actor = owner_ROOM};
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1, .epoch = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_NOT_DONE); /* of an epoch that has passed */

    routing_ask(routing, ROOM2, CALL_bus_hello, 0, &hello);
    routing_decide(routing, ROOM, (made_t){.corr = 2, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM); /* deposed: the router does not know it any more */
    routing_flush(routing);
    routing_expect_silence(routing, EDGE);
    assert_int_equal(routing->appended.len, 0);

    routing_decide(routing, ROOM2, (made_t){.corr = 3, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM2);
    routing_flush(routing);
    routing_commit(routing, 9);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 3, ERR_OK);
    assert_int_equal(routing->head, 1); /* nothing refused took a number */
}

/* What its forerunner decided is on the way: who comes must not decide without it. */
static void s_test_a_new_incarnation_waits_for_what_is_in_flight(void **state)
{
    routing_t *routing = *state;
    bus_hello_call_t hello = {.role = peer_role_ACTOR, .actor = owner_ROOM};
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_call(routing, ROOM2, CALL_bus_hello, 2, 0, &hello);
    routing_send(routing, ROOM2);
    routing_flush(routing);
    routing_expect_silence(routing, ROOM2);
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_OK);
    routing_expect_reply(routing, ROOM2, 2, ERR_OK);

    routing_decide(routing, ROOM2, (made_t){.corr = 3, .origin = EDGE, .records = 1});
    routing_call(routing, ROOM2, CALL_bus_hello, 4, 0, &hello); /* the same one, too */
    routing_send(routing, ROOM2);
    routing_flush(routing);
    routing_fail(routing, 0);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 3, ERR_UNKNOWN_OUTCOME);
    routing_expect_reply(routing, ROOM2, 4, ERR_UNKNOWN_OUTCOME);
    assert_int_equal(routing_hear(routing, ROOM2).record.type, EVENT_bus_epoch);
    assert_int_equal(routing_ask(routing, ROOM2, CALL_bus_hello, 0, &hello).reply.status, ERR_OK);
}

/* Half a decision is none: its first record is not the world's. */
static void s_test_a_cut_decision_takes_no_number(void **state)
{
    routing_t *routing = *state;
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 2, .room = HALL});
    routing->out[ROOM].len -= 3;
    routing_send(routing, ROOM);
    routing_decide(routing, SESSION, (made_t){.corr = 2, .origin = EDGE, .records = 1});
    routing_send(routing, SESSION);
    routing_flush(routing);
    routing_commit(routing, 9);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 2, ERR_OK);
    assert_int_equal(routing->head, 1);
}

/* ---- peers that go ---- */

static void s_pings(routing_t *routing, const uint64_t *peers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        routing_ask(routing, peers[i], CALL_bus_ping, 0, &(bus_ping_call_t){});
}

static uint64_t s_peers(routing_t *routing)
{
    const bus_state_t *state =
        routing_ask(routing, OPERATOR, CALL_bus_status, 0, &(bus_status_call_t){}).answer;
    return state->peers;
}

static void s_test_the_silent_are_forgotten(void **state)
{
    routing_t *routing = *state;
    static const uint64_t living[] = {EDGE2, SESSION, OPERATOR};
    room_get_call_t get = {.room = HALL};
    routing->now = SILENCE_US - 1;
    s_pings(routing, living, COUNT_OF(living));
    routing->now = SILENCE_US + 1;
    router_tick(routing->router, routing->now);
    routing_flush(routing);
    assert_int_equal(s_peers(routing), COUNT_OF(living));
    heard_t heard = routing_hear(routing, SESSION);
    assert_int_equal(heard.call.type, CALL_presence_gone);
    assert_int_equal(heard.call.origin, 0);
    assert_int_equal(routing_ask(routing, EDGE2, CALL_room_get, ALICE, &get).reply.status,
                     ERR_UNAVAILABLE); /* the room actor is among them */
}

/* Sixty-four megabytes wait for a peer that takes nothing, then it is cut off; the
 * others notice nothing. */
static void s_test_the_slow_are_cut_off(void **state)
{
    routing_t *routing = *state;
    bus_read_call_t all = {.from = 1};
    routing_decide(routing, ROOM, (made_t){.records = 1000, .room = HALL});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, 1000);

    routing->full[EDGE2] = true;
    for (int i = 0; i < 300; i++) /* pages of more than 128 KB */
        routing_call(routing, EDGE2, CALL_bus_read, 1, 0, &all);
    routing_send(routing, EDGE2);
    router_tick(routing->router, routing->now);
    assert_int_equal(s_peers(routing), 5);
    for (int i = 0; i < 300; i++)
        routing_call(routing, EDGE2, CALL_bus_read, 1, 0, &all);
    routing_send(routing, EDGE2);
    assert_false(routing_flush(routing));
    router_tick(routing->router, routing->now);
    assert_int_equal(s_peers(routing), 4);
    assert_true(routing_flush(routing));
}

static void s_test_a_full_queue_keeps_its_bytes(void **state)
{
    routing_t *routing = *state;
    routing->full[EDGE] = true;
    routing_call(routing, EDGE, CALL_bus_ping, 1, 0, &(bus_ping_call_t){});
    routing_send(routing, EDGE);
    assert_false(routing_flush(routing));
    routing_call(routing, EDGE, CALL_bus_ping, 2, 0, &(bus_ping_call_t){});
    routing_send(routing, EDGE);
    assert_false(routing_flush(routing));
    routing->full[EDGE] = false;
    assert_true(routing_flush(routing));
    routing_expect_reply(routing, EDGE, 1, ERR_OK);
    routing_expect_reply(routing, EDGE, 2, ERR_OK);
}

static void s_test_an_actor_takes_one_office(void **state)
{
    routing_t *routing = *state;
    room_get_call_t get = {.room = HALL};
    bus_hello_call_t hello = {.role = peer_role_ACTOR, .actor = owner_SESSION};
    routing_ask(routing, ROOM, CALL_bus_hello, 0, &hello);
    routing_call(routing, ROOM, CALL_bus_ready, 1, 0, &(bus_ready_call_t){});
    routing_send(routing, ROOM);
    routing_flush(routing);
    assert_int_equal(routing_hear(routing, EDGE).record.type, EVENT_bus_recount);
    assert_int_equal(routing_ask(routing, EDGE, CALL_room_get, ALICE, &get).reply.status,
                     ERR_UNAVAILABLE);
}

/* ---- hearing ---- */

static void s_test_a_record_comes_once_whatever_is_heard(void **state)
{
    routing_t *routing = *state;
    const uint64_t rooms[] = {HALL}, accounts[] = {ALICE};
    bus_subscribe_call_t keys = {.rooms = {rooms, 1}, .accounts = {accounts, 1}};
    bus_subscribe_call_t type = {.prefix = SLICE_LIT("room.")};
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0, &keys);
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0, &type);
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0, &type);
    routing_decide(routing, ROOM, (made_t){.records = 1, .room = HALL, .account = ALICE});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_record(routing, EDGE, 1);
    routing_expect_silence(routing, EDGE);
}

static void s_test_who_hears_an_account_follows_it_into_rooms(void **state)
{
    routing_t *routing = *state;
    const uint64_t accounts[] = {ALICE};
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0,
                &(bus_subscribe_call_t){.accounts = {accounts, 1}});
    routing_decide(routing, ROOM, (made_t){.records = 1, .room = HALL});
    routing_decide(
        routing, ROOM,
        (made_t){.records = 1, .room = HALL, .account = ALICE, .event = EVENT_room_joined});
    routing_decide(routing, ROOM, (made_t){.records = 1, .room = HALL});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, 3);
    routing_flush(routing);
    routing_expect_record(routing, EDGE, 2);
    routing_expect_record(routing, EDGE, 3);
    routing_expect_silence(routing, EDGE);
}

static void s_test_unsubscribing_ends_it(void **state)
{
    routing_t *routing = *state;
    const uint64_t rooms[] = {HALL};
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0, &(bus_subscribe_call_t){.rooms = {rooms, 1}});
    routing_ask(routing, EDGE, CALL_bus_unsubscribe, 0,
                &(bus_unsubscribe_call_t){.rooms = {rooms, 1}});
    routing_decide(routing, ROOM, (made_t){.records = 1, .room = HALL});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_silence(routing, EDGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
#define TEST_EMPTY(name) cmocka_unit_test_setup_teardown(name, s_setup_empty, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_EMPTY(s_test_who_may_be_what),
        TEST_EMPTY(s_test_nothing_before_hello),
        TEST(s_test_who_may_ask_what),
        TEST(s_test_a_call_reaches_its_owner_stamped),
        TEST(s_test_unknown_and_unreadable_calls_are_refused),
        TEST_EMPTY(s_test_calls_wait_for_no_actor),
        TEST_EMPTY(s_test_reading_from_behind_waits_for_the_others),
        TEST(s_test_replies_leave_with_their_commit_in_order),
        TEST(s_test_a_reply_comes_before_what_it_caused),
        TEST(s_test_what_needs_no_commit_is_answered_at_once),
        TEST(s_test_volatile_records_pass_unrecorded),
        TEST(s_test_only_the_actor_in_office_decides),
        TEST(s_test_a_new_incarnation_waits_for_what_is_in_flight),
        TEST(s_test_a_cut_decision_takes_no_number),
        TEST(s_test_the_silent_are_forgotten),
        TEST(s_test_the_slow_are_cut_off),
        TEST(s_test_a_full_queue_keeps_its_bytes),
        TEST(s_test_an_actor_takes_one_office),
        TEST(s_test_a_record_comes_once_whatever_is_heard),
        TEST(s_test_who_hears_an_account_follows_it_into_rooms),
        TEST(s_test_unsubscribing_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
