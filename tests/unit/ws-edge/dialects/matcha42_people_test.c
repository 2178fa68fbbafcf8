/* matcha42_people_test.c - matcha42's profiles, people and notifications alone: what is asked,
 * in which order, and the shapes in which it is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

#define FORM "\r\nContent-Type: application/x-www-form-urlencoded"
#define ERROR(code, text) "{\"status\":\"error\",\"code\":" #code ",\"error\":\"" text "\"}"
#define DONE "{\"status\":\"ok\"}"
#define SOMEBODY                                                                           \
    "\"login\":\"ann\",\"password\":\"secret-1\",\"mail\":\"a@b.c\",\"first_name\":\"A\"," \
    "\"last_name\":\"B\""

static const dialect_t *const s_matcha42 = &matcha42_dialect;

/* 2026-01-02T03:04:05.000006Z */
static const int64_t s_time = INT64_C(1767323045000006);

static const tag_t s_tags[] = {{.name = {(const uint8_t *)"sea", 3}}};
static const photo_t s_photos[] = {
    {.url = {(const uint8_t *)"https://x/1", 11}},
    {.url = {(const uint8_t *)"https://x/2", 11}, .main = true},
};
static const profile_t s_profile = {
    .account = 8,
    .login = {(const uint8_t *)"bob", 3},
    .first_name = {(const uint8_t *)"Bob", 3},
    .gender = {(const uint8_t *)"male", 4},
    .age = 30,
    .tags = {s_tags, COUNT_OF(s_tags)},
    .photos = {s_photos, COUNT_OF(s_photos)},
    .fame = 12,
    .distance = 3,
};
static const presence_state_t s_here = {.account = 8, .online = true, .last_seen = s_time};
static const presence_list_t s_presence = {.people = {&s_here, 1}};

#define BOB                                                                                   \
    "\"user_id\":8,\"login\":\"bob\",\"first_name\":\"Bob\",\"last_name\":\"\","              \
    "\"gender\":\"male\",\"age\":30,\"description\":\"\",\"sex\":\"any\",\"tags\":[\"sea\"]," \
    "\"images\":[\"https://x/2\",\"https://x/1\"],\"fame\":12,\"online\":true,"               \
    "\"last_seen\":\"2026-01-02T03:04:05.000006Z\""

static void s_expects_refusal(const char *head, const char *body, const char *error)
{
    caller_t *caller = caller_new_known(s_matcha42, head, body);
    assert_int_equal(caller->err, ERR_INVALID);
    caller_expects_body(caller, 400, error);
    caller_destroy(&caller);
}

/* ---- what people say of themselves ---- */

static void s_expects_update(const char *head, const char *body, const char *update)
{
    caller_t *caller = caller_new_known(s_matcha42, head, body);
    caller_expects_call(caller, CALL_profile_update, update);
    caller_is_answered(caller, s_matcha42, CALL_profile_update, &s_profile);
    caller_expects_body(caller, 200, DONE);
    caller_destroy(&caller);
}

static void test_what_is_sent_changes_and_what_is_empty_is_emptied(void **state)
{
    static const char head[] = "POST /api/user/save_profile HTTP/1.1";
    (void)state;
    s_expects_update(head, "{}", "{}");
    s_expects_update(head, "{\"age\":\"30\",\"sex\":\"any\",\"login\":\"x\",\"password\":\"y\"}",
                     "{\"preference\":\"any\",\"age\":30}");
    s_expects_update(head, "{\"tags\":[\"a\",\" b,c \"],\"image\":\"https://x/1\"}",
                     "{\"tags\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}],"
                     "\"photos\":[{\"url\":\"https://x/1\"}]}");
    s_expects_update("POST /api/user/save_profile HTTP/1.1" FORM,
                     "tags=a,b&image=https://x/1&image=https://x/2",
                     "{\"tags\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
                     "\"photos\":[{\"url\":\"https://x/1\"},{\"url\":\"https://x/2\"}]}");
    s_expects_update(head, "{\"gps\":\"-59.9386304, 30.3\"}",
                     "{\"lat\":-59938630,\"lon\":30300000}");
    s_expects_update(head, "{\"sex\":\"\",\"tags\":\"\",\"image\":[],\"gps\":\"\"}",
                     "{\"clear\":\"preference tags photos position\"}");
}

