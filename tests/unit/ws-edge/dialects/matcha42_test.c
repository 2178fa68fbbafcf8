/* matcha42_test.c - matcha42 alone: parameters however they travel, its errors, its flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

#define FORM "\r\nContent-Type: application/x-www-form-urlencoded"
#define ERROR(code, text) "{\"status\":\"error\",\"code\":" #code ",\"error\":\"" text "\"}"
#define DONE "{\"status\":\"ok\"}"

static const dialect_t *const s_matcha42 = &matcha42_dialect;

static const message_t s_message = {
    .id = 12,
    .room = 5,
    .seq = 2,
    .sender = 7,
    .login = {(const uint8_t *)"ann", 3},
    .username = {(const uint8_t *)"ann", 3},
    .text = {(const uint8_t *)"hi", 2},
};

static void s_expects_refusal(const char *head, const char *body, const char *error)
{
    caller_t *caller = caller_new_known(s_matcha42, head, body);
    assert_int_equal(caller->err, ERR_INVALID);
    caller_expects_body(caller, 400, error);
    caller_destroy(&caller);
}

/* ---- parameters ---- */

static void test_parameters_travel_in_any_way(void **state)
{
    static const char *const heads[] = {
        "GET /api/message/send?user_id=7&target_user_id=8&message=a+b&random_id=-3 HTTP/1.1",
        "POST /api/message/send/?user_id=7&target_user_id=9 HTTP/1.1" FORM,
        "POST /api/message/send/ HTTP/1.1" FORM,
        "POST /api/message/send HTTP/1.1",
    };
    static const char *const bodies[] = {
        NULL,
        "target_user_id=8&message=a%20b&random_id=-3",
        "{\"target_user_id\":\"8\",\"message\":\"a b\",\"random_id\":\"-3\"}",
        "{\"target_user_id\":8,\"message\":\"a b\",\"random_id\":-3,\"more\":[]}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        caller_t *caller = caller_new_known(s_matcha42, heads[i], bodies[i]);
        caller_expects_call(caller, CALL_message_sent, "{\"client_id\":\"-3\"}");
        caller_is_answered(caller, s_matcha42, CALL_message_sent, &(message_list_t){0});
        caller_expects_call(caller, CALL_room_between, "{\"account\":8}");
        caller_destroy(&caller);
    }
}

static void test_passwords_come_in_bodies_alone(void **state)
{
    (void)state;
    s_expects_refusal("POST /api/user/login?login=ann&password=secret-1 HTTP/1.1", NULL,
                      ERROR(400, "`password`: is missing"));
    s_expects_refusal("POST /api/user/reset_pass?reset_id=x&new_pass=secret-1 HTTP/1.1", NULL,
                      ERROR(400, "`new_pass`: is missing"));
    caller_t *caller =
        caller_new(s_matcha42, "POST /api/user/login?login=ann HTTP/1.1" FORM, "password=secret-1");
    caller_expects_call(caller, CALL_session_open, "{\"login\":\"ann\"}");
    caller_destroy(&caller);
}

static void test_what_is_missing_or_no_such_thing_is_named(void **state)
{
    static const char send[] = "POST /api/message/send HTTP/1.1";
    (void)state;
    s_expects_refusal(send, "{\"message\":\"hi\"}", ERROR(400, "`target_user_id`: is missing"));
    s_expects_refusal(send, "{\"target_user_id\":8}", ERROR(400, "`message`: is missing"));
    s_expects_refusal(send, "{\"target_user_id\":8,\"message\":[]}",
                      ERROR(400, "`message`: cannot be read"));
    s_expects_refusal(send, "{\"target_user_id\":0,\"message\":\"hi\"}",
                      ERROR(400, "`target_user_id`: is not an id"));
    s_expects_refusal(send, "{\"target_user_id\":-8,\"message\":\"hi\"}",
                      ERROR(400, "`target_user_id`: is not an id"));
    s_expects_refusal("POST /api/user/login HTTP/1.1", "{\"password\":\"x\"}",
                      ERROR(400, "`login`: is missing"));
    s_expects_refusal("POST /api/user/verification HTTP/1.1", "{\"ver_id\":\"x\"}",
                      ERROR(400, "`login`: is missing"));
}

