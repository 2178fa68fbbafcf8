/* matcha_test.c - document 000 alone: its texts, its shapes, its chains of calls. */
#include "ws-edge/dialects/matcha.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

/* Account 7, "ann", asks. */
static const dialect_t *const s_dialect = &matcha_dialect;

/* 2019-08-07 15:34:07 UTC */
static const int64_t s_time = INT64_C(1565192047) * 1000000;

static caller_t *s_ask(const char *head, const char *body)
{
    return caller_new_known(s_dialect, head, body);
}

static void s_answer(caller_t *caller, call_number_t call, const void *object)
{
    assert_int_equal(caller->visit.call, call);
    caller_is_answered(caller, s_dialect, call, object);
}

static void s_expect_refused(const char *head, const char *body, err_t err, int status,
                             const char *reply)
{
    caller_t *caller = s_ask(head, body);
    assert_int_equal(caller->err, err);
    caller_expects_body(caller, status, reply);
    caller_destroy(&caller);
}

static void s_expect_header(const caller_t *caller, const char *line)
{
    assert_non_null(memmem(caller->headers.data, caller->headers.len, line, strlen(line)));
}

/* ---- signing up, in and out ---- */

static const char s_sign_in[] = "POST /api/signin HTTP/1.1";
static const char s_credentials[] = "{\"login\":\"ann\",\"password\":\"secret1\"}";
static const char s_signed_in[] = "{\"message\":\"ok\",\"access_token\":\"the.new.token\","
                                  "\"user_id\":7,\"id\":7,\"login\":\"ann\"}";
static const account_t s_ann = {
    .id = 7,
    .login = {(const uint8_t *)"ann", 3},
    .username = {(const uint8_t *)"Ann", 3},
    .email = {(const uint8_t *)"a@b.c", 5},
    .created = s_time,
};
static const signed_in_t s_session = {.session = 70, .expires = 1, .account = &s_ann};

static void test_signing_up_is_answered_with_a_text(void **state)
{
    (void)state;
    caller_t *caller = caller_new(s_dialect, "POST /api/signup HTTP/1.1",
                                  "{\"login\":\"ann\",\"email\":\"a@b.c\",\"user_name\":\"Ann\","
                                  "\"password\":\"secret1\",\"more\":1}");
    caller_expects_call(caller, CALL_account_register,
                        "{\"login\":\"ann\",\"username\":\"Ann\",\"email\":\"a@b.c\"}");
    s_answer(caller, CALL_account_register, &s_session);
    caller_expects_body(caller, 200, "\"Welcome! You can sign in now.\"");
    assert_int_equal(caller->headers.len, 0);
    caller_is_refused(caller, s_dialect, CALL_account_register, ERR_EXISTS, "`login`: is taken");
    caller_expects_body(caller, 200, "\"login is taken\"");
    caller_is_refused(caller, s_dialect, CALL_account_register, ERR_TOO_MANY, NULL);
    caller_expects_body(caller, 429,
                        "{\"message\":\"Too many requests: wait as long as Retry-After says.\"}");
    caller_destroy(&caller);
}

static void test_signing_in_sets_the_cookie(void **state)
{
    (void)state;
    caller_t *caller = caller_new(s_dialect, s_sign_in, s_credentials);
    caller_expects_call(caller, CALL_session_open, "{\"login\":\"ann\"}");
    assert_true(((const session_open_call_t *)caller->visit.args)->tell);
    s_answer(caller, CALL_session_open, &s_session);
    caller_expects_body(caller, 200, s_signed_in);
    s_expect_header(caller,
                    "Set-Cookie: session=the.new.token; Path=/; HttpOnly; SameSite=Lax\r\n");
    caller_destroy(&caller);
}

