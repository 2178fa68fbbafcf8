/* router_relay_test.c - what one edge has all others told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/unit/broker/routing.h"

static const bus_relay_call_t s_said = {
    .channels = {(const uint8_t *)"news cache-a", 12},
    .name = {(const uint8_t *)"hi", 2},
    .data = {(const uint8_t *)"{}", 2},
};

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

static void s_test_all_other_edges_hear_it(void **state)
{
    routing_t *routing = *state;
    fault_t fault;
    const void *object;
    assert_int_equal(routing_ask(routing, EDGE, CALL_bus_relay, 0, &s_said).reply.status, ERR_OK);
    record_t record = routing_hear(routing, EDGE2).record;
    assert_int_equal(record.type, EVENT_bus_relayed);
    assert_int_equal(record.seq, 0);
    assert_int_equal(
        codec_unpack(record.body, shape_bus_relayed_event(), routing->arena, &fault, &object),
        ERR_OK);
    const bus_relayed_event_t *heard = object;
    assert_true(slice_eq(heard->channels, s_said.channels));
    assert_true(slice_eq(heard->name, s_said.name));
    assert_true(slice_eq(heard->data, s_said.data));
    routing_expect_silence(routing, EDGE);
    routing_expect_silence(routing, EDGE2);
    routing_expect_silence(routing, ROOM);
    routing_expect_silence(routing, OPERATOR);
}

static void s_test_only_edges_say_it(void **state)
{
    static const uint64_t others[] = {ROOM, OPERATOR};
    routing_t *routing = *state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(routing_ask(routing, others[i], CALL_bus_relay, 0, &s_said).reply.status,
                         ERR_FORBIDDEN);
    routing_expect_silence(routing, EDGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(s_test_all_other_edges_hear_it, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_only_edges_say_it, s_setup, s_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
