/* chatbackend_sio_test.c - ChatBackend's Socket.IO alone: `auth` and what is heard after it. */
#include "ws-edge/dialects/chatbackend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

#define ANN "11111111-2222-4333-8444-555555555555"
#define BOB "66666666-7777-4888-8999-aaaaaaaaaaaa"
#define PUBLIC "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define AUTH(id, uuid, gid) \
    "2" id "[\"auth\",\"{\\\"uuid\\\":\\\"" uuid "\\\",\\\"room_gid\\\":\\\"" gid "\\\"}\"]"

static const dialect_t *const s_sio = &chatbackend_sio_dialect;

static talker_t *s_nobody(void)
{
    talker_t *talker = talker_new(s_sio);
    talker->talk.who = (who_t){0};
    return talker;
}

/* Whoever was to be bound is, and so on up to the acknowledgement. */
static void s_goes_on(talker_t *talker, uint64_t room)
{
    membership_t membership = {.room = room, .account = 7};
    answer_t found = {.type = call_type(CALL_room_find), .object = &membership};
    size_t binds = talker->binds;
    if (talker->talk.who.account == 0 || binds > 1) {
        talker->talk.who = (who_t){.account = 7, .session = 70};
        s_sio->bound(&talker->talk, 0, &(answer_t){.status = ERR_OK});
    }
    s_sio->reply(&talker->talk, 0, &found);
    s_sio->heard(&talker->talk, 0);
}

static void acknowledges_once_all_is_heard(void **state)
{
    talker_t *talker = s_nobody();
    membership_t membership = {.room = 5, .account = 7};
    answer_t found = {.type = call_type(CALL_room_find), .object = &membership};
    (void)state;
    talker_is_told(talker, AUTH("0", ANN, "S6VibswP"));
    assert_string_equal((const char *)talker->credential.data, ANN);
    assert_int_equal(talker->calls, 0);
    talker->talk.who = (who_t){.account = 7, .session = 70};
    s_sio->bound(&talker->talk, 0, &(answer_t){.status = ERR_OK});
    talker_expects_call(talker, "room.find", "{\"gid\":\"S6VibswP\"}", 0);
    s_sio->reply(&talker->talk, 0, &found);
    assert_int_equal(talker->room, 5);
    assert_int_equal(talker->frames, 0);
    s_sio->heard(&talker->talk, 0);
    talker_expects_frame(talker, "430[]");
    talker_destroy(&talker);
}

static void moves_and_is_acknowledged_again(void **state)
{
    talker_t *talker = s_nobody();
    (void)state;
    talker_is_told(talker, AUTH("1", ANN, "S6VibswP"));
    s_goes_on(talker, 5);
    talker_is_told(talker, AUTH("2", ANN, "S6VibswP"));
    assert_int_equal(talker->binds, 1); /* it is that one */
    s_goes_on(talker, 5);
    talker_expects_frame(talker, "432[]");
    assert_int_equal(talker->left, 0);
    talker_is_told(talker, AUTH("3", ANN, "wjLJb3Jo"));
    s_goes_on(talker, 6);
    assert_int_equal(talker->left, 5);
    assert_int_equal(talker->room, 6);
    talker_expects_frame(talker, "433[]");
    talker_is_told(talker, AUTH("4", BOB, "wjLJb3Jo"));
    assert_int_equal(talker->binds, 2);
    talker_destroy(&talker);
}

static void answers_all_at_the_end_of_the_last(void **state)
{
    talker_t *talker = s_nobody();
    (void)state;
    talker_is_told(talker, AUTH("1", ANN, "S6VibswP"));
    talker_is_told(talker, AUTH("2", ANN, "S6VibswP"));
    talker_is_told(talker, AUTH("", ANN, "wjLJb3Jo"));
    s_goes_on(talker, 5);
    assert_int_equal(talker->frames, 0);
    talker_expects_call(talker, "room.find", "{\"gid\":\"wjLJb3Jo\"}", 0);
    s_goes_on(talker, 6);
    assert_int_equal(talker->frames, 2);
    talker_expects_frame(talker, "432[]");
    talker_destroy(&talker);
}

