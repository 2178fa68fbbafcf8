/* chatapi_test.c - ChatAPI alone: its texts, its shapes, its two calls for a chat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

static const dialect_t *const s_chatapi = &chatapi_dialect;

/* 2026-01-02T03:04:05.000006Z */
static const int64_t s_time = INT64_C(1767323045000006);

static const message_t s_message = {
    .id = 12,
    .room = 5,
    .seq = 2,
    .sender = 7,
    .login = {(const uint8_t *)"ann", 3},
    .username = {(const uint8_t *)"Ann", 3},
    .text = {(const uint8_t *)"hi", 2},
    .time = s_time,
};

/* ---- WebSocket ---- */

static void test_a_frame_posts(void **state)
{
    talker_t *talker = talker_new(s_chatapi);
    (void)state;
    talker_hears(talker, "{\"text\":\"hi\",\"chat_id\":5,\"more\":[1]}");
    talker_expects_call(talker, "room.post", "{\"room\":5,\"text\":\"hi\"}", 0);
    talker_hears(talker, "{\"text\":\"hi\",\"chat_id\":5,\"random_id\":-3}");
    talker_expects_call(talker, "room.post", "{\"room\":5,\"text\":\"hi\",\"client_id\":\"-3\"}",
                        0);
    talker_hears(talker, "{\"text\":\"hi\",\"chat_id\":5,\"random_id\":\"x\"}");
    talker_expects_call(talker, "room.post", "{\"room\":5,\"text\":\"hi\",\"client_id\":\"x\"}", 0);
    assert_int_equal(talker->frames, 0);
    talker_destroy(&talker);
}

static void test_a_bad_frame_gets_an_error_and_stays(void **state)
{
    static const char *const frames[] = {
        "",
        "not json",
        "[]",
        "1",
        "null",
        "{}",
        "{\"text\":\"x\"}",
        "{\"chat_id\":1}",
        "{\"text\":1,\"chat_id\":1}",
        "{\"text\":\"\",\"chat_id\":1}",
        "{\"text\":\"x\",\"chat_id\":0}",
        "{\"text\":\"x\",\"chat_id\":-1}",
        "{\"text\":\"x\",\"chat_id\":1.5}",
        "{\"text\":\"x\",\"chat_id\":1,\"random_id\":[]}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        talker_t *talker = talker_new(s_chatapi);
        talker_hears(talker, frames[i]);
        assert_int_equal(talker->frames, 1);
        assert_memory_equal(talker->said.data, "{\"error\":\"", 10);
        assert_int_equal(talker->calls, 0);
        assert_int_equal(talker->code, 0);
        talker_destroy(&talker);
    }
}

static void test_only_a_repeat_is_answered(void **state)
{
    talker_t *talker = talker_new(s_chatapi);
    message_t message = s_message;
    answer_t answer = {.type = call_type(CALL_room_post), .object = &message};
    (void)state;
    s_chatapi->reply(&talker->talk, 0, &answer);
    assert_int_equal(talker->frames, 0);
    message.repeated = true;
    s_chatapi->reply(&talker->talk, 0, &answer);
    talker_expects_frame(talker, "{\"id\":12,\"text\":\"hi\",\"username\":\"Ann\",\"owner_id\":7,"
                                 "\"chat_id\":5,\"created_at\":\"2026-01-02T03:04:05.000006Z\"}");
    answer = (answer_t){.type = answer.type, .status = ERR_NOT_FOUND};
    s_chatapi->reply(&talker->talk, 0, &answer);
    talker_expects_frame(talker, "{\"error\":\"unknown chat\"}");
    talker_destroy(&talker);
}

static void test_only_messages_are_events(void **state)
{
    buf_t out = {0};
    room_posted_event_t posted = {.message = &s_message};
    room_left_event_t left = {.room = 5, .account = 7};
    event_t event = {.type = event_type(EVENT_room_left), .object = &left};
    (void)state;
    assert_false(s_chatapi->event(&event, NULL, &out));
    event = (event_t){.type = event_type(EVENT_room_posted), .object = &posted};
    assert_true(s_chatapi->event(&event, NULL, &out));
    assert_memory_equal(out.data, "{\"id\":12,\"text\":\"hi\"", 20);
    buf_free(&out);
}

