/* pusher_hook_test.c - webhooks in their order, held back, tried again, and bounded. */
#include "ws-edge/pusher_hook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/mem.h"

static const uint64_t s_second = 1000000;

#define EVENTS(list) "{\"time_ms\":7,\"events\":[" list "]}"

static void s_note(pusher_hook_t *hook, pusher_news_kind_t kind, const char *channel,
                   const char *user, uint64_t second)
{
    pusher_news_t news = {.kind = kind, .channel = slice_of(channel), .user = slice_of(user)};
    pusher_hook_note(hook, &news, second * s_second);
}

/* The body at that second, which is taken; NULL: there is none. */
static void s_expect(pusher_hook_t *hook, uint64_t second, const char *body)
{
    slice_t given = {0};
    bool there = pusher_hook_next(hook, second * s_second, 7, &given);
    assert_int_equal(there, body != NULL);
    if (!there)
        return;
    char text[1024];
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(given));
    assert_string_equal(text, body);
    assert_true(pusher_hook_done(hook, true, second * s_second));
}

static void test_all_that_can_be_told(void **state)
{
    pusher_hook_t *hook = pusher_hook_new();
    pusher_news_t said = {
        .kind = PUSHER_NEWS_CLIENT_EVENT,
        .channel = SLICE_LIT("presence-x"),
        .user = SLICE_LIT("1"),
        .event = SLICE_LIT("client-hi"),
        .data = SLICE_LIT("{\"a\":1}"),
        .socket_id = SLICE_LIT("1.2"),
    };
    (void)state;
    s_expect(hook, 0, NULL);
    s_note(hook, PUSHER_NEWS_OCCUPIED, "presence-x", NULL, 0);
    s_note(hook, PUSHER_NEWS_MEMBER_ADDED, "presence-x", "1", 0);
    pusher_hook_note(hook, &said, 0);
    s_note(hook, PUSHER_NEWS_CACHE_MISS, "cache-x", NULL, 0);
    s_expect(hook, 0,
             EVENTS("{\"name\":\"channel_occupied\",\"channel\":\"presence-x\"},"
                    "{\"name\":\"member_added\",\"channel\":\"presence-x\",\"user_id\":\"1\"},"
                    "{\"name\":\"client_event\",\"channel\":\"presence-x\",\"event\":\"client-hi\","
                    "\"data\":\"{\\\"a\\\":1}\",\"socket_id\":\"1.2\",\"user_id\":\"1\"},"
                    "{\"name\":\"cache_miss\",\"channel\":\"cache-x\"}"));
    s_expect(hook, 0, NULL);
    pusher_hook_destroy(&hook);
}

static void test_ends_are_held_back(void **state)
{
    pusher_hook_t *hook = pusher_hook_new();
    (void)state;
    s_note(hook, PUSHER_NEWS_MEMBER_REMOVED, "presence-x", "1", 10);
    s_note(hook, PUSHER_NEWS_VACATED, "presence-x", NULL, 10);
    s_expect(hook, 12, NULL);
    s_expect(hook, 13,
             EVENTS("{\"name\":\"member_removed\",\"channel\":\"presence-x\",\"user_id\":\"1\"},"
                    "{\"name\":\"channel_vacated\",\"channel\":\"presence-x\"}"));
    pusher_hook_destroy(&hook);
}

static void test_who_is_back_soon_was_never_away(void **state)
{
    pusher_hook_t *hook = pusher_hook_new();
    (void)state;
    s_note(hook, PUSHER_NEWS_MEMBER_REMOVED, "presence-x", "1", 10);
    s_note(hook, PUSHER_NEWS_MEMBER_REMOVED, "presence-x", "2", 10);
    s_note(hook, PUSHER_NEWS_VACATED, "presence-x", NULL, 10);
    s_note(hook, PUSHER_NEWS_OCCUPIED, "presence-x", NULL, 12);
    s_note(hook, PUSHER_NEWS_MEMBER_ADDED, "presence-x", "1", 12);
    s_expect(hook, 20,
             EVENTS("{\"name\":\"member_removed\",\"channel\":\"presence-x\",\"user_id\":\"2\"}"));
    s_note(hook, PUSHER_NEWS_OCCUPIED, "presence-x", NULL, 30); /* too late to undo anything */
    s_expect(hook, 30, EVENTS("{\"name\":\"channel_occupied\",\"channel\":\"presence-x\"}"));
    pusher_hook_destroy(&hook);
}

