/* pusher_frame_test.c - frames of clients read, frames of the server written and told apart. */
#include "ws-edge/pusher_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

static void s_expect(buf_t *out, const char *text)
{
    buf_append_byte(out, 0);
    assert_string_equal((char *)out->data, text);
    buf_free(out);
}

static void test_what_a_client_says(void **state)
{
    pusher_said_t said;
    (void)state;
    assert_int_equal(pusher_said_read(SLICE_LIT("{\"event\":\"a\"}"), &said), ERR_OK);
    assert_true(slice_is(said.event, "a"));
    assert_null(said.channel.ptr);
    assert_null(said.data);
    pusher_said_free(&said);
    assert_int_equal(
        pusher_said_read(SLICE_LIT("{\"event\":\"a\",\"channel\":\"b\",\"data\":{\"c\":1}}"),
                         &said),
        ERR_OK);
    assert_true(slice_is(said.channel, "b"));
    assert_true(json_is_object(said.data));
    pusher_said_free(&said);
}

static void test_what_is_no_frame(void **state)
{
    static const char *const frames[] = {
        "", "x", "[]", "1", "{}", "{\"event\":1}", "{\"Event\":\"a\"}"};
    pusher_said_t said;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(frames); i++)
        assert_int_equal(pusher_said_read(slice_of(frames[i]), &said), ERR_MALFORMED);
}

/* `data`: as it stands in the frame; what comes of it as an object, and for others. */
static void test_data_in_either_way(void **state)
{
    static const struct {
        const char *data;
        bool object;
        const char *shown;
    } rows[] = {
        {"{\"a\":[1,null]}", true, "{\"a\":[1,null]}"},
        {"\"{\\\"a\\\":1}\"", true, "{\"a\":1}"},
        {"\"plain\"", false, "plain"},
        {"\"[1]\"", false, "[1]"},
        {"[1]", false, "[1]"},
        {"7", false, "7"},
        {"null", false, "null"},
        {"\"\"", false, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_t frame = {0}, shown = {0};
        pusher_said_t said;
        const json_node_t *text;
        buf_printf(&frame, "{\"event\":\"a\",\"data\":%s}", rows[i].data);
        assert_int_equal(pusher_said_read(buf_slice(&frame), &said), ERR_OK);
        assert_int_equal(pusher_said_object(&said, &text) != NULL, rows[i].object);
        json_free(&text);
        pusher_said_put_data(&shown, &said);
        s_expect(&shown, rows[i].shown);
        pusher_said_free(&said);
        buf_free(&frame);
    }
}

static void test_an_event_is_written(void **state)
{
    buf_t out = {0};
    pusher_event_t event = {.name = SLICE_LIT("a \"b\"")};
    (void)state;
    pusher_put_event(&out, SLICE_LIT("news"), &event);
    assert_true(slice_is(pusher_frame_channel(buf_slice(&out)), "news"));
    s_expect(&out, "{\"channel\":\"news\",\"event\":\"a \\\"b\\\"\"}");
    event = (pusher_event_t){SLICE_LIT("a"), SLICE_LIT("{\"b\":1}"), SLICE_LIT("7")};
    pusher_put_event(&out, SLICE_LIT("news"), &event);
    s_expect(&out, "{\"channel\":\"news\",\"event\":\"a\",\"data\":\"{\\\"b\\\":1}\","
                   "\"user_id\":\"7\"}");
}

static void test_which_channel_a_frame_is_of(void **state)
{
    static const struct {
        const char *frame;
        const char *channel;
    } rows[] = {
        {"{\"channel\":\"a\",\"event\":\"b\"}", "a"},
        {"{\"event\":\"b\",\"channel\":\"a\"}", NULL},
        {"{\"channel\":\"", NULL},
        {"{\"channel\":", NULL},
        {"{\"channel\":\"a", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice_t channel = pusher_frame_channel(slice_of(rows[i].frame));
        assert_true(rows[i].channel != NULL ? slice_is(channel, rows[i].channel)
                                            : channel.ptr == NULL);
    }
}

static void test_a_member_is_written(void **state)
{
    buf_t out = {0};
    pusher_person_info_t person = {.id = SLICE_LIT("7")};
    (void)state;
    pusher_put_member(&out, &person);
    s_expect(&out, "{\"user_id\":\"7\"}");
    person.info = SLICE_LIT("[1]");
    pusher_put_member(&out, &person);
    s_expect(&out, "{\"user_id\":\"7\",\"user_info\":[1]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_client_says),
        cmocka_unit_test(test_what_is_no_frame),
        cmocka_unit_test(test_data_in_either_way),
        cmocka_unit_test(test_an_event_is_written),
        cmocka_unit_test(test_which_channel_a_frame_is_of),
        cmocka_unit_test(test_a_member_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
