/* matcha_sio_test.c - Matcha's Socket.IO alone: who says what, in which order, and what is shown. */
#include "ws-edge/dialects/matcha.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

#define SAYS(event, json) "2/api/socket,[\"" event "\"," json "]"

static const dialect_t *const s_sio = &matcha_sio_dialect;

static void s_gets(talker_t *talker, err_t status, const void *object)
{
    answer_t answer = {.type = talker->type, .status = status, .object = object};
    s_sio->reply(&talker->talk, talker->tag, &answer);
}

/* Account 7, whose login is known to be ann. */
static talker_t *s_ann(void)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann")};
    talker_t *talker = talker_new(s_sio);
    talker_is_told(talker, SAYS("connect_logged_user", "7"));
    talker_expects_call(talker, "account.get", "{\"account\":7}", 0);
    s_gets(talker, ERR_OK, &account);
    assert_int_equal(talker->frames, 0);
    talker->calls = 0;
    return talker;
}

static void s_expects_refusal(talker_t *talker)
{
    assert_int_equal(talker->frames, 1);
    assert_true(slice_starts(buf_slice(&talker->said),
                             SLICE_LIT("42/api/socket,[\"refused\",{\"message\":\"")));
    talker->frames = 0;
}

/* What is said besides is hidden here: the tests with clients see it. */
static void posts_what_is_said(void **state)
{
    talker_t *talker = s_ann();
    (void)state;
    talker_is_told(talker, SAYS("message", "{\"text\":\"hi\",\"chat_id\":\"5\",\"author\":\"ann\","
                                           "\"creation_date\":\"now\",\"partner_id\":8}"));
    talker_expects_call(talker, "room.post", "{\"room\":5,\"text\":\"hi\"}", 2);
    s_gets(talker, ERR_NOT_FOUND, NULL);
    s_expects_refusal(talker);
    talker_destroy(&talker);
}

static void waits_for_the_login_and_for_joins(void **state)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann")};
    room_t room = {.id = 5};
    talker_t *talker = talker_new(s_sio);
    (void)state;
    talker_is_told(talker, SAYS("join", "\"5\""));
    talker_is_told(talker, SAYS("message", "{\"text\":\"a\",\"chat_id\":5,\"author\":\"ann\"}"));
    talker_is_told(talker, SAYS("message", "{\"text\":\"b\",\"chat_id\":5,\"author\":\"ann\"}"));
    assert_int_equal(talker->calls, 1); /* for the login */
    s_gets(talker, ERR_OK, &account);
    assert_int_equal(talker->calls, 2);
    talker_expects_call(talker, "room.get", "{\"room\":5}", 1);
    s_gets(talker, ERR_OK, &room);
    assert_int_equal(talker->room, 5);
    assert_int_equal(talker->calls, 2);
    s_sio->heard(&talker->talk, 0);
    assert_int_equal(talker->calls, 4);
    talker_expects_call(talker, "room.post", "{\"room\":5,\"text\":\"b\"}", 2);

    talker_is_told(talker, SAYS("join", "6"));
    talker_is_told(talker, SAYS("message", "{\"text\":\"c\",\"chat_id\":5,\"author\":\"ann\"}"));
    assert_int_equal(talker->calls, 5);
    s_gets(talker, ERR_NOT_FOUND, NULL);
    s_expects_refusal(talker);
    talker_expects_call(talker, "room.post", "{\"room\":5,\"text\":\"c\"}", 2);
    talker_destroy(&talker);
}

static void does_what_a_notification_says(void **state)
{
    static const struct {
        const char *type, *call, *args;
    } rows[] = {
        {"history", "people.visit", "{\"account\":8}"},
        {"like", "people.like", "{\"account\":8}"},
        {"dislike", "people.unlike", "{\"account\":8}"},
        {"fake", "people.report", "{\"account\":8,\"reason\":\"fake\"}"},
    };
    char packet[256];
    talker_t *talker = s_ann();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        snprintf(packet, sizeof packet,
                 SAYS("manage_notification",
                      "{\"author\":\"ann\",\"partner_id\":\"8\",\"type\":\"%s\"}"),
                 rows[i].type);
        talker_is_told(talker, packet);
        talker_expects_call(talker, rows[i].call, rows[i].args, 2);
    }
    talker_destroy(&talker);
}

