/* router_snapshots_test.c - every actor copies, or there is no snapshot; and what was cut is too old. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schema/pack.h"
#include "tests/unit/broker/routing.h"
#include "tests/unit/scratch.h"

static const struct {
    uint64_t peer;
    owner_t owner;
} s_actors[] = {
    {SESSION, owner_SESSION}, {ROOM, owner_ROOM},         {ROOM2, owner_SEARCH},
    {EDGE2, owner_MATCHING},  {STRANGER, owner_NOTIFIER},
};

static const slice_t s_digest =
    SLICE_LIT("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

/* All actors but the last few, an edge and an operator, and five records. */
static routing_t *s_world(size_t missing)
{
    routing_t *routing = routing_new();
    routing->roles[STRANGER] = ROLE_BIT(peer_role_ACTOR);
    for (size_t i = 0; i < COUNT_OF(s_actors) - missing; i++)
        routing_enter(routing, s_actors[i].peer, peer_role_ACTOR, s_actors[i].owner);
    routing_enter(routing, EDGE, peer_role_EDGE, 0);
    routing_enter(routing, OPERATOR, peer_role_OPERATOR, 0);
    routing_decide(routing, ROOM, (made_t){.records = 5, .room = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, UINT64_MAX);
    routing_flush(routing);
    return routing;
}

static void s_take(routing_t *routing, uint64_t peer, uint64_t corr)
{
    routing_call(routing, peer, CALL_snapshot_take, corr, 0, &(snapshot_take_call_t){});
    routing_send(routing, peer);
    routing_flush(routing);
}

/* The order that an actor got; 0: none. */
static uint64_t s_ordered(routing_t *routing, uint64_t peer)
{
    const void *body;
    fault_t fault;
    for (heard_t heard; (heard = routing_hear(routing, peer)).kind != ENVELOPE_NONE;) {
        if (heard.kind != ENVELOPE_RECORD || heard.record.type != EVENT_bus_snapshot)
            continue;
        assert_int_equal(codec_unpack(heard.record.body, shape_bus_snapshot_event(), routing->arena,
                                      &fault, &body),
                         ERR_OK);
        return ((const bus_snapshot_event_t *)body)->order;
    }
    return 0;
}

static void s_copied(routing_t *routing, size_t actor, uint64_t order, bool well)
{
    const snapshot_part_t part = {
        .actor = slice_of(choice_word(choices_owner, (int)s_actors[actor].owner)),
        .seq = 5,
        .base = 5,
        .digest = s_digest,
    };
    routing_call(routing, s_actors[actor].peer, CALL_bus_snapshotted, 0, 0,
                 &(bus_snapshotted_call_t){.order = order, .part = well ? &part : NULL});
    routing_send(routing, s_actors[actor].peer);
    routing_flush(routing);
}

static const snapshot_t *s_kept(routing_t *routing)
{
    const void *snapshot;
    fault_t fault;
    if (routing->snapshot.len == 0)
        return NULL;
    assert_int_equal(codec_unpack(buf_slice(&routing->snapshot), shape_snapshot(), routing->arena,
                                  &fault, &snapshot),
                     ERR_OK);
    return snapshot;
}

/* Every actor but the first has copied. */
static uint64_t s_nearly_all(routing_t *routing)
{
    uint64_t order = 0;
    router_snapshot_begin(routing->router);
    routing_flush(routing);
    for (size_t i = 0; i < COUNT_OF(s_actors); i++) {
        order = s_ordered(routing, s_actors[i].peer);
        assert_true(order > 0);
        if (i > 0)
            s_copied(routing, i, order, true);
    }
    return order;
}

static void test_all_actors_make_a_snapshot(void **state)
{
    routing_t *routing = s_world(0);
    (void)state;
    s_take(routing, OPERATOR, 9);
    assert_int_equal(routing->prepared, 1);
    uint64_t order = s_nearly_all(routing);
    s_copied(routing, 0, order + 1, true); /* another one's */
    assert_null(s_kept(routing));
    s_copied(routing, 0, order, true);
    const snapshot_t *kept = s_kept(routing);
    assert_non_null(kept);
    assert_int_equal(kept->parts.count, COUNT_OF(s_actors));
    router_snapshot_kept(routing->router, ERR_OK, buf_slice(&routing->snapshot));
    routing_flush(routing);
    routing_expect_reply(routing, OPERATOR, 9, ERR_OK);
    routing_destroy(&routing);
}

static void test_retention_asks_for_nobody(void **state)
{
    routing_t *routing = s_world(0);
    (void)state;
    uint64_t order = s_nearly_all(routing);
    s_copied(routing, 0, order, true);
    assert_non_null(s_kept(routing));
    router_snapshot_kept(routing->router, ERR_OK, buf_slice(&routing->snapshot));
    routing_flush(routing);
    routing_expect_silence(routing, OPERATOR);
    routing_destroy(&routing);
}

static void test_an_actor_that_cannot_copy_ends_it(void **state)
{
    routing_t *routing = s_world(0);
    (void)state;
    s_take(routing, OPERATOR, 9);
    uint64_t order = s_nearly_all(routing);
    scratch_hush();
    s_copied(routing, 0, order, false);
    scratch_speak();
    routing_expect_reply(routing, OPERATOR, 9, ERR_STORAGE);
    assert_null(s_kept(routing));
    s_take(routing, OPERATOR, 10); /* and the next one may begin */
    assert_int_equal(routing->prepared, 2);
    routing_destroy(&routing);
}

static void test_an_actor_that_goes_ends_it(void **state)
{
    routing_t *routing = s_world(0);
    (void)state;
    s_take(routing, OPERATOR, 9);
    s_nearly_all(routing);
    routing->hung_up[SESSION] = true;
    scratch_hush();
    routing_call(routing, ROOM2, CALL_bus_hello, 3, 0,
                 &(bus_hello_call_t){.role = peer_role_ACTOR, .actor = owner_SESSION});
    routing_send(routing, ROOM2);
    routing_flush(routing);
    scratch_speak();
    routing_expect_reply(routing, OPERATOR, 9, ERR_UNAVAILABLE);
    routing_destroy(&routing);
}

static void test_without_all_actors_there_is_none(void **state)
{
    routing_t *routing = s_world(1);
    (void)state;
    s_take(routing, OPERATOR, 9);
    scratch_hush();
    router_snapshot_begin(routing->router);
    scratch_speak();
    routing_flush(routing);
    routing_expect_reply(routing, OPERATOR, 9, ERR_UNAVAILABLE);
    assert_int_equal(s_ordered(routing, ROOM), 0);
    routing_destroy(&routing);
}

static void test_operators_alone_ask_and_one_at_a_time(void **state)
{
    routing_t *routing = s_world(0);
    (void)state;
    s_take(routing, EDGE, 8);
    routing_expect_reply(routing, EDGE, 8, ERR_FORBIDDEN);
    s_take(routing, OPERATOR, 9);
    s_take(routing, OPERATOR, 10);
    routing_expect_reply(routing, OPERATOR, 10, ERR_TOO_MANY);
    scratch_hush();
    router_snapshot_kept(routing->router, ERR_STORAGE, (slice_t){0}); /* there is no place for it */
    scratch_speak();
    routing_flush(routing);
    routing_expect_reply(routing, OPERATOR, 9, ERR_STORAGE);
    routing_destroy(&routing);
}

/* ---- what was cut ---- */

static void s_read(routing_t *routing, uint64_t from)
{
    routing_call(routing, EDGE, CALL_bus_read, from, 0, &(bus_read_call_t){.from = from});
    routing_send(routing, EDGE);
    routing_flush(routing);
}

static void test_what_was_cut_is_too_old_wherever_it_still_is(void **state)
{
    routing_t *routing = s_world(0);
    slice_t detail;
    (void)state;
    s_read(routing, 2);
    routing_expect_reply(routing, EDGE, 2, ERR_OK);
    router_cut(routing->router, 3);
    s_read(routing, 2);
    heard_t heard = routing_hear(routing, EDGE);
    assert_int_equal(heard.reply.status, ERR_TOO_OLD);
    unpack_t in = {heard.reply.body};
    assert_int_equal(unpack_str(&in, &detail), ERR_OK);
    assert_true(slice_starts(detail, SLICE_LIT("3 ")));
    s_read(routing, 3);
    routing_expect_reply(routing, EDGE, 3, ERR_OK);
    routing_destroy(&routing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_actors_make_a_snapshot),
        cmocka_unit_test(test_retention_asks_for_nobody),
        cmocka_unit_test(test_an_actor_that_cannot_copy_ends_it),
        cmocka_unit_test(test_an_actor_that_goes_ends_it),
        cmocka_unit_test(test_without_all_actors_there_is_none),
        cmocka_unit_test(test_operators_alone_ask_and_one_at_a_time),
        cmocka_unit_test(test_what_was_cut_is_too_old_wherever_it_still_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
