/* router_inquiry_test.c - what an operator asks of all edges, and what they tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/unit/broker/routing.h"

enum { NUMBER = 17 };

static const bus_ask_call_t s_question = {
    .what = edge_question_TRACE, .number = NUMBER, .message = 41, .record = 4711, .room = 5};

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

static const void *s_heard(routing_t *routing, uint64_t peer, event_number_t event)
{
    fault_t fault;
    const void *object;
    record_t record = routing_hear(routing, peer).record;
    assert_int_equal(record.type, event);
    assert_int_equal(record.seq, 0);
    assert_int_equal(codec_unpack(record.body, event_type((uint16_t)event)->shape(), routing->arena,
                                  &fault, &object),
                     ERR_OK);
    return object;
}

static void s_test_all_edges_are_asked(void **state)
{
    static const uint64_t edges[] = {EDGE, EDGE2};
    routing_t *routing = *state;
    assert_int_equal(routing_ask(routing, OPERATOR, CALL_bus_ask, 0, &s_question).reply.status,
                     ERR_OK);
    for (size_t i = 0; i < COUNT_OF(edges); i++) {
        const bus_asked_event_t *asked = s_heard(routing, edges[i], EVENT_bus_asked);
        assert_int_equal(asked->peer, OPERATOR);
        assert_int_equal(asked->number, NUMBER);
        assert_int_equal(asked->what, edge_question_TRACE);
        assert_int_equal(asked->record, s_question.record);
    }
    routing_expect_silence(routing, ROOM);
    routing_expect_silence(routing, OPERATOR);
}

static void s_test_the_answer_is_for_who_has_asked(void **state)
{
    routing_t *routing = *state;
    bus_tell_call_t answer = {
        .peer = OPERATOR, .number = NUMBER, .trace = &(edge_trace_t){.since = 1, .shown = true}};
    assert_int_equal(routing_ask(routing, EDGE2, CALL_bus_tell, 0, &answer).reply.status, ERR_OK);
    const bus_told_event_t *told = s_heard(routing, OPERATOR, EVENT_bus_told);
    assert_int_equal(told->edge, EDGE2);
    assert_int_equal(told->number, NUMBER);
    assert_true(told->trace->shown);
    assert_null(told->standing);
    routing_expect_silence(routing, EDGE);
}

static void s_test_nobody_else_is_told(void **state)
{
    static const uint64_t others[] = {EDGE, ROOM, 999};
    routing_t *routing = *state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        bus_tell_call_t answer = {.peer = others[i], .number = NUMBER};
        assert_int_equal(routing_ask(routing, EDGE2, CALL_bus_tell, 0, &answer).reply.status,
                         ERR_OK);
    }
    routing_expect_silence(routing, EDGE);
    routing_expect_silence(routing, ROOM);
}

static void s_test_operators_ask_and_edges_tell(void **state)
{
    routing_t *routing = *state;
    bus_tell_call_t answer = {.peer = OPERATOR, .number = NUMBER};
    assert_int_equal(routing_ask(routing, EDGE, CALL_bus_ask, 0, &s_question).reply.status,
                     ERR_FORBIDDEN);
    assert_int_equal(routing_ask(routing, ROOM, CALL_bus_ask, 0, &s_question).reply.status,
                     ERR_FORBIDDEN);
    assert_int_equal(routing_ask(routing, OPERATOR, CALL_bus_tell, 0, &answer).reply.status,
                     ERR_FORBIDDEN);
    assert_int_equal(routing_ask(routing, ROOM, CALL_bus_tell, 0, &answer).reply.status,
                     ERR_FORBIDDEN);
    routing_expect_silence(routing, EDGE2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(s_test_all_edges_are_asked, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_the_answer_is_for_who_has_asked, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(s_test_nobody_else_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_operators_ask_and_edges_tell, s_setup, s_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