static void test_signing_in_somewhere_notes_where(void **state)
{
    profile_t profile = {.account = 7};
    (void)state;
    caller_t *caller = caller_new(s_dialect, s_sign_in,
                                  "{\"login\":\"ann\",\"password\":\"secret1\","
                                  "\"latitude\":48.8566,\"longitude\":\"-2.3522\"}");
    s_answer(caller, CALL_session_open, &s_session);
    caller_expects_call(caller, CALL_profile_update, "{\"lat\":48856600,\"lon\":-2352200}");
    s_answer(caller, CALL_profile_update, &profile);
    caller_expects_body(caller, 200, s_signed_in);
    caller_is_refused(caller, s_dialect, CALL_profile_update, ERR_UNAVAILABLE, NULL);
    caller_expects_body(caller, 200, s_signed_in); /* one is in all the same */
    caller_destroy(&caller);

    static const char *const nowhere[] = {
        "\"latitude\":91,\"longitude\":0",
        "\"latitude\":\"x\",\"longitude\":1",
        "\"latitude\":1",
        "\"latitude\":null,\"longitude\":null",
        "\"latitude\":1,\"longitude\":180.01",
        "\"latitude\":\"nan\",\"longitude\":1",
    };
    for (size_t i = 0; i < COUNT_OF(nowhere); i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"login\":\"ann\",\"password\":\"secret1\",%s}", nowhere[i]);
        caller = caller_new(s_dialect, s_sign_in, body);
        s_answer(caller, CALL_session_open, &s_session);
        caller_expects_body(caller, 200, s_signed_in);
        caller_destroy(&caller);
    }
}

static void test_signing_in_in_vain_has_two_texts(void **state)
{
    (void)state;
    caller_t *caller = caller_new(s_dialect, s_sign_in, s_credentials);
    caller_is_refused(caller, s_dialect, CALL_session_open, ERR_BAD_CREDENTIALS,
                      "`login`: is nobody's");
    caller_expects_body(caller, 200, "{\"message\":\"Login does not exist\"}");
    caller_is_refused(caller, s_dialect, CALL_session_open, ERR_BAD_CREDENTIALS, NULL);
    caller_expects_body(caller, 200, "{\"message\":\"Invalid Passport\"}");
    caller_destroy(&caller);
    s_expect_refused("POST /api/signin?password=secret1 HTTP/1.1", "{\"login\":\"ann\"}",
                     ERR_INVALID, 400, "{\"message\":\"login and password must be there\"}");
}

static void test_signing_out_takes_the_cookie_back(void **state)
{
    nothing_t nothing = {};
    static const char *const heads[] = {"DELETE /api/logout HTTP/1.1",
                                        "DELETE /api/logout/7 HTTP/1.1"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        caller_t *caller = s_ask(heads[i], NULL);
        s_answer(caller, CALL_session_close, &nothing);
        caller_expects_body(caller, 200, "\"ok\"");
        s_expect_header(caller, "Set-Cookie: session=; ");
        caller_destroy(&caller);
    }
    s_expect_refused("DELETE /api/logout/8 HTTP/1.1", NULL, ERR_FORBIDDEN, 403,
                     "{\"message\":\"You have no right to do this.\"}");
    s_expect_refused("DELETE /api/logout/x HTTP/1.1", NULL, ERR_NOT_FOUND, 404,
                     "{\"message\":\"There is no such thing, or it is not yours to see.\"}");
}

static void test_whatever_is_wrong_with_a_session_is_401(void **state)
{
    (void)state;
    caller_t *caller = s_ask("GET /api/chats HTTP/1.1", NULL);
    caller_is_refused(caller, s_dialect, CALL_room_list, ERR_UNAUTHENTICATED, NULL);
    caller_expects_body(caller, 401, "{\"msg\":\"Missing Authorization Header\"}");
    caller_is_refused(caller, s_dialect, CALL_room_list, ERR_UNAUTHENTICATED, "token is malformed");
    caller_expects_body(caller, 401, "{\"msg\":\"Not enough segments\"}");
    caller_is_refused(caller, s_dialect, CALL_room_list, ERR_SESSION_ENDED, NULL);
    caller_expects_body(caller, 401, "{\"msg\":\"Token has been revoked\"}");
    caller_destroy(&caller);
}

