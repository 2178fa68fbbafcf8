/* tunnel_wire_test.c - a session of Engine.IO on a WebSocket, or on its way to one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/tunnel_world.h"

/* ---- WebSockets ---- */

static void begins_on_a_websocket(void **state)
{
    world_t *world = world_make(EIO_4);
    (void)state;
    world_open_wire(world, 0);
    assert_true(world->opened);
    tunnel_begin(world->tunnel, &world_events, world);
    assert_non_null(memmem(world->sent[0].data, world->sent[0].len, "\"upgrades\":[]", 13));
    world_frame(world, 0, "4hello");
    assert_text(&world->heard, "hello|");
    assert_false(tunnel_polls(world->tunnel));
    assert_null(tunnel_wire(world->tunnel));
    world_hang_up(world, 0);
    assert_int_equal(world->ended_with, CLOSED_ABNORMALLY);
    assert_null(world->tunnel);
    world_end(world);
}

static void forgets_a_websocket_that_never_opens(void **state)
{
    world_t *world = world_make(EIO_4);
    (void)state;
    world->wire[0] = tunnel_wire(world->tunnel);
    world_hang_up(world, 0);
    assert_null(world->tunnel);
    assert_int_equal(world->ended_with, 0); /* nobody was above */
    world_end(world);
}

static void closes_its_websocket(void **state)
{
    world_t *world = world_upgraded(EIO_4);
    (void)state;
    world_say(world, "4bye");
    tunnel_close(world->tunnel, 4401, "session_ended");
    world_turn(world);
    assert_text(&world->sent[0], "4bye|");
    assert_int_equal(world->closed_with[0], 4401);
    assert_int_equal(world->ended_with, 4401);
    assert_null(world->tunnel);
    world_frame(world, 0, "4deaf");
    assert_int_equal(world->heard.len, 0);
    world_end(world);
}

static void ends_with_a_frame_that_is_no_packet(void **state)
{
    world_t *world = world_upgraded(EIO_4);
    (void)state;
    world_frame(world, 0, "9");
    assert_int_equal(world->closed_with[0], 1007);
    world_end(world);
}

static void hands_over_to_a_websocket(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    assert_int_equal(world_poll(world), ERR_OK);
    world_open_wire(world, 0);
    assert_int_equal(world->answers, 0);
    world_frame(world, 0, "2probe");
    assert_text(&world->sent[0], "3probe|");
    world_assert_answer(world, 1, "6");
    world_say(world, "4between");
    world_turn(world);
    world_frame(world, 0, "5");
    assert_text(&world->sent[0], "3probe|4between|");
    world_say(world, "4behind");
    assert_text(&world->sent[0], "3probe|4between|4behind|");
    assert_false(tunnel_polls(world->tunnel));
    assert_int_equal(tunnel_queued(world->tunnel), world->sent[0].len);
    world_end(world);
}

static void frees_late_polls_at_a_measured_pace(void **state)
{
    world_t *world = world_polling(EIO_3);
    (void)state;
    world_open_wire(world, 0);
    world_frame(world, 0, "2probe");
    assert_int_equal(world_poll(world), ERR_OK);
    world_assert_answer(world, 1, "1:6");
    assert_int_equal(world_poll(world), ERR_OK);
    assert_int_equal(world->answers, 1); /* not again so soon */
    world_pass(world, TUNNEL_NOOP_US / 1000);
    world_assert_answer(world, 2, "1:6");
    assert_int_equal(world_poll(world), ERR_OK);
    world_say(world, "4news");
    world_turn(world);
    world_assert_answer(world, 3, "5:4news"); /* what is there comes at once */
    world_end(world);
}

static void answers_a_poll_that_waits_at_the_last(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_open_wire(world, 0);
    world_frame(world, 0, "2probe");
    assert_int_equal(world_poll(world), ERR_OK);
    assert_int_equal(world_poll(world), ERR_OK);
    world_say(world, "4new");
    world_frame(world, 0, "5");
    world_assert_answer(world, 2, "6");
    assert_text(&world->sent[0], "3probe|4new|");
    world_end(world);
}

static void polls_on_if_nobody_takes_over(void **state)
{
    world_t *world = world_polling(EIO_3);
    (void)state;
    world_open_wire(world, 0);
    world_frame(world, 0, "2probe");
    assert_null(tunnel_wire(world->tunnel)); /* one at a time */
    for (unsigned ms = 0; ms < TUNNEL_PROBE_US / 1000; ms += INTERVAL_MS) {
        assert_int_equal(world->closed_with[0], 0);
        assert_int_equal(world_post(world, "1:2"), ERR_OK);
        world_pass(world, INTERVAL_MS);
    }
    assert_int_equal(world->closed_with[0], 4408);
    assert_true(tunnel_polls(world->tunnel));
    world_open_wire(world, 1);
    world_frame(world, 1, "2probe");
    world_frame(world, 1, "5");
    assert_false(tunnel_polls(world->tunnel));
    world_end(world);
}

static void refuses_what_is_no_probe(void **state)
{
    static const char *const wrong[] = {"5", "2", "2prob", "4hello", "3probe", "9", ""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        world_t *world = world_polling(EIO_4);
        world_open_wire(world, 0);
        world_frame(world, 0, wrong[i]);
        assert_int_equal(world->closed_with[0], 1008);
        assert_int_equal(world->ended_with, 0);
        assert_true(tunnel_polls(world->tunnel));
        world_end(world);
    }
}

static void survives_a_probe_that_hangs_up(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_open_wire(world, 0);
    world_frame(world, 0, "2probe");
    world_hang_up(world, 0);
    assert_false(tunnel_probes(world->tunnel));
    assert_int_equal(world_poll(world), ERR_OK);
    world_say(world, "4on");
    world_turn(world);
    world_assert_answer(world, 1, "4on");
    world_end(world);
}

static void closes_a_probe_with_the_session(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_open_wire(world, 0);
    world_frame(world, 0, "2probe");
    assert_int_equal(world_post(world, "1"), ERR_OK);
    assert_int_equal(world->closed_with[0], 1000);
    assert_null(world->tunnel);
    world_end(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_on_a_websocket),
        cmocka_unit_test(forgets_a_websocket_that_never_opens),
        cmocka_unit_test(closes_its_websocket),
        cmocka_unit_test(ends_with_a_frame_that_is_no_packet),
        cmocka_unit_test(hands_over_to_a_websocket),
        cmocka_unit_test(frees_late_polls_at_a_measured_pace),
        cmocka_unit_test(answers_a_poll_that_waits_at_the_last),
        cmocka_unit_test(polls_on_if_nobody_takes_over),
        cmocka_unit_test(refuses_what_is_no_probe),
        cmocka_unit_test(survives_a_probe_that_hangs_up),
        cmocka_unit_test(closes_a_probe_with_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