static void test_a_random_id_is_a_number_of_32_bits(void **state)
{
    static const struct {
        const char *given, *taken;
    } rows[] = {
        {"0", "0"},
        {"-0", "0"},
        {"007", "7"},
        {"2147483647", "2147483647"},
        {"-2147483648", "-2147483648"},
        {"2147483648", NULL},
        {"-2147483649", NULL},
        {"99999999999999999999", NULL},
        {"", NULL},
        {"-", NULL},
        {"1.5", NULL},
        {"x", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char head[128], args[64];
        snprintf(head, sizeof head,
                 "GET /api/message/send?target_user_id=8&message=hi&random_id=%s HTTP/1.1",
                 rows[i].given);
        if (rows[i].taken == NULL) {
            s_expects_refusal(head, NULL, ERROR(400, "`random_id`: is not a number of 32 bits"));
            continue;
        }
        snprintf(args, sizeof args, "{\"client_id\":\"%s\"}", rows[i].taken);
        caller_t *caller = caller_new_known(s_matcha42, head, NULL);
        caller_expects_call(caller, CALL_message_sent, args);
        caller_destroy(&caller);
    }
}

static void test_the_user_id_must_be_the_tokens(void **state)
{
    static const char *const heads[] = {
        "GET /api/message/send?user_id=8&target_user_id=9&message=hi HTTP/1.1",
        "GET /api/user/set_online?user_id=8 HTTP/1.1",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        caller_t *caller = caller_new_known(s_matcha42, heads[i], NULL);
        assert_int_equal(caller->err, ERR_UNAUTHENTICATED);
        caller_expects_body(caller, 401, ERROR(401, "`user_id`: is not whose token this is"));
        caller_destroy(&caller);
    }
}

/* ---- who is asking ---- */

static void s_expects_token(const char *head, const char *body, const char *token)
{
    static uint8_t path[512];
    arena_t *arena = arena_new();
    slice_t text = arena_printf(arena, "%s\r\nHost: here\r\n\r\n", head), found;
    request_t request;
    assert_int_equal(request_parse(text, path, &request), ERR_OK);
    request.body = slice_of(body);
    err_t err = s_matcha42->credential(&request, arena, &found);
    assert_int_equal(err, token != NULL ? ERR_OK : ERR_NOT_FOUND);
    if (token != NULL)
        assert_true(slice_is(found, token));
    arena_destroy(&arena);
}

static void test_the_token_is_a_parameter_or_a_header(void **state)
{
    static const char head[] = "POST /api/message/send HTTP/1.1";
    (void)state;
    s_expects_token("GET /?token=a HTTP/1.1", NULL, "a");
    s_expects_token("GET /?token=a HTTP/1.1\r\nAuthorization: bearer b", NULL, "b");
    s_expects_token("GET /?token=a HTTP/1.1\r\nAuthorization: Basic b", NULL, "a");
    s_expects_token("POST /?token=a HTTP/1.1" FORM, "x=1&token=b", "b");
    s_expects_token(head, "{\"token\":\"b\"}", "b");
    s_expects_token("POST / HTTP/1.1" FORM, "{\"token\":\"b\"}", "b");
    s_expects_token(head, "{\"token\":1}", NULL);
    s_expects_token(head, "nonsense", NULL);
    s_expects_token(head, NULL, NULL);
    s_expects_token("GET /?token= HTTP/1.1\r\nCookie: matcha42=c", NULL, NULL);
}

/* ---- accounts ---- */

static void test_login_gives_token_id_and_cookie(void **state)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann"), .username = SLICE_LIT("ann")};
    signed_in_t session = {.session = 70, .expires = 1, .account = &account};
    (void)state;
    caller_t *caller = caller_new(s_matcha42, "POST /api/user/login HTTP/1.1",
                                  "{\"login\":\"ann\",\"password\":\"secret-1\"}");
    caller->visit.sets_cookies = true;
    caller_is_answered(caller, s_matcha42, CALL_session_open, &session);
    caller_expects_body(caller, 200,
                        "{\"status\":\"ok\",\"token\":\"the.new.token\",\"user_id\":7}");
    assert_non_null(memmem(caller->headers.data, caller->headers.len,
                           "Set-Cookie: matcha42=the.new.token; Path=/; HttpOnly", 52));
    caller_destroy(&caller);
}

