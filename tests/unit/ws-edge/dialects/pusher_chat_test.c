/* pusher_chat_test.c - document 003 alone: its shapes, how it finds rooms, what it signs. */
#include "ws-edge/dialects/pusher_chat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/pusher_world.h"
#include "tests/unit/ws-edge/talker.h"
#include "ws-edge/pusher_grant.h"

/* Account 7 asks; 9 is the other one, who asked for their room first. */
static const dialect_t *const s_dialect = &pusher_chat_dialect;
static const room_t s_room = {.id = 5, .kind = room_kind_DIRECT, .first = 9, .second = 7};
static const message_t s_message = {
    .id = 12,
    .room = 5,
    .seq = 2,
    .sender = 7,
    .login = {(const uint8_t *)"ann", 3},
    .text = {(const uint8_t *)"hi", 2},
    .first = 9,
    .second = 7,
    .extra = {(const uint8_t *)"{\"type\":\"t\",\"id\":3}", 19},
};

static caller_t *s_ask(const char *head, const char *body)
{
    return caller_new_known(s_dialect, head, body);
}

static void s_expect_refused(const char *head, const char *body, err_t err, int status,
                             const char *reply)
{
    caller_t *caller = s_ask(head, body);
    assert_int_equal(caller->err, err);
    caller_expects_body(caller, status, reply);
    caller_destroy(&caller);
}

/* ---- accounts ---- */

static void test_registering_and_signing_in(void **state)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann"), .username = SLICE_LIT("ann")};
    signed_in_t session = {.session = 70, .expires = 1, .account = &account};
    static const char body[] = "{\"username\":\"ann\",\"password\":\"secret1\"}";
    (void)state;
    caller_t *caller = s_ask("POST /api/register HTTP/1.1", body);
    caller_expects_call(caller, CALL_account_register, "{\"login\":\"ann\",\"username\":\"ann\"}");
    caller_is_answered(caller, s_dialect, CALL_account_register, &session);
    caller_expects_body(caller, 201,
                        "{\"status\":\"success\",\"message\":\"User added successfully\"}");
    caller_is_refused(caller, s_dialect, CALL_account_register, ERR_EXISTS, NULL);
    caller_expects_body(caller, 200, "{\"status\":\"error\",\"message\":\"Could not add user\"}");
    caller_destroy(&caller);

    caller = s_ask("POST /api/login HTTP/1.1", body);
    caller_expects_call(caller, CALL_session_open, "{\"login\":\"ann\"}");
    caller_is_answered(caller, s_dialect, CALL_session_open, &session);
    caller_expects_body(caller, 200,
                        "{\"status\":\"success\",\"message\":\"login successful\",\"data\":{"
                        "\"id\":7,\"token\":\"the.new.token\",\"username\":\"ann\"}}");
    caller_is_refused(caller, s_dialect, CALL_session_open, ERR_BAD_CREDENTIALS, NULL);
    caller_expects_body(caller, 401, "{\"status\":\"failed\",\"message\":\"Failed getting user\"}");
    caller_destroy(&caller);
}

static void test_passwords_come_in_bodies(void **state)
{
    (void)state;
    s_expect_refused("POST /api/login?username=ann&password=secret1 HTTP/1.1", "{}", ERR_INVALID,
                     400, "{\"msg\":\"username and password must be there\"}");
}

