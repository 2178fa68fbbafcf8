/* router_mend_test.c - what becomes of calls and decisions while the journal is mended, and once it
 * is whole again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/unit/broker/routing.h"

enum { ALICE = 101, HALL = 7 };

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

static void s_test_what_did_not_land_is_unknown(void **state)
{
    routing_t *routing = *state;
    for (uint64_t i = 1; i <= 3; i++) {
        routing_decide(routing, ROOM, (made_t){.corr = i, .origin = EDGE, .records = 1});
        routing_send(routing, ROOM);
        routing_flush(routing);
    }
    routing_fail(routing, 2);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_OK);
    routing_expect_reply(routing, EDGE, 2, ERR_OK);
    routing_expect_reply(routing, EDGE, 3, ERR_UNKNOWN_OUTCOME);

    static const uint64_t actors[] = {ROOM, SESSION};
    for (size_t i = 0; i < COUNT_OF(actors); i++) {
        heard_t heard = routing_hear(routing, actors[i]);
        assert_int_equal(heard.record.type, EVENT_bus_epoch);
        assert_int_equal(heard.record.epoch, ROUTING_EPOCH + 1);
    }
    routing_decide(routing, ROOM, (made_t){.corr = 4, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, 1);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 4, ERR_OK);
    assert_int_equal(routing->head, 3); /* the number of what was lost is given again */
}

static void s_test_nothing_is_taken_while_the_journal_is_mended(void **state)
{
    routing_t *routing = *state;
    room_post_call_t post = {.room = HALL, .text = SLICE_LIT("hello")};
    room_get_call_t get = {.room = HALL};
    router_suspend(routing->router);
    assert_int_equal(routing_ask(routing, EDGE, CALL_room_post, ALICE, &post).reply.status,
                     ERR_STORAGE);
    routing_call(routing, EDGE, CALL_room_get, 1, ALICE, &get); /* reading goes on */
    routing_send(routing, EDGE);
    routing_flush(routing);
    assert_int_equal(routing_hear(routing, ROOM).call.type, CALL_room_get);
    const bus_state_t *status =
        routing_ask(routing, EDGE, CALL_bus_status, 0, &(bus_status_call_t){}).answer;
    assert_false(status->ready);
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_STORAGE);
    assert_int_equal(routing->appended.len, 0);
    router_reopened(routing->router, ++routing->epoch);
    routing_flush(routing);
    assert_true(router_idle(routing->router));
}

/* Calls of which nothing is recorded pass, and so does what actors tell unasked; what they would
 * have recorded besides is as good as never decided. */
static void s_test_what_is_fleeting_goes_on_while_the_journal_is_mended(void **state)
{
    routing_t *routing = *state;
    const uint64_t accounts[] = {ALICE};
    room_typing_call_t typing = {.room = HALL, .typing = true};
    presence_set_call_t came = {.account = ALICE, .online = true};
    bus_subscribe_call_t wish = {.accounts = {accounts, 1}};
    routing_ask(routing, EDGE, CALL_bus_subscribe, 0, &wish);
    router_suspend(routing->router);

    routing_call(routing, EDGE, CALL_room_typing, 1, ALICE, &typing);
    routing_call(routing, EDGE, CALL_presence_set, 2, 0, &came);
    routing_send(routing, EDGE);
    routing_flush(routing);
    assert_int_equal(routing_hear(routing, ROOM).call.type, CALL_room_typing);
    assert_int_equal(routing_hear(routing, SESSION).call.type, CALL_presence_set);

    const made_t told = {.records = 1, .account = ALICE, .event = EVENT_presence_changed};
    routing_decide(routing, SESSION, told);
    routing_decide(routing, SESSION, (made_t){.records = 1, .account = ALICE});
    routing_send(routing, SESSION);
    routing_flush(routing);
    assert_int_equal(routing_hear(routing, EDGE).record.type, EVENT_presence_changed);
    assert_int_equal(routing_hear(routing, EDGE).kind, ENVELOPE_NONE);
    assert_int_equal(routing->appended.len, 0);
}

/* Nobody waits for as long as a disk is full. */
static void s_test_who_waits_for_the_disk_is_told_by_the_next_tick(void **state)
{
    routing_t *routing = *state;
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    router_suspend(routing->router);
    routing_flush(routing);
    assert_int_equal(routing_hear(routing, EDGE).kind, ENVELOPE_NONE);
    router_tick(routing->router, routing->now);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_UNKNOWN_OUTCOME);
}

/* What was decided in the same turn as the failure was never given to the journal. */
static void s_test_a_turn_that_meets_the_failure_is_unknown(void **state)
{
    routing_t *routing = *state;
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM);
    routing_fail(routing, 0);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_UNKNOWN_OUTCOME);
    assert_int_equal(routing->appended.len, 0);
}

/* A repeat found its first one pending, and that was lost: "done" would be a lie. */
static void s_test_what_rests_on_a_lost_epoch_is_unknown(void **state)
{
    routing_t *routing = *state;
    routing_decide(routing, ROOM, (made_t){.corr = 1, .origin = EDGE, .records = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_fail(routing, 0);
    routing_decide(routing, ROOM,
                   (made_t){.corr = 2, .origin = EDGE, .rests = true, .epoch = ROUTING_EPOCH});
    routing_decide(routing, ROOM,
                   (made_t){.corr = 3, .origin = EDGE, .status = ERR_NOT_FOUND, .epoch = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 1, ERR_UNKNOWN_OUTCOME);
    routing_expect_reply(routing, EDGE, 2, ERR_UNKNOWN_OUTCOME);
    routing_expect_reply(routing, EDGE, 3, ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_what_did_not_land_is_unknown),
        TEST(s_test_nothing_is_taken_while_the_journal_is_mended),
        TEST(s_test_what_is_fleeting_goes_on_while_the_journal_is_mended),
        TEST(s_test_who_waits_for_the_disk_is_told_by_the_next_tick),
        TEST(s_test_a_turn_that_meets_the_failure_is_unknown),
        TEST(s_test_what_rests_on_a_lost_epoch_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
