/* veil_test.c - a client id is its sender's own affair. */
#include "actors/veil.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema/mem.h"

static const message_t s_messages[] = {
    {.sender = 7, .client_id = {(const uint8_t *)"k", 1}},
    {.sender = 8, .client_id = {(const uint8_t *)"l", 1}},
    {.sender = 8},
};

static void test_others_messages_in_a_history_have_no_client_id(void **state)
{
    arena_t *arena = arena_new();
    message_list_t list = {.messages = {s_messages, COUNT_OF(s_messages)}};
    (void)state;
    const message_list_t *seen = veil_answer(call_type(CALL_room_history), &list, 7, arena);
    const message_t *messages = seen->messages.items;
    assert_int_equal(seen->messages.count, COUNT_OF(s_messages));
    assert_true(slice_is(messages[0].client_id, "k"));
    assert_int_equal(messages[1].client_id.len, 0);
    assert_true(slice_is(s_messages[1].client_id, "l"));
    arena_destroy(&arena);
}

static void test_an_answer_to_a_post_is_the_senders(void **state)
{
    arena_t *arena = arena_new();
    (void)state;
    assert_ptr_equal(veil_answer(call_type(CALL_room_post), &s_messages[0], 7, arena),
                     &s_messages[0]);
    const message_t *seen = veil_answer(call_type(CALL_room_post), &s_messages[0], 8, arena);
    assert_int_equal(seen->client_id.len, 0);
    arena_destroy(&arena);
}

static void test_an_event_looks_different_to_its_author_only(void **state)
{
    arena_t *arena = arena_new();
    const event_type_t *posted = event_type(EVENT_room_posted);
    room_posted_event_t keyed = {.message = &s_messages[0]}, plain = {.message = &s_messages[2]};
    (void)state;
    assert_int_equal(veil_owner(posted, &keyed), 7);
    assert_int_equal(veil_owner(posted, &plain), 0);
    assert_int_equal(veil_author(posted, &plain), 8);
    const room_posted_event_t *seen = veil_event(posted, &keyed, arena);
    assert_int_equal(seen->message->client_id.len, 0);
    assert_ptr_equal(veil_event(posted, &plain, arena), &plain);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_others_messages_in_a_history_have_no_client_id),
        cmocka_unit_test(test_an_answer_to_a_post_is_the_senders),
        cmocka_unit_test(test_an_event_looks_different_to_its_author_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