static void test_users_have_two_keys(void **state)
{
    account_t accounts[] = {{.id = 7, .login = SLICE_LIT("ann")},
                            {.id = 9, .login = SLICE_LIT("bob")}};
    account_list_t list = {.accounts = {accounts, 2}};
    (void)state;
    caller_t *caller = s_ask("GET /api/users HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_account_list, "{\"limit\":10000}");
    caller_is_answered(caller, s_dialect, CALL_account_list, &list);
    caller_expects_body(caller, 200,
                        "[{\"id\":7,\"userName\":\"ann\"},{\"id\":9,\"userName\":\"bob\"}]");
    list.accounts.count = 0;
    caller_is_answered(caller, s_dialect, CALL_account_list, &list);
    caller_expects_body(caller, 200, "[]");
    caller_destroy(&caller);
}

static void test_credentials_are_refused_in_flasks_words(void **state)
{
    static const struct {
        err_t error;
        const char *detail;
        int status;
        const char *body;
    } cases[] = {
        {ERR_UNAUTHENTICATED, NULL, 401, "{\"msg\":\"Missing Authorization Header\"}"},
        {ERR_UNAUTHENTICATED, "token is expired", 401, "{\"msg\":\"Token has expired\"}"},
        {ERR_SESSION_ENDED, NULL, 401, "{\"msg\":\"Token has been revoked\"}"},
        {ERR_UNAUTHENTICATED, "token is malformed", 422, "{\"msg\":\"Not enough segments\"}"},
        {ERR_UNAUTHENTICATED, "signature is invalid", 422,
         "{\"msg\":\"Signature verification failed\"}"},
        {ERR_TOO_MANY, NULL, 429,
         "{\"msg\":\"Too many requests: wait as long as Retry-After says.\"}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        caller_t *caller = s_ask("GET /api/users HTTP/1.1", NULL);
        caller_is_refused(caller, s_dialect, CALL_account_list, cases[i].error, cases[i].detail);
        caller_expects_body(caller, cases[i].status, cases[i].body);
        caller_destroy(&caller);
    }
}

/* ---- chats ---- */

static void test_asking_for_a_chat(void **state)
{
    static const char head[] = "POST /api/request_chat HTTP/1.1";
    (void)state;
    caller_t *caller = s_ask(head, "{\"from_user\":\"7\",\"to_user\":\"9\"}");
    caller_expects_call(caller, CALL_room_request, "{\"account\":9}");
    caller_is_answered(caller, s_dialect, CALL_room_request, &s_room);
    caller_expects_body(caller, 200,
                        "{\"from_user\":7,\"to_user\":9,"
                        "\"from_user_notification_channel\":\"private-notification_user_7\","
                        "\"to_user_notification_channel\":\"private-notification_user_9\","
                        "\"channel_name\":\"private-chat_9_7\"}");
    caller_is_refused(caller, s_dialect, CALL_room_request, ERR_NOT_FOUND, NULL);
    assert_int_equal(caller->visit.status, 404);
    caller_destroy(&caller);

    s_expect_refused(head, "{\"from_user\":9,\"to_user\":7}", ERR_FORBIDDEN, 403,
                     "{\"msg\":\"from_user must be your own id\"}");
    s_expect_refused(head, "{\"from_user\":7,\"to_user\":7}", ERR_INVALID, 400,
                     "{\"msg\":\"to_user must be the id of somebody else\"}");
    s_expect_refused(head, "{\"to_user\":9}", ERR_INVALID, 400,
                     "{\"msg\":\"from_user must be an id\"}");
}

static const char s_send[] = "POST /api/send_message HTTP/1.1";

static void test_sending_finds_the_room_first(void **state)
{
    (void)state;
    caller_t *caller = s_ask(s_send, "{\"from_user\":7,\"to_user\":9,\"message\":\"hi\","
                                     "\"channel\":\"private-chat_9_7\",\"type\":\"t\",\"id\":3}");
    caller_expects_call(caller, CALL_room_between, "{\"account\":9}");
    caller_is_answered(caller, s_dialect, CALL_room_between, &s_room);
    caller_expects_call(caller, CALL_room_post, "{\"room\":5,\"text\":\"hi\"}");
    assert_true(
        slice_is(((const room_post_call_t *)caller->visit.args)->extra, "{\"type\":\"t\"}"));
    caller_is_answered(caller, s_dialect, CALL_room_post, &s_message);
    caller_expects_body(caller, 200,
                        "{\"id\":12,\"from_user\":7,\"to_user\":9,\"message\":\"hi\","
                        "\"channel\":\"private-chat_9_7\",\"type\":\"t\","
                        "\"sentiment\":{\"polarity\":0.0}}");
    caller_destroy(&caller);
}

static void test_a_channels_id_comes_back(void **state)
{
    message_t message = s_message;
    (void)state;
    caller_t *caller = s_ask(s_send, "{\"from_user\":7,\"message\":\"hi\",\"channel_id\":\"5\"}");
    caller_expects_call(caller, CALL_room_get, "{\"room\":5}");
    caller_is_answered(caller, s_dialect, CALL_room_get, &s_room);
    message.extra = ((const room_post_call_t *)caller->visit.args)->extra;
    caller_is_answered(caller, s_dialect, CALL_room_post, &message);
    caller_expects_body(caller, 200,
                        "{\"id\":12,\"from_user\":7,\"to_user\":9,\"message\":\"hi\","
                        "\"channel\":\"private-chat_9_7\",\"channel_id\":5,"
                        "\"sentiment\":{\"polarity\":0.0}}");
    caller_destroy(&caller);
}

static void test_all_that_is_said_of_the_room_is_true(void **state)
{
    static const struct {
        const char *body;
        call_number_t call;
    } wrong[] = {
        {"{\"from_user\":7,\"message\":\"x\",\"channel\":\"private-chat_7_9\"}", CALL_room_between},
        {"{\"from_user\":7,\"message\":\"x\",\"channel\":\"private-chat_9_7\",\"channel_id\":6}",
         CALL_room_between},
        {"{\"from_user\":7,\"message\":\"x\",\"channel\":\"private-chat_9_7\",\"to_user\":8}",
         CALL_room_between},
        {"{\"from_user\":7,\"message\":\"x\",\"channel_id\":5,\"to_user\":8}", CALL_room_get},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        caller_t *caller = s_ask(s_send, wrong[i].body);
        assert_int_equal(caller->visit.call, wrong[i].call);
        caller_is_answered(caller, s_dialect, wrong[i].call, &s_room);
        assert_int_equal(caller->visit.call, 0);
        caller_expects_body(caller, 403, "{\"msg\":\"You have no right to do this.\"}");
        caller_destroy(&caller);
    }
}

static void test_what_can_be_no_chat_of_ones_own(void **state)
{
    static const char *const channels[] = {
        "\"private-chat_8_9\"",
        "\"private-chat_7_7\"",
        "\"private-chat_9_7x\"",
        "\"private-chat_\"",
        "\"private-chat_09_7\"",
        "\"private-chat_9_7_1\"",
        "\"presence-chat_9_7\"",
        "\"private-chat_9_\"",
        "\"0\"",
        "\"5x\"",
        "\"private-chat_-9_7\"",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"from_user\":7,\"message\":\"x\",\"channel\":%s}",
                 channels[i]);
        caller_t *caller = s_ask(s_send, body);
        assert_int_equal(caller->err, ERR_FORBIDDEN);
        assert_int_equal(caller->visit.status, 403);
        caller_destroy(&caller);
    }
    s_expect_refused(s_send, "{\"from_user\":7,\"message\":\"x\"}", ERR_INVALID, 400,
                     "{\"msg\":\"channel or to_user must be there\"}");
    s_expect_refused(s_send, "{\"from_user\":7,\"channel\":\"private-chat_9_7\"}", ERR_INVALID, 400,
                     "{\"msg\":\"message must be there\"}");
}

static void test_the_past_of_a_chat(void **state)
{
    message_t messages[] = {s_message, s_message, s_message};
    message_list_t list = {.messages = {messages, 3}};
    (void)state;
    messages[1].deleted = 1;
    messages[2].sender = 9;
    messages[2].id = 14;
    caller_t *caller =
        s_ask("GET /api/get_message/private-chat_9_7?limit=3&before=20 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_room_between, "{\"account\":9}");
    caller_is_answered(caller, s_dialect, CALL_room_between, &s_room);
    caller_expects_call(caller, CALL_room_history, "{\"room\":5,\"before_id\":20,\"limit\":3}");
    caller_is_answered(caller, s_dialect, CALL_room_history, &list);
    caller_expects_body(caller, 200,
                        "[{\"id\":12,\"from_user\":7,\"to_user\":9,\"message\":\"hi\","
                        "\"channel_id\":5,\"sentiment\":{\"polarity\":0.0}},"
                        "{\"id\":14,\"from_user\":9,\"to_user\":7,\"message\":\"hi\","
                        "\"channel_id\":5,\"sentiment\":{\"polarity\":0.0}}]");
    list.messages.count = 0;
    caller_is_answered(caller, s_dialect, CALL_room_history, &list);
    caller_expects_body(caller, 200, "[]");
    caller_is_refused(caller, s_dialect, CALL_room_history, ERR_NOT_FOUND, NULL);
    assert_int_equal(caller->visit.status, 403);
    caller_destroy(&caller);
    s_expect_refused("GET /api/get_message/5?limit=0 HTTP/1.1", NULL, ERR_INVALID, 400,
                     "{\"msg\":\"limit must be between 1 and 10000\"}");
}

/* In a room of several nobody in particular is spoken to. */
static void test_a_message_in_another_room(void **state)
{
    message_t message = {.id = 3, .room = 8, .sender = 7, .text = SLICE_LIT("x")};
    buf_t out = {0};
    (void)state;
    pusher_chat_put_message(&out, &message);
    assert_true(slice_is(buf_slice(&out),
                         "{\"id\":3,\"from_user\":7,\"to_user\":null,\"message\":\"x\","
                         "\"channel\":\"private-chat_8\",\"sentiment\":{\"polarity\":0.0}}"));
    buf_free(&out);
}

/* ---- signatures ---- */

static const char s_auth[] = "POST /api/pusher/auth HTTP/1.1\r\n"
                             "Content-Type: application/x-www-form-urlencoded";

static caller_t *s_ask_auth(const pusher_world_t *world, const char *socket, const char *channel)
{
    char body[256];
    snprintf(body, sizeof body, "socket_id=%s&channel_name=%s", socket, channel);
    return caller_new_beside(s_dialect, world->hub, s_auth, body);
}

static void test_ones_own_channel_is_signed(void **state)
{
    pusher_world_t *world = world_new();
    pusher_caller_t *peer = world_call(world);
    pusher_grant_t grant;
    (void)state;
    caller_t *caller = s_ask_auth(world, peer->session.peer.id, "private-notification_user_7");
    assert_int_equal(caller->err, ERR_OK);
    assert_int_equal(caller->visit.call, 0);
    assert_int_equal(caller->visit.status, 200);
    static const char begin[] = "{\"auth\":\"" WORLD_KEY ":";
    assert_memory_equal(caller->body.data, begin, sizeof begin - 1);
    assert_true(
        pusher_use_grant(&peer->session.peer, SLICE_LIT("private-notification_user_7"), &grant));
    assert_true(grant.who.account == 7 && grant.room == 0);
    caller_destroy(&caller);
    world_dismiss(&peer);
    world_destroy(&world);
}

static void test_a_chat_is_signed_for_its_people(void **state)
{
    pusher_world_t *world = world_new();
    pusher_caller_t *peer = world_call(world);
    pusher_grant_t grant;
    (void)state;
    caller_t *caller = s_ask_auth(world, peer->session.peer.id, "private-chat_9_7");
    caller_expects_call(caller, CALL_room_between, "{\"account\":9}");
    caller_is_answered(caller, s_dialect, CALL_room_between, &s_room);
    assert_int_equal(caller->visit.status, 200);
    assert_true(pusher_use_grant(&peer->session.peer, SLICE_LIT("private-chat_9_7"), &grant));
    assert_int_equal(grant.room, 5);
    caller_is_refused(caller, s_dialect, CALL_room_between, ERR_NOT_FOUND, NULL);
    caller_expects_body(caller, 403, "{\"msg\":\"You have no right to do this.\"}");
    caller_destroy(&caller);

    /* The room is there, but this is not what its channel is called. */
    static const char *const others[] = {"private-chat_7_9", "private-chat_5"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        caller = s_ask_auth(world, peer->session.peer.id, others[i]);
        caller_is_answered(caller, s_dialect, (call_number_t)caller->visit.call, &s_room);
        assert_int_equal(caller->visit.status, 403);
        assert_false(pusher_use_grant(&peer->session.peer, slice_of(others[i]), &grant));
        caller_destroy(&caller);
    }
    world_dismiss(&peer);
    world_destroy(&world);
}

static void test_what_is_not_signed(void **state)
{
    static const char *const channels[] = {
        "private-notification_user_9",
        "private-notification_x",
        "private-chat_8_9",
        "private-other",
        "private-encrypted-x",
        "public",
        "bad%20name",
    };
    pusher_world_t *world = world_new();
    pusher_caller_t *peer = world_call(world);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++) {
        caller_t *caller = s_ask_auth(world, peer->session.peer.id, channels[i]);
        assert_int_equal(caller->visit.call, 0);
        caller_expects_body(caller, 403, "{\"msg\":\"You have no right to do this.\"}");
        caller_destroy(&caller);
    }
    static const char *const sockets[] = {"1.1", "x", "1.1%3Aprivate-x", "1.1.1"};
    for (size_t i = 0; i < COUNT_OF(sockets); i++) {
        caller_t *caller = s_ask_auth(world, sockets[i], "private-notification_user_7");
        assert_int_equal(caller->visit.status, 403);
        caller_destroy(&caller);
    }
    world_dismiss(&peer);
    world_destroy(&world);
}

static void test_open_channels_and_presence(void **state)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann")};
    pusher_world_t *world = world_new();
    pusher_caller_t *peer = world_call(world);
    (void)state;
    caller_t *caller = s_ask_auth(world, peer->session.peer.id, "private-news");
    assert_int_equal(caller->visit.status, 200);
    caller_destroy(&caller);

    caller = s_ask_auth(world, peer->session.peer.id, "presence-lobby-1");
    caller_expects_call(caller, CALL_account_get, "{}");
    caller_is_answered(caller, s_dialect, CALL_account_get, &account);
    assert_int_equal(caller->visit.status, 200);
    static const char data[] = ",\"channel_data\":\"{\\\"user_id\\\":\\\"7\\\","
                               "\\\"user_info\\\":{\\\"username\\\":\\\"ann\\\"}}\"}";
    size_t len = sizeof data - 1;
    assert_memory_equal(caller->body.data + caller->body.len - len, data, len);
    caller_destroy(&caller);

    caller = s_ask_auth(world, peer->session.peer.id, "presence-other");
    caller_is_answered(caller, s_dialect, CALL_account_get, &account);
    assert_int_equal(caller->visit.status, 403);
    caller_destroy(&caller);
    world_dismiss(&peer);
    world_destroy(&world);
}