static void test_a_token_ends_its_session_and_a_password_all(void **state)
{
    static const char head[] = "POST /api/user/logout HTTP/1.1";
    (void)state;
    caller_t *caller = caller_new_known(s_matcha42, head, "{}");
    caller_expects_call(caller, CALL_session_close, "{}");
    assert_false(caller->visit.passing);
    caller_is_answered(caller, s_matcha42, CALL_session_close, &(nothing_t){});
    caller_expects_body(caller, 200, DONE);
    caller_destroy(&caller);

    caller = caller_new(s_matcha42, head, "{\"login\":\"ann\",\"password\":\"secret-1\"}");
    caller_expects_call(caller, CALL_session_open, "{\"login\":\"ann\"}");
    assert_true(caller->visit.passing);
    caller_is_answered(caller, s_matcha42, CALL_session_open, &(signed_in_t){.session = 70});
    caller_expects_call(caller, CALL_session_revoke_others, "{}");
    caller_is_answered(caller, s_matcha42, CALL_session_revoke_others, &(nothing_t){});
    caller_expects_body(caller, 200, DONE);
    caller_destroy(&caller);
}

static void test_a_password_is_reset_by_a_link_or_changed_by_its_owner(void **state)
{
    static const char head[] = "POST /api/user/reset_pass HTTP/1.1";
    static const char change[] = "{\"old_pass\":\"secret-1\",\"new_pass\":\"secret-2\"}";
    account_t account = {.id = 7, .login = SLICE_LIT("ann"), .username = SLICE_LIT("ann")};
    (void)state;
    caller_t *caller =
        caller_new(s_matcha42, head, "{\"reset_id\":\"an-id\",\"new_pass\":\"secret-2\"}");
    caller_expects_call(caller, CALL_password_reset, "{\"id\":\"an-id\"}");
    caller_is_answered(caller, s_matcha42, CALL_password_reset, &(nothing_t){});
    caller_expects_body(caller, 200, DONE);
    caller_destroy(&caller);

    caller = caller_new_known(s_matcha42, head, change);
    caller_expects_call(caller, CALL_password_change, "{}");
    caller_is_answered(caller, s_matcha42, CALL_password_change,
                       &(signed_in_t){.session = 71, .account = &account});
    caller_expects_body(caller, 200,
                        "{\"status\":\"ok\",\"token\":\"the.new.token\",\"user_id\":7}");
    caller_destroy(&caller);

    caller = caller_new(s_matcha42, head, change);
    assert_int_equal(caller->err, ERR_UNAUTHENTICATED);
    caller_destroy(&caller);
    s_expects_refusal(head, "{\"new_pass\":\"secret-2\"}", ERROR(400, "`reset_id`: is missing"));
}