static void test_what_a_profile_cannot_say_is_named_as_the_document_does(void **state)
{
    static const struct {
        const char *body, *error;
    } rows[] = {
        {"{\"age\":\"x\"}", ERROR(400, "`age`: cannot be read")},
        {"{\"sex\":\"<\"}", ERROR(400, "`sex`: has characters that names may not have")},
        {"{\"image\":\"ftp://x\"}", ERROR(400, "`image`: has one that is no https address")},
        {"{\"image\":7}", ERROR(400, "`image`: is neither a list nor a text")},
        {"{\"tags\":[7]}", ERROR(400, "`tags`: has one that is no text")},
        {"{\"gps\":\"90.1,0\"}", ERROR(400, "`gps`: is no `latitude,longitude`")},
        {"{\"gps\":\"nan,0\"}", ERROR(400, "`gps`: is no `latitude,longitude`")},
        {"{\"gps\":\"1,2 \"}", ERROR(400, "`gps`: is no `latitude,longitude`")},
        {"{\"gps\":[]}", ERROR(400, "`gps`: is no `latitude,longitude`")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        s_expects_refusal("POST /api/user/save_profile HTTP/1.1", rows[i].body, rows[i].error);
}

static void test_registering_is_followed_by_the_profile(void **state)
{
    static const char head[] = "POST /api/user/registr HTTP/1.1";
    (void)state;
    caller_t *caller = caller_new(s_matcha42, head, "{" SOMEBODY ",\"age\":30}");
    caller_expects_call(caller, CALL_account_register, "{\"login\":\"ann\",\"email\":\"a@b.c\"}");
    assert_true(caller->visit.passing);
    caller->visit.who.account = 8; /* as the front has it from here on */
    caller_is_answered(caller, s_matcha42, CALL_account_register, &(signed_in_t){.session = 70});
    caller_expects_call(caller, CALL_profile_update,
                        "{\"first_name\":\"A\",\"last_name\":\"B\",\"age\":30}");
    caller_is_answered(caller, s_matcha42, CALL_profile_update, &s_profile);
    caller_expects_body(caller, 200, "{\"status\":\"ok\",\"user_id\":8}");
    buf_reset(&caller->body);
    caller_is_refused(caller, s_matcha42, CALL_profile_update, ERR_UNAVAILABLE, NULL);
    caller_expects_body(caller, 200,
                        "{\"status\":\"ok\",\"user_id\":8,"
                        "\"warning\":\"the profile is not saved: save it again\"}");
    caller_destroy(&caller);
    s_expects_refusal(head, "{" SOMEBODY ",\"age\":17}", ERROR(400, "`age`: is too small"));
}

static void test_a_password_in_place_of_a_token_signs_in_first(void **state)
{
    static const char body[] = "{\"login\":\"ann\",\"password\":\"secret-1\",\"age\":30}";
    (void)state;
    caller_t *caller = caller_new(s_matcha42, "POST /api/user/save_profile HTTP/1.1", body);
    caller_expects_call(caller, CALL_session_open, "{\"login\":\"ann\"}");
    assert_true(caller->visit.passing);
    caller_is_answered(caller, s_matcha42, CALL_session_open, &(signed_in_t){.session = 70});
    caller_expects_call(caller, CALL_profile_update, "{\"age\":30}");
    caller_destroy(&caller);
}

/* ---- looking ---- */

static void test_a_profile_is_visited_read_and_shown_with_presence(void **state)
{
    (void)state;
    caller_t *caller =
        caller_new_known(s_matcha42, "GET /api/profile?target_user_id=8 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_people_visit, "{\"account\":8}");
    caller_is_answered(caller, s_matcha42, CALL_people_visit, &(nothing_t){});
    caller_expects_call(caller, CALL_profile_get, "{\"account\":8}");
    caller_is_answered(caller, s_matcha42, CALL_profile_get, &s_profile);
    caller_expects_call(caller, CALL_presence_get, "{\"accounts\":[8]}");
    caller_is_answered(caller, s_matcha42, CALL_presence_get, &s_presence);
    caller_expects_body(caller, 200, "{\"status\":\"ok\"," BOB "}");
    caller_destroy(&caller);

    caller = caller_new_known(s_matcha42, "GET /api/profile?target_user_id=7 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_profile_get, "{\"account\":7}");
    caller_destroy(&caller);
}

static void test_what_nobody_may_know_is_null(void **state)
{
    static const profile_t plain = {.account = 9, .login = {(const uint8_t *)"cid", 3}};
    (void)state;
    caller_t *caller =
        caller_new_known(s_matcha42, "GET /api/profile?target_user_id=9 HTTP/1.1", NULL);
    caller_is_answered(caller, s_matcha42, CALL_profile_get, &plain);
    caller_is_answered(caller, s_matcha42, CALL_presence_get, &s_presence);
    caller_expects_body(caller, 200,
                        "{\"status\":\"ok\",\"user_id\":9,\"login\":\"cid\",\"first_name\":\"\","
                        "\"last_name\":\"\",\"gender\":\"\",\"age\":null,\"description\":\"\","
                        "\"sex\":\"any\",\"tags\":[],\"images\":[],\"fame\":0,\"online\":false,"
                        "\"last_seen\":null}");
    caller_destroy(&caller);
}

static void test_research_asks_by_the_schemas_names(void **state)
{
    static const why_t why = {0};
    const recommendation_t found = {
        .profile = &s_profile, .score = 700, .why = &why, .common_tags = 1};
    (void)state;
    caller_t *caller = caller_new_known(s_matcha42,
                                        "GET /api/research?sort_by=1&distance_max_km=5&age_min=20"
                                        "&tags=sea,tea&limit=1 HTTP/1.1",
                                        NULL);
    caller_expects_call(caller, CALL_people_recommend,
                        "{\"sort\":\"distance\",\"limit\":1,\"age_min\":20,\"distance_max\":5,"
                        "\"tags\":\"sea,tea\"}");
    caller_is_answered(
        caller, s_matcha42, CALL_people_recommend,
        &(recommendation_list_t){.people = {&found, 1}, .next = SLICE_LIT("a-cursor")});
    caller_expects_call(caller, CALL_presence_get, "{\"accounts\":[8]}");
    caller_is_answered(caller, s_matcha42, CALL_presence_get, &s_presence);
    caller_expects_body(caller, 200,
                        "{\"status\":\"ok\",\"users\":[{" BOB ",\"score\":700,\"distance_km\":3,"
                        "\"common_tags\":1}],\"next\":\"a-cursor\"}");
    caller_destroy(&caller);
    s_expects_refusal("GET /api/research?sort_by=5 HTTP/1.1", NULL,
                      ERROR(400, "`sort_by`: is none of 0 to 4"));
    s_expects_refusal("GET /api/research?age_min=x HTTP/1.1", NULL,
                      ERROR(400, "`age_min`: cannot be read"));
}

/* Whose profile has gone meanwhile is left out. */
static void test_visitors_are_shown_in_the_order_of_their_visits(void **state)
{
    const encounter_t visits[] = {
        {.number = 6, .account = 9, .time = s_time},
        {.number = 5, .account = 8, .time = s_time},
    };
    (void)state;
    caller_t *caller = caller_new_known(s_matcha42, "GET /api/user/history?limit=2 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_people_visits, "{\"limit\":2}");
    caller_is_answered(caller, s_matcha42, CALL_people_visits,
                       &(encounter_list_t){.people = {visits, COUNT_OF(visits)}, .next = 5});
    caller_expects_call(caller, CALL_profile_list, "{\"accounts\":[9,8]}");
    caller_is_answered(caller, s_matcha42, CALL_profile_list,
                       &(profile_list_t){.profiles = {&s_profile, 1}});
    caller_expects_call(caller, CALL_presence_get, "{\"accounts\":[8]}");
    caller_is_answered(caller, s_matcha42, CALL_presence_get, &s_presence);
    caller_expects_body(caller, 200,
                        "{\"status\":\"ok\",\"users\":[{" BOB
                        ",\"visited_at\":\"2026-01-02T03:04:05.000006Z\"}],\"next\":5}");
    caller_destroy(&caller);
}

/* ---- what one thinks of somebody ---- */

static void test_a_chat_is_opened_by_login_or_id(void **state)
{
    static const account_t bob = {
        .id = 8, .login = {(const uint8_t *)"bob", 3}, .username = {(const uint8_t *)"bob", 3}};
    (void)state;
    caller_t *caller =
        caller_new_known(s_matcha42, "GET /api/user/connect?target_id=bob HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_account_find, "{\"login\":\"bob\"}");
    caller_is_answered(caller, s_matcha42, CALL_account_find, &bob);
    caller_expects_call(caller, CALL_people_connect, "{\"account\":8}");
    caller_is_answered(caller, s_matcha42, CALL_people_connect, &(relation_t){.account = 8});
    caller_expects_body(caller, 200, DONE);
    caller_destroy(&caller);
    for (size_t i = 0; i < 2; i++) {
        caller = caller_new_known(s_matcha42,
                                  i == 0 ? "GET /api/user/connect?target_id=8 HTTP/1.1"
                                         : "GET /api/user/connect?target_user_id=8 HTTP/1.1",
                                  NULL);
        caller_expects_call(caller, CALL_people_connect, "{\"account\":8}");
        caller_destroy(&caller);
    }
    s_expects_refusal("GET /api/user/connect HTTP/1.1", NULL,
                      ERROR(400, "`target_user_id`: is missing"));
}

static void test_a_like_says_whether_it_is_mutual(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        caller_t *caller = caller_new_known(
            s_matcha42, "GET /api/user/like/?user_id=7&target_user_id=8 HTTP/1.1", NULL);
        caller_expects_call(caller, CALL_people_like, "{\"account\":8}");
        caller_is_answered(caller, s_matcha42, CALL_people_like,
                           &(relation_t){.account = 8, .matched = i * s_time});
        caller_expects_body(caller, 200,
                            i == 1 ? "{\"status\":\"ok\",\"match\":true}"
                                   : "{\"status\":\"ok\",\"match\":false}");
        caller_destroy(&caller);
    }
}

static void test_a_report_has_one_of_six_reasons(void **state)
{
    static const char *const words[] = {"other",      "fake",   "spam",
                                        "harassment", "nudity", "underage"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        char head[80], args[64];
        snprintf(head, sizeof head, "GET /api/report?target_user_id=8&report_id=%zu HTTP/1.1", i);
        snprintf(args, sizeof args, "{\"account\":8,\"reason\":\"%s\"}", words[i]);
        caller_t *caller = caller_new_known(s_matcha42, head, NULL);
        caller_expects_call(caller, CALL_people_report, args);
        caller_destroy(&caller);
    }
    s_expects_refusal("GET /api/report?target_user_id=8&report_id=6 HTTP/1.1", NULL,
                      ERROR(400, "`report_id`: is none of 0 to 5"));
    s_expects_refusal("GET /api/report?target_user_id=8 HTTP/1.1", NULL,
                      ERROR(400, "`report_id`: is none of 0 to 5"));
}

/* ---- notifications ---- */

static void test_with_a_random_id_a_note_is_sent(void **state)
{
    (void)state;
    caller_t *caller = caller_new_known(
        s_matcha42, "GET /api/notifications?user_id=8&random_id=3&message=hi HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_notification_send,
                        "{\"account\":8,\"text\":\"hi\",\"client_id\":\"3\"}");
    caller_is_refused(caller, s_matcha42, CALL_notification_send, ERR_CLIENT_ID_REUSED, NULL);
    caller_expects_body(caller, 200, DONE);
    caller_destroy(&caller);
    s_expects_refusal("GET /api/notifications?random_id=3 HTTP/1.1", NULL,
                      ERROR(400, "`user_id`: is missing"));
    s_expects_refusal("GET /api/notifications?user_id=8 HTTP/1.1", NULL,
                      ERROR(400, "`random_id`: is missing"));
    s_expects_refusal("GET /api/notifications?user_id=8&random_id=3&type=like HTTP/1.1", NULL,
                      ERROR(400, "`type`: is always `note`"));
}

static void test_without_one_ones_own_are_listed(void **state)
{
    const notification_t all[] = {
        {.id = 6,
         .kind = notice_kind_NOTE,
         .from = 8,
         .from_login = SLICE_LIT("bob"),
         .text = SLICE_LIT("hi"),
         .count = 1,
         .time = s_time},
        {.id = 5, .kind = notice_kind_REPORT, .count = 1, .time = s_time, .read = s_time},
    };
    (void)state;
    caller_t *caller =
        caller_new_known(s_matcha42, "GET /api/notifications?user_id=7&limit=2 HTTP/1.1", NULL);
    caller_expects_call(caller, CALL_notification_list, "{\"limit\":2}");
    caller_is_answered(caller, s_matcha42, CALL_notification_list,
                       &(notification_list_t){.notifications = {all, COUNT_OF(all)}, .next = 4});
    caller_expects_body(
        caller, 200,
        "{\"status\":\"ok\",\"notifications\":["
        "{\"id\":6,\"type\":\"note\",\"from\":\"bob\",\"text\":\"hi\","
        "\"created_at\":\"2026-01-02T03:04:05.000006Z\",\"read\":false},"
        "{\"id\":5,\"type\":\"system\",\"from\":\"\",\"text\":\"\","
        "\"created_at\":\"2026-01-02T03:04:05.000006Z\",\"read\":true}],\"next\":4}");
    caller_destroy(&caller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_sent_changes_and_what_is_empty_is_emptied),
        cmocka_unit_test(test_what_a_profile_cannot_say_is_named_as_the_document_does),
        cmocka_unit_test(test_registering_is_followed_by_the_profile),
        cmocka_unit_test(test_a_password_in_place_of_a_token_signs_in_first),
        cmocka_unit_test(test_a_profile_is_visited_read_and_shown_with_presence),
        cmocka_unit_test(test_what_nobody_may_know_is_null),
        cmocka_unit_test(test_research_asks_by_the_schemas_names),
        cmocka_unit_test(test_visitors_are_shown_in_the_order_of_their_visits),
        cmocka_unit_test(test_a_chat_is_opened_by_login_or_id),
        cmocka_unit_test(test_a_like_says_whether_it_is_mutual),
        cmocka_unit_test(test_a_report_has_one_of_six_reasons),
        cmocka_unit_test(test_with_a_random_id_a_note_is_sent),
        cmocka_unit_test(test_without_one_ones_own_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
