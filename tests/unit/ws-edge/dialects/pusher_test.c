/* pusher_test.c - Pusher's dialect alone: what its channels are shown of rooms and accounts,
 * and how it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ws-edge/dialect.h"

static const dialect_t *const s_pusher = &pusher_dialect;

/* The frame of an event, which may be none. */
static void s_expect(event_number_t number, const void *object, const char *frame)
{
    event_t event = {.type = event_type((uint16_t)number), .object = object};
    buf_t out = {0};
    assert_int_equal(s_pusher->event(&event, NULL, &out), frame != NULL);
    if (frame != NULL) {
        buf_append_byte(&out, 0);
        assert_string_equal((char *)out.data, frame);
    }
    buf_free(&out);
}

static message_t s_message(void)
{
    return (message_t){
        .id = 12,
        .room = 5,
        .sender = 7,
        .first = 7,
        .second = 9,
        .text = SLICE_LIT("hi \"you\""),
        .extra = SLICE_LIT("{\"type\":\"text\"}"),
    };
}

static void test_a_message_of_a_direct_room(void **state)
{
    message_t message = s_message();
    (void)state;
    s_expect(
        EVENT_room_posted, &(room_posted_event_t){.message = &message},
        "{\"channel\":\"private-chat_7_9\",\"event\":\"new_message\",\"data\":\"{\\\"id\\\":12,"
        "\\\"from_user\\\":7,\\\"to_user\\\":9,\\\"message\\\":\\\"hi \\\\\\\"you\\\\\\\"\\\","
        "\\\"channel\\\":\\\"private-chat_7_9\\\",\\\"type\\\":\\\"text\\\","
        "\\\"sentiment\\\":{\\\"polarity\\\":0.0}}\"}");
}

static void test_a_message_of_another_room(void **state)
{
    message_t message = s_message();
    (void)state;
    message.first = message.second = 0;
    message.text = SLICE_LIT("hi");
    message.extra = (slice_t){0};
    s_expect(EVENT_room_posted, &(room_posted_event_t){.message = &message},
             "{\"channel\":\"private-chat_5\",\"event\":\"new_message\",\"data\":\"{\\\"id\\\":12,"
             "\\\"from_user\\\":7,\\\"to_user\\\":null,\\\"message\\\":\\\"hi\\\","
             "\\\"channel\\\":\\\"private-chat_5\\\","
             "\\\"sentiment\\\":{\\\"polarity\\\":0.0}}\"}");
}

static void test_a_room_that_is_asked_for(void **state)
{
    room_requested_event_t asked = {.account = 9, .by = 7, .room = 5, .first = 9, .second = 7};
    (void)state;
    s_expect(EVENT_room_requested, &asked,
             "{\"channel\":\"private-notification_user_9\",\"event\":\"new_chat\",\"data\":\"{"
             "\\\"from_user\\\":7,\\\"to_user\\\":9,"
             "\\\"from_user_notification_channel\\\":\\\"private-notification_user_7\\\","
             "\\\"to_user_notification_channel\\\":\\\"private-notification_user_9\\\","
             "\\\"channel_name\\\":\\\"private-chat_9_7\\\"}\"}");
}

static void test_nothing_else_is_shown(void **state)
{
    (void)state;
    s_expect(EVENT_room_typed, &(room_typed_event_t){.room = 5, .account = 7}, NULL);
    s_expect(EVENT_presence_changed, &(presence_changed_event_t){.account = 7}, NULL);
}

static void test_refusals_have_a_word(void **state)
{
    buf_t body = {0};
    visit_t visit = {.body = &body};
    answer_t refusal = {.status = ERR_UNAVAILABLE};
    (void)state;
    s_pusher->refuse(&visit, &refusal);
    assert_int_equal(visit.status, 503);
    assert_memory_equal(body.data, "{\"error\":\"", 10);
    buf_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_of_a_direct_room),
        cmocka_unit_test(test_a_message_of_another_room),
        cmocka_unit_test(test_a_room_that_is_asked_for),
        cmocka_unit_test(test_nothing_else_is_shown),
        cmocka_unit_test(test_refusals_have_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
