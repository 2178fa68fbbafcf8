/* native_test.c - the native dialect alone: bytes in, calls and bytes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

static const dialect_t *const s_native = &native_dialect;

/* ---- WebSocket ---- */

static void test_a_frame_is_a_call(void **state)
{
    talker_t *talker = talker_new(s_native);
    (void)state;
    talker_hears(talker, "{\"id\":7,\"type\":\"room.post\",\"body\":{\"room\":5,\"text\":\"hi\","
                         "\"client_id\":\"a1\"}}");
    talker_expects_call(talker, "room.post", "{\"room\":5,\"text\":\"hi\",\"client_id\":\"a1\"}",
                        7);
    talker_hears(talker, "{\"type\":\"account.get\",\"id\":9007199254740991}");
    talker_expects_call(talker, "account.get", "{}", 9007199254740991);
    assert_int_equal(talker->frames, 0);
    talker_destroy(&talker);
}

static void test_what_is_no_call_is_refused_by_its_number(void **state)
{
    static const struct {
        const char *frame, *error;
    } cases[] = {
        {"{\"id\":1,\"type\":\"no.such\",\"body\":{}}", "unknown_type"},
        {"{\"id\":1,\"type\":\"room.post\",\"body\":{\"room\":1}}", "invalid"},
        {"{\"id\":1,\"type\":\"room.post\"}", "invalid"},
        {"{\"id\":1,\"type\":\"room.post\",\"body\":[]}", "invalid"},
        {"{\"id\":1,\"type\":\"room.get\",\"body\":{\"room\":0}}", "invalid"},
        {"{\"id\":1,\"type\":\"room.get\",\"body\":{\"room\":9007199254740992}}", "invalid"},
        {"{\"id\":1,\"type\":\"room.get\",\"body\":{\"room\":1,\"red\":1}}", "unknown_field"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char start[128];
        talker_t *talker = talker_new(s_native);
        talker_hears(talker, cases[i].frame);
        snprintf(start, sizeof start, "{\"id\":1,\"type\":\"error\",\"error\":{\"name\":\"%s\"",
                 cases[i].error);
        assert_int_equal(talker->frames, 1);
        assert_memory_equal(talker->said.data, start, strlen(start));
        assert_int_equal(talker->calls, 0);
        assert_int_equal(talker->code, 0);
        talker_destroy(&talker);
    }
}

static void test_what_is_no_frame_closes(void **state)
{
    static const struct {
        const char *frame;
        int code;
    } cases[] = {
        {"", 1007},
        {"{", 1007},
        {"{}{}", 1007},
        {"[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", 1007},
        {"[]", 1008},
        {"1", 1008},
        {"null", 1008},
        {"{\"type\":\"account.get\"}", 1008},
        {"{}", 1008},
        {"\"x\"", 1008},
        {"{\"id\":-1,\"type\":\"x\"}", 1008},
        {"{\"id\":1}", 1008},
        {"{\"id\":9007199254740992,\"type\":\"x\"}", 1008},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        talker_t *talker = talker_new(s_native);
        talker_hears(talker, cases[i].frame);
        assert_int_equal(talker->code, cases[i].code);
        assert_int_equal(talker->frames + talker->calls, 0);
        talker_destroy(&talker);
    }
}

static void test_a_binary_frame_closes(void **state)
{
    talker_t *talker = talker_new(s_native);
    (void)state;
    s_native->frame(&talker->talk, false, SLICE_LIT("{}"));
    assert_int_equal(talker->code, 1003);
    talker_destroy(&talker);
}

static void test_the_welcome_says_who_and_where(void **state)
{
    talker_t *talker = talker_new(s_native);
    (void)state;
    s_native->welcome(&talker->talk, &(standing_t){.as_of = 41, .resumed = true});
    talker_expects_frame(talker, "{\"type\":\"welcome\",\"as_of\":41,\"body\":{\"account\":7,"
                                 "\"session\":70,\"resumed\":true}}");
    talker_destroy(&talker);
}

static void test_answers_carry_the_clients_number(void **state)
{
    talker_t *talker = talker_new(s_native);
    membership_t member = {.room = 3, .account = 7, .role = room_role_READER, .joined = 5};
    answer_t answer = {.type = call_type(CALL_room_join), .as_of = 12, .object = &member};
    (void)state;
    s_native->reply(&talker->talk, 0, &answer);
    talker_expects_frame(talker, "{\"id\":0,\"type\":\"reply\",\"as_of\":12,\"body\":{\"room\":3,"
                                 "\"account\":7,\"role\":\"reader\",\"joined\":5}}");
    answer = (answer_t){.status = ERR_NOT_FOUND, .detail = SLICE_LIT("a \"detail\"")};
    s_native->reply(&talker->talk, 4, &answer);
    talker_expects_frame(talker,
                         "{\"id\":4,\"type\":\"error\",\"error\":{\"name\":\"not_found\","
                         "\"status\":404,\"message\":\"There is no such thing, or it is not yours "
                         "to see.\",\"retryable\":false,\"detail\":\"a \\\"detail\\\"\"}}");
    talker_destroy(&talker);
}

static void test_an_event_has_its_sequence_if_it_has_one(void **state)
{
    buf_t out = {0};
    presence_changed_event_t change = {.account = 7, .online = true};
    event_t event = {.type = event_type(EVENT_presence_changed), .time = 5, .object = &change};
    (void)state;
    assert_true(s_native->event(&event, NULL, &out));
    buf_append_byte(&out, '\0');
    assert_string_equal((char *)out.data, "{\"type\":\"presence.changed\",\"time\":5,"
                                          "\"body\":{\"account\":7,\"online\":true}}");
    buf_reset(&out);
    event.seq = 9;
    assert_true(s_native->event(&event, NULL, &out));
    assert_memory_equal(out.data, "{\"seq\":9,\"type\"", 15);
    buf_free(&out);
}

/* ---- REST ---- */

static void test_fields_come_from_path_query_header_and_body(void **state)
{
    (void)state;
    caller_t *caller =
        caller_new(s_native, "POST /v1/rooms/5/messages/ HTTP/1.1\r\nIdempotency-Key: k1",
                   "{\"text\":\"hi\"}");
    caller_expects_call(caller, CALL_room_post,
                        "{\"room\":5,\"text\":\"hi\",\"client_id\":\"k1\"}");
    caller_destroy(&caller);

    caller = caller_new(s_native, "POST /v1/rooms/5/messages HTTP/1.1\r\nIdempotency-Key: k1",
                        "{\"room\":6,\"text\":\"hi\",\"client_id\":\"k2\"}");
    caller_expects_call(caller, CALL_room_post,
                        "{\"room\":5,\"text\":\"hi\",\"client_id\":\"k2\"}");
    caller_destroy(&caller);

    caller = caller_new(s_native, "GET /v1/rooms/5/messages?limit=7&before=9 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_room_history, "{\"room\":5,\"before\":9,\"limit\":7}");
    caller_destroy(&caller);
}

static void test_a_history_after_0_goes_forward(void **state)
{
    (void)state;
    caller_t *caller = caller_new(s_native, "GET /v1/rooms/5/messages?after=0 HTTP/1.1", NULL);
    assert_true(((const room_history_call_t *)caller->visit.args)->forward);
    caller_destroy(&caller);
    caller = caller_new(s_native, "GET /v1/rooms/5/messages HTTP/1.1", NULL);
    assert_false(((const room_history_call_t *)caller->visit.args)->forward);
    caller_destroy(&caller);
}

static void test_bad_fields_are_refused(void **state)
{
    static const struct {
        const char *head, *body;
        err_t err;
    } cases[] = {
        {"POST /v1/rooms HTTP/1.1", "{\"kind\":\"open\",\"red\":1}", ERR_UNKNOWN_FIELD},
        {"POST /v1/rooms HTTP/1.1", "{\"kind\":\"odd\"}", ERR_INVALID},
        {"POST /v1/rooms HTTP/1.1", "[]", ERR_INVALID},
        {"POST /v1/rooms HTTP/1.1", NULL, ERR_INVALID},
        {"GET /v1/rooms?red=1 HTTP/1.1", NULL, ERR_UNKNOWN_FIELD},
        {"GET /v1/rooms?limit=0 HTTP/1.1", NULL, ERR_INVALID},
        {"GET /v1/rooms?limit=x HTTP/1.1", NULL, ERR_INVALID},
        {"GET /v1/accounts?limit=1001 HTTP/1.1", NULL, ERR_INVALID},
        {"GET /v1/rooms?after=%zz HTTP/1.1", NULL, ERR_MALFORMED},
        {"GET /v1/rooms/abc HTTP/1.1", NULL, ERR_NOT_FOUND},
        {"GET /v1/rooms/0 HTTP/1.1", NULL, ERR_NOT_FOUND},
        {"GET /v1/accounts/0 HTTP/1.1", NULL, ERR_NOT_FOUND},
        {"POST /v1/accounts?password=secret1 HTTP/1.1", "{\"login\":\"a\"}", ERR_UNKNOWN_FIELD},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        caller_t *caller = caller_new(s_native, cases[i].head, cases[i].body);
        assert_int_equal(caller->err, cases[i].err);
        assert_int_equal(caller->visit.status, err_info(cases[i].err)->status);
        caller_destroy(&caller);
    }
}

static void test_a_new_session_comes_with_its_token(void **state)
{
    account_t account = {
        .id = 1, .login = SLICE_LIT("ann"), .username = SLICE_LIT("Ann"), .created = 4};
    signed_in_t session = {.session = 3, .expires = 9, .account = &account};
    (void)state;
    caller_t *caller = caller_new(s_native, "POST /v1/sessions HTTP/1.1",
                                  "{\"login\":\"ann\",\"password\":\"secret1\"}");
    caller_is_answered(caller, s_native, CALL_session_open, &session);
    caller_expects_body(caller, 201,
                        "{\"token\":\"the.new.token\",\"session\":3,\"expires\":9,\"account\":"
                        "{\"id\":1,\"login\":\"ann\",\"username\":\"Ann\",\"email\":\"\","
                        "\"created\":4,\"online\":false}}");
    caller_destroy(&caller);
}

static void test_lists_say_as_of_when(void **state)
{
    (void)state;
    caller_t *caller = caller_new(s_native, "GET /v1/rooms HTTP/1.1", NULL);
    caller_is_answered(caller, s_native, CALL_room_list, &(room_list_t){});
    caller_expects_body(caller, 200, "{\"rooms\":[],\"as_of\":99}");
    caller_destroy(&caller);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_frame_is_a_call),
        TEST(test_what_is_no_call_is_refused_by_its_number),
        TEST(test_what_is_no_frame_closes),
        TEST(test_a_binary_frame_closes),
        TEST(test_the_welcome_says_who_and_where),
        TEST(test_answers_carry_the_clients_number),
        TEST(test_an_event_has_its_sequence_if_it_has_one),
        TEST(test_fields_come_from_path_query_header_and_body),
        TEST(test_a_history_after_0_goes_forward),
        TEST(test_bad_fields_are_refused),
        TEST(test_a_new_session_comes_with_its_token),
        TEST(test_lists_say_as_of_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