static void test_what_is_not_taken_is_tried_again(void **state)
{
    pusher_hook_t *hook = pusher_hook_new();
    slice_t body;
    (void)state;
    s_note(hook, PUSHER_NEWS_OCCUPIED, "a", NULL, 0);
    assert_true(pusher_hook_next(hook, 0, 7, &body));
    s_note(hook, PUSHER_NEWS_OCCUPIED, "b", NULL, 0);
    assert_false(pusher_hook_next(hook, 0, 7, &body)); /* one at a time */
    assert_true(pusher_hook_done(hook, false, 0));
    s_expect(hook, 0, NULL);
    assert_true(pusher_hook_next(hook, 1 * s_second, 8, &body));
    assert_true(pusher_hook_done(hook, false, 1 * s_second));
    s_expect(hook, 2, NULL);
    s_expect(hook, 3, EVENTS("{\"name\":\"channel_occupied\",\"channel\":\"a\"}"));
    s_expect(hook, 3, EVENTS("{\"name\":\"channel_occupied\",\"channel\":\"b\"}"));
    pusher_hook_destroy(&hook);
}

static void test_after_five_minutes_it_is_dropped(void **state)
{
    pusher_hook_t *hook = pusher_hook_new();
    slice_t body;
    uint64_t second = 0;
    bool kept = true;
    size_t tries = 0;
    (void)state;
    s_note(hook, PUSHER_NEWS_OCCUPIED, "a", NULL, 0);
    for (; kept; second++)
        if (pusher_hook_next(hook, second * s_second, 7, &body)) {
            kept = pusher_hook_done(hook, false, second * s_second);
            tries++;
        }
    assert_in_range(second, 250, PUSHER_HOOK_TRIES_S + 1);
    assert_in_range(tries, 10, 20);
    s_expect(hook, second, NULL);
    s_note(hook, PUSHER_NEWS_OCCUPIED, "c", NULL, second);
    s_expect(hook, second, EVENTS("{\"name\":\"channel_occupied\",\"channel\":\"c\"}"));
    pusher_hook_destroy(&hook);
}

static void test_what_waits_is_bounded(void **state)
{
    pusher_hook_t *hook = pusher_hook_new();
    slice_t body;
    size_t bodies = 0;
    (void)state;
    for (size_t i = 0; i < PUSHER_HOOK_EVENTS_MAX + 3; i++)
        s_note(hook, PUSHER_NEWS_CACHE_MISS, "cache-a", NULL, 0);
    assert_int_equal(pusher_hook_lost(hook), 3);
    assert_int_equal(pusher_hook_lost(hook), 0);
    for (; pusher_hook_next(hook, 0, 7, &body); bodies++)
        assert_true(pusher_hook_done(hook, true, 0));
    assert_int_equal(bodies, PUSHER_HOOK_EVENTS_MAX / PUSHER_HOOK_BATCH_MAX);
    pusher_hook_destroy(&hook);
}

static void test_large_texts_are_bounded_too(void **state)
{
    static char data[PUSHER_DATA_SIZE_MAX];
    pusher_hook_t *hook = pusher_hook_new();
    pusher_news_t said = {.kind = PUSHER_NEWS_CLIENT_EVENT, .data = slice_new(data, sizeof data)};
    (void)state;
    memset(data, 'x', sizeof data);
    for (size_t i = 0; i < 1000; i++)
        pusher_hook_note(hook, &said, 0);
    assert_in_range(pusher_hook_lost(hook), 500, 999);
    s_note(hook, PUSHER_NEWS_VACATED, "a", NULL, 0); /* lost as well, and not missed */
    pusher_hook_destroy(&hook);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_can_be_told),
        cmocka_unit_test(test_ends_are_held_back),
        cmocka_unit_test(test_who_is_back_soon_was_never_away),
        cmocka_unit_test(test_what_is_not_taken_is_tried_again),
        cmocka_unit_test(test_after_five_minutes_it_is_dropped),
        cmocka_unit_test(test_what_waits_is_bounded),
        cmocka_unit_test(test_large_texts_are_bounded_too),
    };
    assert_int_equal(crypto_start(), ERR_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