/* ---- REST ---- */

static void s_expects_refusal(const char *head, const char *body, const char *reply)
{
    caller_t *caller = caller_new(s_chatapi, head, body);
    assert_int_equal(caller->err, ERR_INVALID);
    caller_expects_body(caller, 400, reply);
    caller_destroy(&caller);
}

static void test_registering_has_limits_of_its_own(void **state)
{
    static const char head[] = "POST /auth/reg HTTP/1.1";
    static const char incomplete[] = "{\"error\":\"Must provide all data\"}";
    (void)state;
    s_expects_refusal(head, "{\"email\":\"a@b.c\",\"username\":\"ann\"}", incomplete);
    s_expects_refusal(head, "{\"email\":1,\"username\":\"ann\",\"password\":\"secret1\"}",
                      incomplete);
    s_expects_refusal(head, "[]", incomplete);
    s_expects_refusal(head, "{\"username\":\"an\",\"password\":\"secret1\"}",
                      "{\"error\":\"the length must be between 3 and 50. Got: an. \"}");
    s_expects_refusal(head, "{\"username\":\"ann\",\"password\":\"short\"}",
                      "{\"error\":\"the length must be between 6 and 50. Got: ***. \"}");
}

static void test_registering_leaves_the_login_to_the_actor(void **state)
{
    (void)state;
    caller_t *caller =
        caller_new(s_chatapi, "POST /auth/reg HTTP/1.1",
                   "{\"email\":\"odd\",\"username\":\"ann\",\"password\":\"secret1\",\"more\":1}");
    caller_expects_call(caller, CALL_account_register, "{\"username\":\"ann\",\"email\":\"odd\"}");
    caller_is_refused(caller, s_chatapi, CALL_account_register, ERR_INVALID,
                      "`email`: is not an e-mail address");
    caller_expects_body(caller, 400, "{\"error\":\"must be a valid email address. Got: odd. \"}");
    caller_destroy(&caller);
}

static void test_signing_in_sets_the_cookie(void **state)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann"), .username = SLICE_LIT("Ann")};
    signed_in_t session = {.session = 70, .expires = 1, .account = &account};
    (void)state;
    caller_t *caller = caller_new(s_chatapi, "POST /auth/login HTTP/1.1",
                                  "{\"email\":\"a@b.c\",\"password\":\"secret1\"}");
    caller_expects_call(caller, CALL_session_open, "{\"login\":\"a@b.c\"}");
    caller_is_answered(caller, s_chatapi, CALL_session_open, &session);
    caller_expects_body(caller, 200, "{\"id\":7,\"token\":\"the.new.token\",\"username\":\"Ann\"}");
    assert_non_null(memmem(caller->headers.data, caller->headers.len,
                           "Set-Cookie: token=the.new.token; Path=/; HttpOnly", 49));
    caller_destroy(&caller);
}

static void test_nobody_and_a_wrong_password_get_one_text(void **state)
{
    (void)state;
    caller_t *caller = caller_new(s_chatapi, "POST /auth/login HTTP/1.1",
                                  "{\"email\":\"a@b.c\",\"password\":\"secret1\"}");
    caller_is_refused(caller, s_chatapi, CALL_session_open, ERR_BAD_CREDENTIALS, NULL);
    caller_expects_body(caller, 400, "{\"error\":\"Wrong email or password\"}");
    caller_destroy(&caller);
}