/* ---- chats ---- */

static void test_chats_are_named(void **state)
{
    room_t rooms[] = {
        {.id = 3, .kind = room_kind_DIRECT, .logins = SLICE_LIT("ann+bob")},
        {.id = 5, .kind = room_kind_OPEN, .name = SLICE_LIT("cheburek")},
        {.id = 6, .kind = room_kind_PRIVATE, .gid = SLICE_LIT("abcdefgh")},
    };
    room_list_t list = {.rooms = {rooms, 3}};
    (void)state;
    caller_t *caller = s_ask("GET /api/chats HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_room_list, "{\"limit\":1000}");
    s_answer(caller, CALL_room_list, &list);
    caller_expects_body(caller, 200,
                        "[{\"chat_name\":\"ann+bob\",\"chat_id\":3},"
                        "{\"chat_name\":\"cheburek\",\"chat_id\":5},"
                        "{\"chat_name\":\"abcdefgh\",\"chat_id\":6}]");
    caller_destroy(&caller);
    caller = s_ask("GET /api/chats HTTP/1.1", NULL);
    list.rooms.count = 0;
    s_answer(caller, CALL_room_list, &list);
    caller_expects_body(caller, 200, "[]");
    caller_destroy(&caller);
}

static void test_chats_are_read_page_by_page(void **state)
{
    room_t *rooms = mem_grow(NULL, LIMIT_PAGE * sizeof *rooms);
    room_list_t list = {.rooms = {rooms, LIMIT_PAGE}};
    room_t last = {.id = 2000, .kind = room_kind_OPEN, .name = SLICE_LIT("last")};
    (void)state;
    for (size_t i = 0; i < LIMIT_PAGE; i++)
        rooms[i] = (room_t){.id = i + 1, .kind = room_kind_OPEN, .name = SLICE_LIT("x")};
    caller_t *caller = s_ask("GET /api/chats HTTP/1.1", NULL);
    s_answer(caller, CALL_room_list, &list);
    caller_expects_call(caller, CALL_room_list, "{\"after\":1000,\"limit\":1000}");
    s_answer(caller, CALL_room_list, &(room_list_t){.rooms = {&last, 1}});
    const json_node_t *json = NULL;
    assert_int_equal(json_parse(buf_slice(&caller->body), &json), ERR_OK);
    assert_int_equal(json_count(json), LIMIT_PAGE + 1);
    json_free(&json);
    caller_destroy(&caller);
    mem_free(rooms);
}

static void test_a_chat_has_its_messages(void **state)
{
    message_t messages[] = {
        {.id = 1, .seq = 4, .login = SLICE_LIT("ann"), .text = SLICE_LIT("a"), .time = s_time},
        {.id = 2, .seq = 5, .deleted = 1},
        {.id = 3,
         .seq = 6,
         .login = SLICE_LIT("bob"),
         .text = SLICE_LIT("b"),
         .time = s_time,
         .client_time = SLICE_LIT("2019-09-02T09:25:07.561Z")},
    };
    message_list_t list = {.messages = {messages, 3}};
    room_t room = {.id = 3, .kind = room_kind_DIRECT, .first = 9, .second = 7};
    (void)state;
    caller_t *caller = s_ask("GET /api/chats/3?limit=3&before=7 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_room_get, "{\"room\":3}");
    s_answer(caller, CALL_room_get, &room);
    caller_expects_call(caller, CALL_room_history, "{\"room\":3,\"before\":7,\"limit\":3}");
    s_answer(caller, CALL_room_history, &list);
    caller_expects_body(
        caller, 200,
        "{\"messages\":[{\"creation_date\":\"2019-08-07 "
        "15:34:07\",\"text\":\"a\",\"author\":\"ann\"},"
        "{\"creation_date\":\"2019-09-02T09:25:07.561Z\",\"text\":\"b\",\"author\":\"bob\"}],"
        "\"partner_id\":9}");
    s_expect_header(caller, "Link: </api/chats/3?limit=3&before=4>; rel=\"prev\"\r\n");
    caller_destroy(&caller);

    caller = s_ask("GET /api/chats/3 HTTP/1.1", NULL);
    room = (room_t){.id = 3, .kind = room_kind_OPEN};
    s_answer(caller, CALL_room_get, &room);
    caller_expects_call(caller, CALL_room_history, "{\"room\":3,\"limit\":10000}");
    s_answer(caller, CALL_room_history, &(message_list_t){0});
    caller_expects_body(caller, 200, "{\"messages\":[],\"partner_id\":null}");
    assert_int_equal(caller->headers.len, 0);
    caller_is_refused(caller, s_dialect, CALL_room_get, ERR_NOT_FOUND, NULL);
    assert_int_equal(caller->visit.status, 404);
    caller_destroy(&caller);
}

static void test_nothing_comes_before_the_first_message(void **state)
{
    message_t message = {.id = 1, .seq = 1, .login = SLICE_LIT("ann"), .text = SLICE_LIT("a")};
    room_t room = {.id = 3, .kind = room_kind_OPEN};
    (void)state;
    caller_t *caller = s_ask("GET /api/chats/3?limit=1 HTTP/1.1", NULL);
    s_answer(caller, CALL_room_get, &room);
    s_answer(caller, CALL_room_history, &(message_list_t){.messages = {&message, 1}});
    assert_int_equal(caller->visit.status, 200);
    assert_int_equal(caller->headers.len, 0);
    caller_destroy(&caller);
}

/* ---- users ---- */

static const encounter_t s_fan = {.number = 1, .account = 9, .login = {(const uint8_t *)"bob", 3}};
static const encounter_list_t s_fans = {.people = {&s_fan, 1}};
static const encounter_list_t s_nobody;

static void s_answer_fans(caller_t *caller)
{
    s_answer(caller, CALL_people_likes, &s_fans);
    s_answer(caller, CALL_people_visits, &s_nobody);
}

#define BLANK                                                                                  \
    "\"city\":null,\"age\":null,\"sex\":null,\"preferences\":null,\"bio\":null,\"tags\":null," \
    "\"avatar\":null,"

static void test_oneself_has_all_who_like_one(void **state)
{
    profile_t profile = {.account = 7, .login = SLICE_LIT("ann"), .likes = 1};
    profile_list_t profiles = {.profiles = {&profile, 1}};
    (void)state;
    caller_t *caller = s_ask("GET /api/users/7 HTTP/1.1", NULL);
    caller->visit.who.via = VIA_MATCHA;
    s_answer_fans(caller);
    caller_expects_call(caller, CALL_account_get, "{\"account\":7}");
    s_answer(caller, CALL_account_get, &s_ann);
    caller_expects_call(caller, CALL_profile_list, "{\"accounts\":[7,7]}");
    s_answer(caller, CALL_profile_list, &profiles);
    caller_expects_body(
        caller, 200,
        "{\"user_id\":7,\"login\":\"ann\",\"email\":\"a@b.c\",\"user_name\":\"Ann\","
        "\"online\":\"2019-08-07 15:34:07\"," BLANK
        "\"likes\":[\"bob\"],\"history\":null,\"sumlikes\":1}");
    caller_destroy(&caller);
}

static profile_t s_full_profile(const relation_t *relation)
{
    static const tag_t tags[] = {{.name = {(const uint8_t *)"vegan", 5}},
                                 {.name = {(const uint8_t *)"geek", 4}}};
    static const photo_t photos[] = {{.url = {(const uint8_t *)"https://x/1", 11}},
                                     {.url = {(const uint8_t *)"https://x/2", 11}, .main = true}};
    return (profile_t){
        .account = 9,
        .login = SLICE_LIT("bob"),
        .gender = SLICE_LIT("male"),
        .preference = SLICE_LIT("female"),
        .city = SLICE_LIT("Paris"),
        .description = SLICE_LIT("hello"),
        .age = 33,
        .tags = {tags, 2},
        .photos = {photos, 2},
        .likes = 4,
        .relation = relation,
    };
}

static const char s_bob[] =
    "{\"user_id\":9,\"login\":\"bob\",\"email\":\"\",\"user_name\":\"Bob\",\"online\":\"online\","
    "\"city\":\"Paris\",\"age\":33,\"sex\":\"male\",\"preferences\":\"female\",\"bio\":\"hello\","
    "\"tags\":[\"vegan\",\"geek\"],\"avatar\":[\"https://x/2\",\"https://x/1\"],"
    "\"likes\":[\"ann\"],\"history\":null,\"sumlikes\":4";

static const account_t s_bobs_account = {
    .id = 9,
    .login = {(const uint8_t *)"bob", 3},
    .username = {(const uint8_t *)"Bob", 3},
    .online = true,
};

static void test_of_others_one_sees_oneself(void **state)
{
    relation_t relation = {.account = 9, .liked = 1};
    profile_t profiles[] = {{.account = 7, .login = SLICE_LIT("ann")}, s_full_profile(&relation)};
    profile_list_t list = {.profiles = {profiles, 2}};
    char expected[1024];
    (void)state;
    caller_t *caller = s_ask("GET /api/user_login/bob HTTP/1.1", NULL);
    s_answer_fans(caller);
    caller_expects_call(caller, CALL_account_find, "{\"login\":\"bob\"}");
    s_answer(caller, CALL_account_find, &s_bobs_account);
    s_answer(caller, CALL_profile_list, &list);
    snprintf(expected, sizeof expected, "%s,\"id\":9,\"userName\":\"bob\"}", s_bob);
    caller_expects_body(caller, 200, expected); /* whose session came from elsewhere */
    caller_destroy(&caller);
}

static void test_who_may_not_be_seen_is_not_there(void **state)
{
    relation_t relation = {.account = 9, .liked = 1};
    profile_t profiles[] = {{.account = 7, .login = SLICE_LIT("ann")}, s_full_profile(&relation)};
    profile_list_t list = {.profiles = {profiles, 2}};
    account_t accounts[] = {{.id = 8, .login = SLICE_LIT("eve"), .username = SLICE_LIT("eve")},
                            s_bobs_account};
    account_list_t page = {.accounts = {accounts, 2}};
    char expected[1024];
    (void)state;
    caller_t *caller = s_ask("GET /api/users HTTP/1.1", NULL);
    caller->visit.who.via = VIA_MATCHA;
    s_answer_fans(caller);
    caller_expects_call(caller, CALL_account_list, "{\"limit\":999}");
    s_answer(caller, CALL_account_list, &page);
    caller_expects_call(caller, CALL_profile_list, "{\"accounts\":[8,9,7]}");
    s_answer(caller, CALL_profile_list, &list);
    snprintf(expected, sizeof expected, "[%s}]", s_bob);
    caller_expects_body(caller, 200, expected);
    caller_destroy(&caller);

    caller = s_ask("GET /api/users/8 HTTP/1.1", NULL);
    s_answer_fans(caller);
    s_answer(caller, CALL_account_get, &accounts[0]);
    s_answer(caller, CALL_profile_list, &list);
    caller_expects_body(caller, 200, "null");
    caller_is_refused(caller, s_dialect, CALL_account_get, ERR_NOT_FOUND, NULL);
    caller_expects_body(caller, 200, "null");
    caller_destroy(&caller);
    s_expect_refused("GET /api/users/x HTTP/1.1", NULL, ERR_NOT_FOUND, 200, "null");
    s_expect_refused(
        "GET /api/user_login/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "
        "HTTP/1.1",
        NULL, ERR_NOT_FOUND, 200, "null");
}

static void test_users_are_read_page_by_page(void **state)
{
    enum { PAGE = LIMIT_PAGE - 1 };
    account_t *accounts = mem_grow(NULL, PAGE * sizeof *accounts);
    profile_t *profiles = mem_grow(NULL, PAGE * sizeof *profiles);
    (void)state;
    for (size_t i = 0; i < PAGE; i++) {
        accounts[i] = (account_t){.id = i + 1, .login = SLICE_LIT("x"), .username = SLICE_LIT("x")};
        profiles[i] = (profile_t){.account = i + 1, .login = SLICE_LIT("x")};
    }
    caller_t *caller = s_ask("GET /api/users HTTP/1.1", NULL);
    s_answer_fans(caller);
    s_answer(caller, CALL_account_list, &(account_list_t){.accounts = {accounts, PAGE}});
    s_answer(caller, CALL_profile_list, &(profile_list_t){.profiles = {profiles, PAGE}});
    caller_expects_call(caller, CALL_account_list, "{\"after\":999,\"limit\":999}");
    s_answer(caller, CALL_account_list, &(account_list_t){0});
    s_answer(caller, CALL_profile_list, &(profile_list_t){0});
    const json_node_t *json = NULL;
    assert_int_equal(json_parse(buf_slice(&caller->body), &json), ERR_OK);
    assert_int_equal(json_count(json), PAGE);
    json_free(&json);
    caller_destroy(&caller);
    mem_free(accounts);
    mem_free(profiles);
}

static void test_a_search_finds_users(void **state)
{
    profile_t profile = s_full_profile(&(relation_t){.account = 9, .liked = 1});
    recommendation_t found = {.profile = &profile, .why = &(why_t){0}};
    recommendation_list_t list = {.people = {&found, 1}};
    account_t accounts[] = {s_bobs_account, s_ann};
    char expected[1024];
    (void)state;
    caller_t *caller =
        s_ask("POST /api/search?age_max=40 HTTP/1.1", "{\"age_min\":18,\"tags\":\"geek\"}");
    caller->visit.who.via = VIA_MATCHA;
    caller_expects_call(
        caller, CALL_people_recommend,
        "{\"limit\":100,\"age_min\":18,\"age_max\":40,\"tags\":\"geek\",\"any\":true}");
    s_answer(caller, CALL_people_recommend, &list);
    caller_expects_call(caller, CALL_account_list, "{\"accounts\":[9,7]}");
    s_answer(caller, CALL_account_list, &(account_list_t){.accounts = {accounts, 2}});
    snprintf(expected, sizeof expected, "[%s}]", s_bob);
    caller_expects_body(caller, 200, expected);
    caller_destroy(&caller);

    caller = s_ask("GET /api/rating HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_people_recommend,
                        "{\"sort\":\"fame\",\"limit\":100,\"any\":true}");
    caller_destroy(&caller);
    s_expect_refused("GET /api/search?age_min=x HTTP/1.1", NULL, ERR_INVALID, 400,
                     "{\"message\":\"`age_min`: cannot be read\"}");
}

/* ---- profiles ---- */

static void test_an_update_changes_what_is_sent(void **state)
{
    profile_t profile = {.account = 7, .login = SLICE_LIT("ann")};
    (void)state;
    caller_t *caller =
        s_ask("PUT /api/users/7 HTTP/1.1",
              "{\"user_name\":\"Annie\",\"email\":\"a@b.c\",\"sex\":\"female\",\"bio\":null,"
              "\"age\":\"30\",\"tags\":[\"geek\",\"art\"],\"avatar\":[\"https://x/1\"],"
              "\"city\":\"\",\"latitude\":1.5,\"longitude\":2,\"likes\":[\"bob\"]}");
    caller_expects_call(caller, CALL_account_get, "{}");
    s_answer(caller, CALL_account_get, &s_ann);
    caller_expects_call(caller, CALL_account_rename, "{\"username\":\"Annie\"}");
    account_t renamed = s_ann;
    renamed.username = SLICE_LIT("Annie");
    s_answer(caller, CALL_account_rename, &renamed);
    caller_expects_call(caller, CALL_profile_update,
                        "{\"gender\":\"female\",\"age\":30,"
                        "\"tags\":[{\"name\":\"geek\"},{\"name\":\"art\"}],"
                        "\"photos\":[{\"url\":\"https://x/1\",\"main\":true}],"
                        "\"lat\":1500000,\"lon\":2000000,\"clear\":\"description city \"}");
    s_answer(caller, CALL_profile_update, &profile);
    s_answer_fans(caller);
    caller_expects_call(caller, CALL_account_get, "{\"account\":7}");
    s_answer(caller, CALL_account_get, &renamed);
    s_answer(caller, CALL_profile_list, &(profile_list_t){.profiles = {&profile, 1}});
    assert_memory_equal(caller->body.data, "{\"user_id\":7,", 13);
    caller_destroy(&caller);
}

static void test_a_new_email_takes_the_password(void **state)
{
    (void)state;
    caller_t *caller = s_ask("PUT /api/users/7 HTTP/1.1", "{\"email\":\"new@b.c\"}");
    s_answer(caller, CALL_account_get, &s_ann);
    caller_expects_body(caller, 400, "{\"message\":\"a new e-mail takes the password, too\"}");
    caller_destroy(&caller);

    caller = s_ask("PUT /api/users/7 HTTP/1.1", "{\"email\":\"new@b.c\",\"password\":\"secret1\"}");
    caller_expects_call(caller, CALL_email_change, "{\"email\":\"new@b.c\"}");
    account_t changed = s_ann;
    changed.email = SLICE_LIT("new@b.c");
    s_answer(caller, CALL_email_change, &changed);
    caller_expects_call(caller, CALL_profile_update, "{}");
    caller_destroy(&caller);
}

static void test_updates_that_cannot_be(void **state)
{
    static const char head[] = "PUT /api/users/7 HTTP/1.1";
    (void)state;
    s_expect_refused("PUT /api/users/8 HTTP/1.1", "{}", ERR_FORBIDDEN, 403,
                     "{\"message\":\"You have no right to do this.\"}");
    s_expect_refused(head, "{\"bio\":1}", ERR_INVALID, 400,
                     "{\"message\":\"names, sex, preferences, bio and city are texts\"}");
    s_expect_refused(head, "{\"age\":\"old\"}", ERR_INVALID, 400,
                     "{\"message\":\"age must be a whole number\"}");
    s_expect_refused(head, "{\"tags\":{}}", ERR_INVALID, 400,
                     "{\"message\":\"tags must be a list of at most 10 texts\"}");
    s_expect_refused(head, "{\"avatar\":[1]}", ERR_INVALID, 400,
                     "{\"message\":\"avatar must be a list of at most 5 addresses\"}");
    s_expect_refused(head, "{\"avatar\":\"a,b,c,d,e,f\"}", ERR_INVALID, 400,
                     "{\"message\":\"avatar must be a list of at most 5 addresses\"}");
}

static void test_an_image_is_dropped_as_it_is_shown(void **state)
{
    profile_t profile = s_full_profile(NULL);
    (void)state;
    caller_t *caller = s_ask("DELETE /api/images/0 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_profile_get, "{}");
    s_answer(caller, CALL_profile_get, &profile);
    caller_expects_call(caller, CALL_profile_update, "{\"photos\":[{\"url\":\"https://x/1\"}]}");
    s_answer(caller, CALL_profile_update, &profile);
    caller_expects_body(caller, 200, "\"ok\"");
    caller_destroy(&caller);

    caller = s_ask("DELETE /api/images/0 HTTP/1.1", NULL);
    profile.photos.count = 1;
    s_answer(caller, CALL_profile_get, &profile);
    caller_expects_call(caller, CALL_profile_update, "{\"clear\":\"photos\"}");
    caller_destroy(&caller);

    caller = s_ask("DELETE /api/images/1 HTTP/1.1", NULL);
    s_answer(caller, CALL_profile_get, &profile);
    assert_int_equal(caller->visit.status, 404);
    caller_destroy(&caller);
}

static void test_what_one_does_to_others(void **state)
{
    static const struct {
        const char *head;
        call_number_t call;
        const char *args;
    } cases[] = {
        {"POST /api/likes/9 HTTP/1.1", CALL_people_like, "{\"account\":9}"},
        {"DELETE /api/likes/9 HTTP/1.1", CALL_people_unlike, "{\"account\":9}"},
        {"POST /api/history/9 HTTP/1.1", CALL_people_visit, "{\"account\":9}"},
        {"POST /api/fake/9 HTTP/1.1", CALL_people_report, "{\"account\":9,\"reason\":\"fake\"}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        caller_t *caller = s_ask(cases[i].head, "{\"anything\":true}");
        caller_expects_call(caller, cases[i].call, cases[i].args);
        s_answer(caller, cases[i].call, NULL);
        caller_expects_body(caller, 200, "\"ok\"");
        caller_is_refused(caller, s_dialect, cases[i].call, ERR_NOT_FOUND, NULL);
        assert_int_equal(caller->visit.status, 404);
        caller_destroy(&caller);
    }
    s_expect_refused("POST /api/likes/0 HTTP/1.1", NULL, ERR_NOT_FOUND, 404,
                     "{\"message\":\"There is no such thing, or it is not yours to see.\"}");
}

static void test_tags_are_names(void **state)
{
    tag_t tags[] = {{.name = SLICE_LIT("geek"), .count = 3}, {.name = SLICE_LIT("art")}};
    (void)state;
    caller_t *caller = s_ask("GET /api/tags HTTP/1.1", NULL);
    s_answer(caller, CALL_people_tags, &(tag_list_t){.tags = {tags, 2}});
    caller_expects_body(caller, 200, "[\"geek\",\"art\"]");
    caller_destroy(&caller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signing_up_is_answered_with_a_text),
        cmocka_unit_test(test_signing_in_sets_the_cookie),
        cmocka_unit_test(test_signing_in_somewhere_notes_where),
        cmocka_unit_test(test_signing_in_in_vain_has_two_texts),
        cmocka_unit_test(test_signing_out_takes_the_cookie_back),
        cmocka_unit_test(test_whatever_is_wrong_with_a_session_is_401),
        cmocka_unit_test(test_chats_are_named),
        cmocka_unit_test(test_chats_are_read_page_by_page),
        cmocka_unit_test(test_a_chat_has_its_messages),
        cmocka_unit_test(test_nothing_comes_before_the_first_message),
        cmocka_unit_test(test_oneself_has_all_who_like_one),
        cmocka_unit_test(test_of_others_one_sees_oneself),
        cmocka_unit_test(test_who_may_not_be_seen_is_not_there),
        cmocka_unit_test(test_users_are_read_page_by_page),
        cmocka_unit_test(test_a_search_finds_users),
        cmocka_unit_test(test_an_update_changes_what_is_sent),
        cmocka_unit_test(test_a_new_email_takes_the_password),
        cmocka_unit_test(test_updates_that_cannot_be),
        cmocka_unit_test(test_an_image_is_dropped_as_it_is_shown),
        cmocka_unit_test(test_what_one_does_to_others),
        cmocka_unit_test(test_tags_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