static void refuses_what_is_not_theirs_or_not_so(void **state)
{
    static const char *const wrong[] = {
        SAYS("connect_logged_user", "8"),
        SAYS("connect_logged_user", "{}"),
        SAYS("join", "0"),
        SAYS("join", "\"x\""),
        SAYS("join", "\"12345678901234567\""),
        "2/api/socket,[\"join\"]",
        SAYS("message", "{\"text\":\"a\",\"chat_id\":5}"),
        SAYS("message", "{\"text\":\"a\",\"chat_id\":5,\"author\":\"bob\"}"),
        SAYS("message", "{\"text\":\"\",\"chat_id\":5,\"author\":\"ann\"}"),
        SAYS("message", "{\"text\":7,\"chat_id\":5,\"author\":\"ann\"}"),
        SAYS("message", "{\"text\":\"a\",\"author\":\"ann\"}"),
        SAYS("message", "\"text\""),
        SAYS("manage_notification", "{\"author\":\"bob\",\"partner_id\":8,\"type\":\"like\"}"),
        SAYS("manage_notification", "{\"author\":\"ann\",\"partner_id\":0,\"type\":\"like\"}"),
        SAYS("manage_notification", "{\"author\":\"ann\",\"type\":\"like\"}"),
        SAYS("manage_notification", "{\"author\":\"ann\",\"partner_id\":8,\"type\":\"marry\"}"),
        SAYS("manage_notification", "{\"author\":\"ann\",\"partner_id\":8}"),
        SAYS("no_such", "1"),
    };
    talker_t *talker = s_ann();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        talker_is_told(talker, wrong[i]);
        if (talker->frames != 1)
            fail_msg("taken: %s", wrong[i]);
        s_expects_refusal(talker);
    }
    assert_int_equal(talker->calls, 0);
    talker->talk.who = (who_t){0};
    talker_is_told(talker, SAYS("join", "5"));
    s_expects_refusal(talker);
    assert_int_equal(talker->calls, 0);
    talker_destroy(&talker);
}

/* Who comes after a sign-out is asked for anew. */
static void forgets_who_has_signed_out(void **state)
{
    talker_t *talker = s_ann();
    (void)state;
    s_sio->ended(&talker->talk);
    assert_int_equal(talker->code, 0);
    talker->talk.who = (who_t){.account = 8, .session = 80};
    talker_is_told(talker, SAYS("message", "{\"text\":\"a\",\"chat_id\":5,\"author\":\"ann\"}"));
    talker_expects_call(talker, "account.get", "{\"account\":8}", 0);
    s_gets(talker, ERR_OK, &(account_t){.id = 8, .login = SLICE_LIT("bob")});
    s_expects_refusal(talker);
    talker_destroy(&talker);
}

/* ---- events ---- */

static void s_expects_event(uint16_t number, const void *object, const char *expected)
{
    buf_t out = {0};
    event_t event = {.type = event_type(number), .object = object};
    bool shown = s_sio->event(&event, NULL, &out);
    if (expected == NULL)
        assert_false(shown);
    else if (!shown || !slice_is(buf_slice(&out), expected))
        fail_msg("%.*s", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

static void shows_a_message_as_it_was_sent(void **state)
{
    message_t message = {
        .room = 5,
        .login = SLICE_LIT("ann"),
        .text = SLICE_LIT("hi"),
        .time = INT64_C(1565192047000000),
        .client_time = SLICE_LIT("now"),
        .extra = SLICE_LIT("{\"partner_id\":8,\"author\":\"eve\"}"),
    };
    room_posted_event_t posted = {.message = &message};
    (void)state;
    s_expects_event(EVENT_room_posted, &posted,
                    "42/api/socket,[\"receive_message\",{\"type\":\"message\",\"text\":\"hi\","
                    "\"chat_id\":5,\"author\":\"ann\",\"creation_date\":\"now\","
                    "\"partner_id\":8}]");
    message.client_time = message.extra = (slice_t){0};
    s_expects_event(EVENT_room_posted, &posted,
                    "42/api/socket,[\"receive_message\",{\"type\":\"message\",\"text\":\"hi\","
                    "\"chat_id\":5,\"author\":\"ann\","
                    "\"creation_date\":\"2019-08-07 15:34:07\"}]");
}

static void shows_notifications_as_sentences(void **state)
{
    static const struct {
        notice_kind_t kind;
        const char *words;
    } rows[] = {
        {notice_kind_MESSAGE, "ann: hi"},
        {notice_kind_NOTE, "ann: hi"},
        {notice_kind_LIKE, "ann liked you"},
        {notice_kind_UNLIKE, "ann disliked you"},
        {notice_kind_VISIT, "ann has visited your profile"},
        {notice_kind_FAKE, "You are blocked"},
        {notice_kind_MATCH, NULL},
        {notice_kind_SYSTEM, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char expected[128];
        notified_event_t notified = {
            .kind = rows[i].kind, .from_login = SLICE_LIT("ann"), .text = SLICE_LIT("hi")};
        snprintf(expected, sizeof expected, "42/api/socket,[\"notification\",\"%s\"]",
                 rows[i].words != NULL ? rows[i].words : "");
        s_expects_event(EVENT_notified, &notified, rows[i].words != NULL ? expected : NULL);
    }
    s_expects_event(EVENT_room_typed, &(room_typed_event_t){.room = 5}, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_what_is_said),
        cmocka_unit_test(waits_for_the_login_and_for_joins),
        cmocka_unit_test(does_what_a_notification_says),
        cmocka_unit_test(refuses_what_is_not_theirs_or_not_so),
        cmocka_unit_test(forgets_who_has_signed_out),
        cmocka_unit_test(shows_a_message_as_it_was_sent),
        cmocka_unit_test(shows_notifications_as_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