static void test_the_shown_hash_is_steady_and_differs_by_account(void **state)
{
    static const char start[] =
        "{\"id\":7,\"email\":\"\",\"username\":\"Ann\",\"password\":\"$2a$10$";
    enum { HASH_AT = sizeof start - 1, HASH_SIZE_ = 53 };
    uint8_t hashes[3][HASH_SIZE_];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        account_t account = {.id = i < 2 ? 7 : 8, .username = SLICE_LIT("Ann")};
        caller_t *caller = caller_new(s_chatapi, "GET /users/me HTTP/1.1", NULL);
        caller_expects_call(caller, CALL_account_get, "{}");
        caller_is_answered(caller, s_chatapi, CALL_account_get, &account);
        assert_int_equal(caller->body.len,
                         HASH_AT + HASH_SIZE_ + strlen("\",\"is_online\":false}"));
        memcpy(hashes[i], caller->body.data + HASH_AT, HASH_SIZE_);
        caller_destroy(&caller);
    }
    assert_memory_equal(hashes[0], hashes[1], HASH_SIZE_);
    assert_memory_not_equal(hashes[0], hashes[2], HASH_SIZE_);
}

static void test_reading_a_chat_enters_it_first(void **state)
{
    (void)state;
    caller_t *caller =
        caller_new(s_chatapi, "GET /chats/messages/?id=5&before=12&limit=3 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_room_enter, "{\"room\":5}");
    membership_t member = {.room = 5, .account = 7, .role = room_role_READER};
    caller_is_answered(caller, s_chatapi, CALL_room_enter, &member);
    caller_expects_call(caller, CALL_room_history, "{\"room\":5,\"before_id\":12,\"limit\":3}");
    caller_is_answered(caller, s_chatapi, CALL_room_history,
                       &(message_list_t){.messages = {&s_message, 1}});
    caller_expects_body(caller, 200,
                        "[{\"id\":12,\"text\":\"hi\",\"owner_id\":7,\"chat_id\":5,"
                        "\"created_at\":\"2026-01-02T03:04:05.000006Z\"}]");
    caller_destroy(&caller);
}

static void test_an_unknown_chat_is_empty(void **state)
{
    (void)state;
    caller_t *caller = caller_new(s_chatapi, "GET /chats/messages?id=5 HTTP/1.1", NULL);
    caller_is_refused(caller, s_chatapi, CALL_room_enter, ERR_NOT_FOUND, NULL);
    caller_expects_body(caller, 200, "[]");
    caller_destroy(&caller);
    s_expects_refusal("GET /chats/messages HTTP/1.1", NULL, "{\"error\":\"id must be provided\"}");
    s_expects_refusal("GET /chats/messages?id=x HTTP/1.1", NULL,
                      "{\"error\":\"id must be a whole number\"}");
}

static void test_credentials_are_exactly_two_words(void **state)
{
    static const struct {
        const char *header;
        err_t err;
    } cases[] = {
        {"Authorization: Bearer t.o.k", ERR_OK},
        {"Authorization: whatever t.o.k", ERR_OK},
        {"Authorization: t.o.k", ERR_NOT_FOUND},
        {"Authorization: Bearer t.o.k more", ERR_NOT_FOUND},
        {"Cookie: token=t.o.k", ERR_NOT_FOUND},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char head[128];
        slice_t token;
        snprintf(head, sizeof head, "GET /users/me HTTP/1.1\r\n%s", cases[i].header);
        caller_t *caller = caller_new(s_chatapi, head, NULL);
        assert_int_equal(s_chatapi->credential(&caller->request, caller->arena, &token),
                         cases[i].err);
        if (cases[i].err == ERR_OK)
            assert_true(slice_is(token, "t.o.k"));
        caller_destroy(&caller);
    }
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_frame_posts),
        TEST(test_a_bad_frame_gets_an_error_and_stays),
        TEST(test_only_a_repeat_is_answered),
        TEST(test_only_messages_are_events),
        TEST(test_registering_has_limits_of_its_own),
        TEST(test_registering_leaves_the_login_to_the_actor),
        TEST(test_signing_in_sets_the_cookie),
        TEST(test_nobody_and_a_wrong_password_get_one_text),
        TEST(test_the_shown_hash_is_steady_and_differs_by_account),
        TEST(test_reading_a_chat_enters_it_first),
        TEST(test_an_unknown_chat_is_empty),
        TEST(test_credentials_are_exactly_two_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
