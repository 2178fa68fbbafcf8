/* chatbackend_test.c - ChatBackend alone: its words, its shapes, its two calls for a room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

#define OWN "11111111-2222-4333-8444-555555555555"
#define PUBLIC "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define UNKNOWN_ROOM "{\"ok\":false,\"error\":{\"code\":404,\"message\":\"Unknown room\"}}"
#define WORDS(message) "{\"ok\":false,\"error\":{\"code\":400,\"message\":\"" message "\"}}"

static const dialect_t *const s_chatbackend = &chatbackend_dialect;

static void s_expects_refusal(const char *head, const char *body, int status, const char *reply)
{
    caller_t *caller = caller_new(s_chatbackend, head, body);
    assert_int_not_equal(caller->err, ERR_OK);
    caller_expects_body(caller, status, reply);
    caller_destroy(&caller);
}

static void test_what_lacks_a_member_is_malformed(void **state)
{
    static const char send[] = "POST /send-message HTTP/1.1";
    static const char *const bodies[] = {
        "{}",
        "[]",
        "{\"login\":\"ann\",\"password\":\"\",\"username\":\"Ann\",\"room_gid\":\"abcdefgh\"}",
        "{\"login\":1,\"password\":\"secret1\",\"username\":\"Ann\",\"msg\":\"hi\"}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        s_expects_refusal("POST /register HTTP/1.1", bodies[i], 200,
                          WORDS("Malformed register_user request"));
        s_expects_refusal("POST /login HTTP/1.1", bodies[i], 200,
                          WORDS("Malformed login_user request"));
        s_expects_refusal(send, bodies[i], 200, WORDS("Malformed send_message request"));
    }
    s_expects_refusal("GET /get-room-history?room_gid= HTTP/1.1\r\nuser: " OWN, NULL, 200,
                      WORDS("Malformed send_message request"));
}

static void test_what_is_out_of_bounds_is_invalid(void **state)
{
    (void)state;
    s_expects_refusal("POST /register HTTP/1.1",
                      "{\"login\":\"ann\",\"password\":\"short\",\"username\":\"Ann\"}", 200,
                      WORDS("Invalid data."));
    s_expects_refusal("GET /get-room-history?room_gid=abcdefgh&limit=x HTTP/1.1\r\nuser: " OWN,
                      NULL, 200, WORDS("Invalid data."));
    s_expects_refusal("GET /get-room-history?room_gid=abcdefgh&limit=10001 HTTP/1.1\r\nuser: " OWN,
                      NULL, 200, WORDS("Invalid data."));
}

static void test_what_can_be_no_gid_is_unknown(void **state)
{
    (void)state;
    s_expects_refusal("POST /send-message HTTP/1.1", "{\"room_gid\":\"1\",\"msg\":\"hi\"}", 200,
                      UNKNOWN_ROOM);
    s_expects_refusal("GET /get-room-history?room_gid=123456789 HTTP/1.1\r\nuser: " OWN, NULL, 200,
                      UNKNOWN_ROOM);
}

static void test_signing_in_gives_the_sessions_uuid(void **state)
{
    account_t account = {
        .id = 7,
        .login = SLICE_LIT("ann"),
        .username = SLICE_LIT("Ann"),
        .uuid = SLICE_LIT(PUBLIC),
    };
    signed_in_t session = {.session = 70, .account = &account, .uuid = SLICE_LIT(OWN)};
    (void)state;
    caller_t *caller = caller_new(s_chatbackend, "POST /login HTTP/1.1",
                                  "{\"login\":\"ann\",\"password\":\"secret1\"}");
    caller_expects_call(caller, CALL_session_open, "{\"login\":\"ann\"}");
    assert_true(((const session_open_call_t *)caller->visit.args)->uuid);
    caller_is_answered(caller, s_chatbackend, CALL_session_open, &session);
    caller_expects_body(caller, 200,
                        "{\"ok\":true,\"data\":{\"username\":\"Ann\",\"uuid\":\"" OWN "\"}}");
    caller_destroy(&caller);
}

static void test_a_room_is_known_by_its_gid(void **state)
{
    room_t room = {.id = 5, .gid = SLICE_LIT("S6VibswP")};
    (void)state;
    caller_t *caller = caller_new(s_chatbackend, "POST /create-room HTTP/1.1", "{}");
    caller_expects_call(caller, CALL_room_create, "{\"kind\":\"open\"}");
    assert_true(((const room_create_call_t *)caller->visit.args)->by_gid);
    caller_is_answered(caller, s_chatbackend, CALL_room_create, &room);
    caller_expects_body(caller, 200, "{\"ok\":true,\"data\":{\"room_gid\":\"S6VibswP\"}}");
    caller_destroy(&caller);
}

static void test_sending_finds_the_room_first(void **state)
{
    membership_t membership = {.room = 5, .account = 7};
    (void)state;
    caller_t *caller =
        caller_new(s_chatbackend, "POST /send-message HTTP/1.1\r\nidempotency-key: once",
                   "{\"room_gid\":\"S6VibswP\",\"msg\":\"hi\"}");
    caller_expects_call(caller, CALL_room_find, "{\"gid\":\"S6VibswP\"}");
    caller_is_answered(caller, s_chatbackend, CALL_room_find, &membership);
    caller_expects_call(caller, CALL_room_post,
                        "{\"room\":5,\"text\":\"hi\",\"client_id\":\"once\"}");
    caller_is_answered(caller, s_chatbackend, CALL_room_post, &(message_t){.id = 1});
    caller_expects_body(caller, 200, "{\"ok\":true}");
    caller_destroy(&caller);
}

static void test_history_shows_ones_own_uuid_and_others_public_one(void **state)
{
    membership_t membership = {.room = 5, .account = 7};
    message_t messages[] = {
        {.id = 1,
         .sender = 7,
         .username = SLICE_LIT("Ann"),
         .text = SLICE_LIT("a"),
         .time = 1546981723656864,
         .uuid = SLICE_LIT("00000000-0000-4000-8000-000000000000")},
        {.id = 2, .sender = 8, .username = SLICE_LIT("Bob"), .time = 1, .deleted = 2},
        {.id = 3,
         .sender = 8,
         .username = SLICE_LIT("Bob"),
         .text = SLICE_LIT("b"),
         .time = 2000001,
         .uuid = SLICE_LIT(PUBLIC)},
    };
    message_list_t list = {.messages = {messages, COUNT_OF(messages)}};
    (void)state;
    caller_t *caller =
        caller_new(s_chatbackend,
                   "GET /get-room-history?room_gid=S6VibswP&before=9 HTTP/1.1\r\nuser: " OWN, NULL);
    caller->visit.who.account = 7;
    caller_expects_call(caller, CALL_room_find, "{\"gid\":\"S6VibswP\"}");
    caller_is_answered(caller, s_chatbackend, CALL_room_find, &membership);
    caller_expects_call(caller, CALL_room_history, "{\"room\":5,\"before_id\":9,\"limit\":10000}");
    caller_is_answered(caller, s_chatbackend, CALL_room_history, &list);
    caller_expects_body(caller, 200,
                        "{\"ok\":true,\"data\":["
                        "{\"sender\":{\"uuid\":\"" OWN "\",\"username\":\"Ann\"},"
                        "\"msg\":{\"msgId\":1,\"txt\":\"a\",\"timestamp\":1546981723.656864}},"
                        "{\"sender\":{\"uuid\":\"" PUBLIC "\",\"username\":\"Bob\"},"
                        "\"msg\":{\"msgId\":3,\"txt\":\"b\",\"timestamp\":2.000001}}]}");
    caller_destroy(&caller);
}

static void test_refusals_have_the_documents_words(void **state)
{
    static const struct {
        const char *head;
        const char *body;
        err_t err;
        int status;
        const char *reply;
    } cases[] = {
        {"POST /login HTTP/1.1", "{\"login\":\"a\",\"password\":\"b\"}", ERR_BAD_CREDENTIALS, 200,
         WORDS("Login or password is invalid")},
        {"POST /register HTTP/1.1",
         "{\"login\":\"ann\",\"password\":\"secret1\",\"username\":\"Ann\"}", ERR_EXISTS, 200,
         WORDS("User already exists")},
        {"POST /create-room HTTP/1.1", NULL, ERR_UNAUTHENTICATED, 200, WORDS("Unknown user")},
        {"POST /create-room HTTP/1.1", NULL, ERR_SESSION_ENDED, 200, WORDS("Unknown user")},
        {"POST /create-room HTTP/1.1", NULL, ERR_MALFORMED, 200, WORDS("Invalid data.")},
        {"POST /send-message HTTP/1.1", "{\"room_gid\":\"S6VibswP\",\"msg\":\"hi\"}", ERR_NOT_FOUND,
         200, UNKNOWN_ROOM},
        {"POST /create-room HTTP/1.1", NULL, ERR_INTERNAL, 200,
         "{\"ok\":false,\"error\":{\"code\":500,\"message\":\"Internal server error.\"}}"},
        {"POST /create-room HTTP/1.1", NULL, ERR_TOO_MANY, 429,
         "{\"ok\":false,\"error\":{\"code\":429,\"message\":"
         "\"Too many requests: wait as long as Retry-After says.\"}}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        caller_t *caller = caller_new(s_chatbackend, cases[i].head, cases[i].body);
        assert_int_equal(caller->err, ERR_OK);
        caller_is_refused(caller, s_chatbackend, caller->visit.call, cases[i].err, NULL);
        caller_expects_body(caller, cases[i].status, cases[i].reply);
        caller_destroy(&caller);
    }
}

/* ---- who is asking ---- */