static void disconnects_whoever_is_wrong(void **state)
{
    static const char *const wrong[] = {
        "20[\"auth\"]",
        "20[\"auth\",7]",
        "20[\"auth\",{\"uuid\":\"" ANN "\",\"room_gid\":\"S6VibswP\"}]",
        "20[\"auth\",\"{\"]",
        AUTH("0", "no-uuid", "S6VibswP"),
        AUTH("0", ANN, "short"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        talker_t *talker = s_nobody();
        talker_is_told(talker, wrong[i]);
        talker_expects_frame(talker, "41");
        assert_int_equal(talker->code, 4401);
        assert_int_equal(talker->binds, 0);
        talker_destroy(&talker);
    }
    talker_t *stranger = s_nobody();
    talker_is_told(stranger, AUTH("0", ANN, "S6VibswP"));
    s_sio->bound(&stranger->talk, 0, &(answer_t){.status = ERR_UNAUTHENTICATED});
    talker_expects_frame(stranger, "41");
    talker_destroy(&stranger);
    talker_t *lost = s_nobody();
    talker_is_told(lost, AUTH("0", ANN, "S6VibswP"));
    s_sio->reply(&lost->talk, 0, &(answer_t){.status = ERR_NOT_FOUND});
    talker_expects_frame(lost, "41");
    talker_destroy(&lost);
}

static void disconnects_whoever_asks_without_end(void **state)
{
    talker_t *talker = s_nobody();
    (void)state;
    for (int i = 0; i < 8; i++)
        talker_is_told(talker, AUTH("0", ANN, "S6VibswP"));
    assert_int_equal(talker->frames, 0);
    talker_is_told(talker, AUTH("0", ANN, "S6VibswP"));
    talker_expects_frame(talker, "41");
    talker_destroy(&talker);
}

/* ---- events ---- */

static void s_expects_event(const void *own, uint16_t number, const void *object,
                            const char *expected)
{
    buf_t out = {0};
    event_t event = {.type = event_type(number), .object = object};
    bool shown = s_sio->event(&event, own, &out);
    if (expected == NULL)
        assert_false(shown);
    else if (!shown || !slice_is(buf_slice(&out), expected))
        fail_msg("%.*s", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

static void shows_messages_and_who_comes(void **state)
{
    message_t message = {
        .id = 36,
        .room = 5,
        .uuid = SLICE_LIT(PUBLIC),
        .username = SLICE_LIT("Ann"),
        .text = SLICE_LIT("hi"),
        .time = INT64_C(1548067274468027),
    };
    room_posted_event_t posted = {.message = &message};
    room_presence_event_t presence = {.room = 5,
                                      .account = 7,
                                      .username = SLICE_LIT("Ann"),
                                      .uuid = SLICE_LIT(PUBLIC),
                                      .here = 1};
    talker_t *talker = s_nobody();
    const void *own = talker->talk.state;
    (void)state;
    talker_is_told(talker, AUTH("1", ANN, "S6VibswP"));
    s_goes_on(talker, 5);
    s_expects_event(NULL, EVENT_room_posted, &posted,
                    "42[\"message\",{\"sender\":{\"uuid\":\"" PUBLIC "\",\"username\":\"Ann\"},"
                    "\"msg\":{\"msgId\":36,\"txt\":\"hi\",\"timestamp\":1548067274.468027}}]");
    s_expects_event(own, EVENT_room_posted, &posted,
                    "42[\"message\",{\"sender\":{\"uuid\":\"" ANN "\",\"username\":\"Ann\"},"
                    "\"msg\":{\"msgId\":36,\"txt\":\"hi\",\"timestamp\":1548067274.468027}}]");
    s_expects_event(NULL, EVENT_room_presence, &presence,
                    "42[\"join_room\",{\"user\":\"Ann\",\"uuid\":\"" PUBLIC "\"}]");
    presence.here = false;
    s_expects_event(own, EVENT_room_presence, &presence,
                    "42[\"leave_room\",{\"user\":\"Ann\",\"uuid\":\"" ANN "\"}]");
    message.room = presence.room = 6; /* of one's own, elsewhere */
    s_expects_event(own, EVENT_room_posted, &posted, NULL);
    s_expects_event(own, EVENT_room_presence, &presence, NULL);
    s_expects_event(NULL, EVENT_room_typed, &(room_typed_event_t){.room = 5}, NULL);
    talker_destroy(&talker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acknowledges_once_all_is_heard),
        cmocka_unit_test(moves_and_is_acknowledged_again),
        cmocka_unit_test(answers_all_at_the_end_of_the_last),
        cmocka_unit_test(disconnects_whoever_is_wrong),
        cmocka_unit_test(disconnects_whoever_asks_without_end),
        cmocka_unit_test(shows_messages_and_who_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
