/* tunnel_test.c - a session of Engine.IO that polls, on a clock and a network of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/tunnel_world.h"

/* ---- polling ---- */

static void says_first_what_it_is(void **state)
{
    world_t *world = world_make(EIO_4);
    char text[256];
    (void)state;
    tunnel_begin(world->tunnel, &world_events, world);
    assert_int_equal(world_poll(world), ERR_OK);
    snprintf(text, sizeof text,
             "0{\"sid\":\"%.20s\",\"upgrades\":[\"websocket\"],\"pingInterval\":1000,"
             "\"pingTimeout\":500,\"maxPayload\":1000000}",
             tunnel_sid(world->tunnel).ptr);
    world_assert_answer(world, 1, text);
    world_end(world);
}

static void answers_a_poll_with_all_of_a_turn(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_say(world, "4a");
    world_say(world, "4b");
    world_turn(world);
    assert_int_equal(world->answers, 0);
    assert_int_equal(world_poll(world), ERR_OK);
    world_assert_answer(world, 1,
                        "4a\x1e"
                        "4b");
    assert_int_equal(world_poll(world), ERR_OK);
    assert_int_equal(world->answers, 1); /* it waits */
    world_say(world, "4c");
    world_say(world, "4d");
    assert_int_equal(world->answers, 1);
    world_turn(world);
    world_assert_answer(world, 2,
                        "4c\x1e"
                        "4d");
    world_end(world);
}

static void counts_characters_for_version_3(void **state)
{
    world_t *world = world_polling(EIO_3);
    (void)state;
    world_say(world, "4€");
    assert_int_equal(world_poll(world), ERR_OK);
    world_assert_answer(world, 1, "2:4€");
    world_end(world);
}

static void hears_the_packets_of_a_post(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    assert_int_equal(world_post(world, "4one\x1e"
                                       "bAAEC\x1e"
                                       "4two"),
                     ERR_OK);
    assert_int_equal(world->heard.len, 4 + 5 + 4);
    assert_memory_equal(world->heard.data, "one|!\0\1\2|two|", 13);
    world_end(world);
}

static void ends_with_two_polls_at_once(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    assert_int_equal(world_poll(world), ERR_OK);
    assert_int_equal(world_poll(world), ERR_INVALID);
    world_assert_answer(world, 1, "1");
    assert_int_equal(world->ended_with, 1008);
    assert_null(world->tunnel);
    world_end(world);
}

static void lets_a_poll_take_the_place_of_one_whose_client_went(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    assert_int_equal(world_poll(world), ERR_OK);
    world->deaf = true;
    assert_int_equal(world_poll(world), ERR_OK);
    assert_non_null(world->tunnel);
    world_end(world);
}

static void ends_with_a_payload_that_lies(void **state)
{
    static const char *const lies[] = {"9:4a", "3:4a", "0:", "x:4a", "2:4a9", "-1:4a", ""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        world_t *world = world_polling(EIO_3);
        assert_int_equal(world_post(world, lies[i]), ERR_MALFORMED);
        assert_int_equal(world->ended_with, 1007);
        world_end(world);
    }
}

static void ends_with_a_payload_of_too_many_packets(void **state)
{
    world_t *world = world_polling(EIO_4);
    buf_t payload = {0};
    (void)state;
    for (int i = 0; i <= EIO_PACKETS_MAX; i++)
        buf_append_text(&payload, i == 0 ? "4"
                                         : "\x1e"
                                           "4");
    assert_int_equal(tunnel_post(world->tunnel, false, buf_slice(&payload)), ERR_TOO_LARGE);
    world_turn(world);
    assert_int_equal(world->ended_with, 1009);
    assert_int_equal(world->heard.len, 0);
    buf_free(&payload);
    world_end(world);
}

static void ends_when_nobody_fetches_what_it_says(void **state)
{
    static char text[TUNNEL_QUEUE_MAX + 10];
    world_t *world = world_polling(EIO_4);
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[0] = '4';
    world_say(world, text);
    world_turn(world);
    assert_int_equal(world->ended_with, 0); /* one that large is taken */
    world_say(world, "4more");
    world_turn(world);
    assert_int_equal(world->ended_with, 1013);
    world_end(world);
}

static void tells_the_next_poll_that_it_is_over(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_say(world, "4last");
    tunnel_close(world->tunnel, 1012, "server restarts");
    assert_int_equal(world->ended_with, 0); /* not inside */
    world_turn(world);
    assert_int_equal(world->ended_with, 1012);
    world_say(world, "4late");
    assert_int_equal(world_poll(world), ERR_OK);
    world_assert_answer(world, 1,
                        "4last\x1e"
                        "1");
    assert_null(world->tunnel);
    world_end(world);
}

static void forgets_a_client_that_never_polls_again(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    tunnel_close(world->tunnel, 1012, NULL);
    world_turn(world);
    world_pass(world, TUNNEL_FAREWELL_US / 1000 - 1);
    assert_non_null(world->tunnel);
    world_pass(world, 1);
    assert_null(world->tunnel);
    world_end(world);
}