static void test_being_online_is_true(void **state)
{
    (void)state;
    caller_t *caller = caller_new_known(s_matcha42, "GET /api/user/set_online HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_presence_online, "{\"online\":true}");
    caller_is_answered(caller, s_matcha42, CALL_presence_online, &(nothing_t){});
    caller_expects_body(caller, 200, "true");
    caller_destroy(&caller);
    caller = caller_new_known(s_matcha42, "POST /api/user/set_offline/ HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_presence_online, "{\"online\":false}");
    caller_destroy(&caller);
}

/* ---- messages ---- */

static void s_expects_post(caller_t *caller, call_number_t call)
{
    caller_is_answered(caller, s_matcha42, call, &(room_t){.id = 5});
    caller_expects_call(caller, CALL_room_post, "{\"room\":5,\"text\":\"hi\"}");
    caller_is_answered(caller, s_matcha42, CALL_room_post, &s_message);
    caller_expects_body(caller, 200, "{\"status\":\"ok\",\"message_id\":12}");
}

/* Which is made with the first message, and found for the next. */
static void test_a_message_goes_to_the_direct_room(void **state)
{
    static const char head[] = "GET /api/message/send?target_user_id=8&message=hi HTTP/1.1";
    (void)state;
    caller_t *caller = caller_new_known(s_matcha42, head, NULL);
    caller_expects_call(caller, CALL_room_between, "{\"account\":8}");
    s_expects_post(caller, CALL_room_between);
    caller_destroy(&caller);
    caller = caller_new_known(s_matcha42, head, NULL);
    caller_is_refused(caller, s_matcha42, CALL_room_between, ERR_NOT_FOUND, NULL);
    assert_int_equal(caller->body.len, 0);
    caller_expects_call(caller, CALL_room_direct, "{\"account\":8}");
    s_expects_post(caller, CALL_room_direct);
    caller_destroy(&caller);
}

static void test_a_random_id_again_gives_the_first_message(void **state)
{
    (void)state;
    caller_t *caller = caller_new_known(
        s_matcha42, "GET /api/message/send?target_user_id=9&message=ho&random_id=3 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_message_sent, "{\"client_id\":\"3\"}");
    caller_is_answered(caller, s_matcha42, CALL_message_sent,
                       &(message_list_t){.messages = {&s_message, 1}});
    assert_int_equal(caller->visit.call, 0);
    caller_expects_body(caller, 200, "{\"status\":\"ok\",\"message_id\":12}");
    caller_destroy(&caller);
}

/* ---- refusals ---- */

static void test_refusals_have_a_status_and_a_code(void **state)
{
    static const struct {
        err_t error;
        int status;
        const char *body;
    } rows[] = {
        {ERR_NOT_FOUND, 400, ERROR(404, "detail")},
        {ERR_BAD_CREDENTIALS, 400, ERROR(401, "detail")},
        {ERR_EXISTS, 400, ERROR(409, "detail")},
        {ERR_CLOSED, 400, ERROR(403, "detail")},
        {ERR_BLOCKED, 403, ERROR(900, "detail")},
        {ERR_SESSION_ENDED, 401, ERROR(401, "detail")},
        {ERR_METHOD_NOT_ALLOWED, 405, ERROR(405, "detail")},
        {ERR_TOO_MANY, 429, ERROR(429, "detail")},
        {ERR_UNAVAILABLE, 503, ERROR(503, "detail")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        caller_t *caller = caller_new(s_matcha42, "POST /api/user/login HTTP/1.1",
                                      "{\"login\":\"ann\",\"password\":\"secret-1\"}");
        caller_is_refused(caller, s_matcha42, CALL_session_open, rows[i].error, "detail");
        caller_expects_body(caller, rows[i].status, rows[i].body);
        caller_destroy(&caller);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_travel_in_any_way),
        cmocka_unit_test(test_passwords_come_in_bodies_alone),
        cmocka_unit_test(test_what_is_missing_or_no_such_thing_is_named),
        cmocka_unit_test(test_a_random_id_is_a_number_of_32_bits),
        cmocka_unit_test(test_the_user_id_must_be_the_tokens),
        cmocka_unit_test(test_the_token_is_a_parameter_or_a_header),
        cmocka_unit_test(test_login_gives_token_id_and_cookie),
        cmocka_unit_test(test_a_token_ends_its_session_and_a_password_all),
        cmocka_unit_test(test_a_password_is_reset_by_a_link_or_changed_by_its_owner),
        cmocka_unit_test(test_being_online_is_true),
        cmocka_unit_test(test_a_message_goes_to_the_direct_room),
        cmocka_unit_test(test_a_random_id_again_gives_the_first_message),
        cmocka_unit_test(test_refusals_have_a_status_and_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