static void test_signing_a_user_in(void **state)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann")};
    pusher_world_t *world = world_new();
    pusher_caller_t *peer = world_call(world);
    char body[128];
    (void)state;
    snprintf(body, sizeof body, "{\"socket_id\":\"%s\"}", peer->session.peer.id);
    caller_t *caller =
        caller_new_beside(s_dialect, world->hub, "POST /api/pusher/user-auth HTTP/1.1", body);
    caller_expects_call(caller, CALL_account_get, "{}");
    caller_is_answered(caller, s_dialect, CALL_account_get, &account);
    assert_int_equal(caller->visit.status, 200);
    static const char data[] = ",\"user_data\":\"{\\\"id\\\":\\\"7\\\","
                               "\\\"user_info\\\":{\\\"username\\\":\\\"ann\\\"}}\"}";
    size_t len = sizeof data - 1;
    assert_memory_equal(caller->body.data + caller->body.len - len, data, len);
    caller_destroy(&caller);
    world_dismiss(&peer);
    world_destroy(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registering_and_signing_in),
        cmocka_unit_test(test_passwords_come_in_bodies),
        cmocka_unit_test(test_users_have_two_keys),
        cmocka_unit_test(test_credentials_are_refused_in_flasks_words),
        cmocka_unit_test(test_asking_for_a_chat),
        cmocka_unit_test(test_sending_finds_the_room_first),
        cmocka_unit_test(test_a_channels_id_comes_back),
        cmocka_unit_test(test_all_that_is_said_of_the_room_is_true),
        cmocka_unit_test(test_what_can_be_no_chat_of_ones_own),
        cmocka_unit_test(test_the_past_of_a_chat),
        cmocka_unit_test(test_a_message_in_another_room),
        cmocka_unit_test(test_ones_own_channel_is_signed),
        cmocka_unit_test(test_a_chat_is_signed_for_its_people),
        cmocka_unit_test(test_what_is_not_signed),
        cmocka_unit_test(test_open_channels_and_presence),
        cmocka_unit_test(test_signing_a_user_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