static void ends_when_the_client_says_so(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    assert_int_equal(world_post(world, "1\x1e"
                                       "4late"),
                     ERR_OK);
    assert_int_equal(world->ended_with, 1000);
    assert_int_equal(world->heard.len, 0);
    assert_null(world->tunnel);
    world_end(world);
}

/* ---- heartbeats ---- */

static void pings_and_takes_the_pong(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_pass(world, INTERVAL_MS - 1);
    assert_int_equal(tunnel_queued(world->tunnel), 0);
    world_pass(world, 1);
    assert_int_equal(world_poll(world), ERR_OK);
    world_assert_answer(world, 1, "2");
    assert_int_equal(world_post(world, "3"), ERR_OK);
    world_pass(world, TIMEOUT_MS);
    world_pass(world, TIMEOUT_MS);
    assert_int_equal(world_poll(world), ERR_OK);
    world_assert_answer(world, 2, "2");
    assert_int_equal(world->beats, 4);
    world_end(world);
}

static void ends_without_a_pong(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_pass(world, INTERVAL_MS);
    assert_int_equal(world_post(world, "4talk"), ERR_OK);
    world_pass(world, TIMEOUT_MS - 1);
    assert_int_equal(world->ended_with, 0);
    world_pass(world, 1);
    assert_int_equal(world->ended_with, 1008);
    world_end(world);
}

/* Its pong may be behind all that. */
static void takes_whatever_is_said_for_a_sign_of_life(void **state)
{
    world_t *world = world_polling(EIO_4);
    (void)state;
    world_pass(world, INTERVAL_MS);
    world_pass(world, TIMEOUT_MS - 1);
    assert_int_equal(world_post(world, "4talk"), ERR_OK);
    world_pass(world, TIMEOUT_MS - 1);
    assert_int_equal(world->ended_with, 0);
    world_pass(world, 1);
    assert_int_equal(world->ended_with, 1008);
    world_end(world);
}

static void pongs_to_version_3(void **state)
{
    world_t *world = world_polling(EIO_3);
    (void)state;
    assert_int_equal(world_poll(world), ERR_OK);
    assert_int_equal(world_post(world, "1:2"), ERR_OK);
    world_assert_answer(world, 1, "1:3");
    world_end(world);
}

static void ends_a_silent_client_of_version_3(void **state)
{
    world_t *world = world_polling(EIO_3);
    (void)state;
    world_pass(world, INTERVAL_MS);
    assert_int_equal(world_post(world, "2:4x"), ERR_OK); /* a sign of life as good as any */
    world_pass(world, INTERVAL_MS + TIMEOUT_MS - 1);
    assert_int_equal(world->ended_with, 0);
    world_pass(world, 1);
    assert_int_equal(world->ended_with, 1008);
    world_end(world);
}

static void gives_a_long_poll_a_noop(void **state)
{
    world_t *world = world_polling(EIO_3);
    (void)state;
    assert_int_equal(world_poll(world), ERR_OK);
    world_pass(world, INTERVAL_MS - 1);
    assert_int_equal(world->answers, 0);
    world_pass(world, 1);
    world_assert_answer(world, 1, "1:6");
    world_end(world);
}

static void refuses_the_other_sides_heartbeats(void **state)
{
    static const struct {
        eio_version_t version;
        const char *payload;
    } rows[] = {{EIO_4, "2"}, {EIO_3, "1:3"}, {EIO_4, "0"}, {EIO_4, "5"}, {EIO_3, "1:5"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_t *world = world_polling(rows[i].version);
        assert_int_equal(world_post(world, rows[i].payload), ERR_OK);
        assert_int_equal(world->ended_with, 1008);
        world_end(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_first_what_it_is),
        cmocka_unit_test(answers_a_poll_with_all_of_a_turn),
        cmocka_unit_test(counts_characters_for_version_3),
        cmocka_unit_test(hears_the_packets_of_a_post),
        cmocka_unit_test(ends_with_two_polls_at_once),
        cmocka_unit_test(lets_a_poll_take_the_place_of_one_whose_client_went),
        cmocka_unit_test(ends_with_a_payload_that_lies),
        cmocka_unit_test(ends_with_a_payload_of_too_many_packets),
        cmocka_unit_test(ends_when_nobody_fetches_what_it_says),
        cmocka_unit_test(tells_the_next_poll_that_it_is_over),
        cmocka_unit_test(forgets_a_client_that_never_polls_again),
        cmocka_unit_test(ends_when_the_client_says_so),
        cmocka_unit_test(pings_and_takes_the_pong),
        cmocka_unit_test(ends_without_a_pong),
        cmocka_unit_test(takes_whatever_is_said_for_a_sign_of_life),
        cmocka_unit_test(pongs_to_version_3),
        cmocka_unit_test(ends_a_silent_client_of_version_3),
        cmocka_unit_test(gives_a_long_poll_a_noop),
        cmocka_unit_test(refuses_the_other_sides_heartbeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