static err_t s_credential(const char *head, slice_t *ret_uuid, caller_t **ret_caller)
{
    *ret_caller = caller_new(s_chatbackend, head, NULL);
    return s_chatbackend->credential(&(*ret_caller)->request, (*ret_caller)->arena, ret_uuid);
}

static void test_the_credential_is_a_uuid_without_a_scheme(void **state)
{
    static const struct {
        const char *head;
        bool good;
    } cases[] = {
        {"POST /create-room HTTP/1.1\r\nuser: " OWN, true},
        {"POST /create-room HTTP/1.1\r\nAuthorization: " OWN, true},
        {"POST /create-room HTTP/1.1\r\nAuthorization: Bearer " OWN, false},
        {"POST /create-room HTTP/1.1\r\nuser: ann", false},
        {"POST /create-room HTTP/1.1\r\nuser: 1111111122224333844455555555555555555", false},
        {"POST /create-room HTTP/1.1", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        slice_t uuid;
        caller_t *caller;
        err_t err = s_credential(cases[i].head, &uuid, &caller);
        assert_int_equal(err, cases[i].good ? ERR_OK : ERR_NOT_FOUND);
        if (cases[i].good)
            assert_true(slice_is(uuid, OWN));
        caller_destroy(&caller);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_lacks_a_member_is_malformed),
        cmocka_unit_test(test_what_is_out_of_bounds_is_invalid),
        cmocka_unit_test(test_what_can_be_no_gid_is_unknown),
        cmocka_unit_test(test_signing_in_gives_the_sessions_uuid),
        cmocka_unit_test(test_a_room_is_known_by_its_gid),
        cmocka_unit_test(test_sending_finds_the_room_first),
        cmocka_unit_test(test_history_shows_ones_own_uuid_and_others_public_one),
        cmocka_unit_test(test_refusals_have_the_documents_words),
        cmocka_unit_test(test_the_credential_is_a_uuid_without_a_scheme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
