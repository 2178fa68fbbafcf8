/* chatbackend_line_test.c - ChatBackend's raw socket alone: who, where, and what it hears. */
#include "ws-edge/dialects/chatbackend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

#define OWN "11111111-2222-4333-8444-555555555555"
#define PUBLIC "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define ENTRY "{\"uuid\":\"" OWN "\",\"room_gid\":\"S6VibswP\"}"

static const dialect_t *const s_line = &chatbackend_line_dialect;

static const message_t s_message = {
    .id = 36,
    .room = 5,
    .sender = 7,
    .uuid = {(const uint8_t *)PUBLIC, sizeof PUBLIC - 1},
    .username = {(const uint8_t *)"Ann", 3},
    .text = {(const uint8_t *)"hi", 2},
    .time = INT64_C(1548067274468027),
};

static void test_it_asks_who_and_then_where(void **state)
{
    talker_t *talker = talker_new(s_line);
    membership_t membership = {.room = 5, .account = 7};
    answer_t answer = {.object = &membership};
    (void)state;
    talker_hears(talker, ENTRY);
    assert_string_equal((const char *)talker->credential.data, OWN);
    assert_int_equal(talker->calls, 0);
    s_line->bound(&talker->talk, 0, &(answer_t){.status = ERR_OK});
    talker_expects_call(talker, "room.find", "{\"gid\":\"S6VibswP\"}", 0);
    s_line->reply(&talker->talk, 0, &answer);
    assert_int_equal(talker->room, 5);
    s_line->heard(&talker->talk, 0);
    assert_int_equal(talker->frames, 0);
    assert_int_equal(talker->code, 0);
    talker_destroy(&talker);
}

static void test_a_refusal_closes_it(void **state)
{
    talker_t *talker = talker_new(s_line);
    (void)state;
    talker_hears(talker, ENTRY);
    s_line->bound(&talker->talk, 0, &(answer_t){.status = ERR_UNAUTHENTICATED});
    assert_int_equal(talker->code, err_info(ERR_UNAUTHENTICATED)->close_code);
    talker->code = 0;
    s_line->reply(&talker->talk, 0, &(answer_t){.status = ERR_NOT_FOUND});
    assert_int_equal(talker->code, err_info(ERR_NOT_FOUND)->close_code);
    assert_int_equal(talker->calls + talker->hears + talker->frames, 0);
    talker_destroy(&talker);
}

static void test_what_is_no_entry_closes_it(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"uuid\":}",
        "{\"uuid\":\"" OWN "\"}",
        "{\"room_gid\":\"S6VibswP\"}",
        "{\"uuid\":1,\"room_gid\":\"S6VibswP\"}",
        "{\"uuid\":\"" OWN "\",\"room_gid\":12345678}",
        "{\"uuid\":\"" OWN "\",\"room_gid\":\"S6VibswPP\"}",
        "{\"uuid\":\"11111111-2222-4333-8444-55555555555g\",\"room_gid\":\"S6VibswP\"}",
        "{\"uuid\":\"" OWN "\",\"room_gid\":\"€€ab\"}", /* eight bytes, but four letters */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        talker_t *talker = talker_new(s_line);
        talker_hears(talker, bad[i]);
        assert_int_not_equal(talker->code, 0);
        assert_int_equal(talker->binds, 0);
        talker_destroy(&talker);
    }
}

static void s_expects_event(const void *own, const char *expected)
{
    buf_t out = {0};
    room_posted_event_t posted = {.message = &s_message};
    event_t event = {.type = event_type(EVENT_room_posted), .object = &posted};
    assert_true(s_line->event(&event, own, &out));
    assert_true(slice_is(buf_slice(&out), expected));
    buf_free(&out);
}

static void test_a_message_is_an_object_and_a_newline(void **state)
{
    static const char rest[] = "\",\"username\":\"Ann\"},\"msg\":{\"msgId\":36,\"txt\":\"hi\","
                               "\"timestamp\":1548067274.468027}}\n";
    char expected[256];
    chatbackend_entry_t own;
    (void)state;
    assert_true(chatbackend_read_entry(SLICE_LIT(ENTRY), &own));
    snprintf(expected, sizeof expected, "{\"sender\":{\"uuid\":\"" PUBLIC "%s", rest);
    s_expects_event(NULL, expected);
    snprintf(expected, sizeof expected, "{\"sender\":{\"uuid\":\"" OWN "%s", rest);
    s_expects_event(&own, expected);
}

static void test_it_hears_of_nothing_else(void **state)
{
    buf_t out = {0};
    room_left_event_t left = {.room = 5, .account = 7};
    event_t event = {.type = event_type(EVENT_room_left), .object = &left};
    (void)state;
    assert_false(s_line->event(&event, NULL, &out));
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_asks_who_and_then_where),
        cmocka_unit_test(test_a_refusal_closes_it),
        cmocka_unit_test(test_what_is_no_entry_closes_it),
        cmocka_unit_test(test_a_message_is_an_object_and_a_newline),
        cmocka_unit_test(test_it_hears_of_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
