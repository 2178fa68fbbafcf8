/* stream_test.c - how much a bot is sent before it acknowledges any of it. */
#include "broker/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/limits.h"

static void test_the_window_is_open_as_long_as_it_is_not_full_of_bytes(void **state)
{
    roster_bot_t bot = {.account = 1};
    stream_t *stream = stream_new(&bot);
    (void)state;
    stream_sent(stream, 1, LIMIT_BOT_WINDOW_BYTES - 1);
    assert_true(stream_open(stream));
    stream_sent(stream, 2, 1);
    assert_false(stream_open(stream));
    stream_ack(stream, 1);
    assert_true(stream_open(stream));
    stream_destroy(&stream);
}

static void test_one_event_always_fits(void **state)
{
    roster_bot_t bot = {.account = 1};
    stream_t *stream = stream_new(&bot);
    (void)state;
    stream_sent(stream, 1, 2 * LIMIT_BOT_WINDOW_BYTES);
    assert_false(stream_open(stream));
    stream_ack(stream, 1);
    assert_true(stream_open(stream));
    stream_destroy(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_window_is_open_as_long_as_it_is_not_full_of_bytes),
        cmocka_unit_test(test_one_event_always_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
