/* native_sio_test.c - the native API's Socket.IO alone: calls, acknowledgements, events. */
#include "ws-edge/dialect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

static const dialect_t *const s_plain = &native_sio_dialect;
static const dialect_t *const s_at = &native_sio_at_dialect;

static void makes_a_call_of_an_event(void **state)
{
    talker_t *talker = talker_new(s_plain);
    (void)state;
    talker_is_told(talker, "20[\"room.get\",{\"room\":5}]");
    talker_expects_call(talker, "room.get", "{\"room\":5}", 1);
    talker_is_told(talker, "29007199254740991[\"room.get\",{\"room\":6}]");
    talker_expects_call(talker, "room.get", "{\"room\":6}", UINT64_C(1) << 53);
    talker_is_told(talker, "2[\"session.list\"]");
    talker_expects_call(talker, "session.list", "{}", 0);
    talker_is_told(talker, "2[\"session.list\",null]");
    assert_int_equal(talker->calls, 4);
    talker_is_told(talker, "27[\"room.history\",{\"room\":5,\"after\":0}]");
    talker_expects_call(talker, "room.history", "{\"room\":5}", 8);
    assert_int_equal(talker->frames, 0);
    talker_destroy(&talker);
}

static void refuses_what_is_no_call(void **state)
{
    static const struct {
        const char *packet, *start;
    } rows[] = {
        {"24[\"no.such\"]", "434[{\"error\":{\"name\":\"unknown_type\""},
        {"24[7]", "434[{\"error\":{\"name\":\"unknown_type\""},
        {"24[\"room.get\",{\"rum\":5}]", "434[{\"error\":{\"name\":\"unknown_field\""},
        {"24[\"room.get\",{}]", "434[{\"error\":{\"name\":\"invalid\""},
        {"24[\"room.get\",5]", "434[{\"error\":{\"name\":\"invalid\""},
        {"24[\"room.get\",{\"room\":5},1]", "434[{\"error\":{\"name\":\"invalid\""},
        {"2[\"room.get\",{}]", "42[\"refused\",{\"type\":\"room.get\",\"error\":{\"name\":"},
    };
    talker_t *talker = talker_new(s_plain);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        talker_is_told(talker, rows[i].packet);
        assert_int_equal(talker->frames, i + 1);
        if (!slice_starts(buf_slice(&talker->said), slice_of(rows[i].start)))
            fail_msg("%s: %s", rows[i].packet, (const char *)talker->said.data);
    }
    assert_int_equal(talker->calls, 0);
    talker_destroy(&talker);
}

static void answers_who_wants_an_answer(void **state)
{
    talker_t *talker = talker_new(s_plain);
    message_t message = {.id = 1, .room = 5, .seq = 2, .sender = 7, .time = 3};
    answer_t answer = {
        .type = call_type(CALL_room_post),
        .as_of = 9,
        .object = &message,
    };
    (void)state;
    s_plain->reply(&talker->talk, 4, &answer);
    assert_true(slice_starts(buf_slice(&talker->said),
                             SLICE_LIT("433[{\"as_of\":9,\"body\":{\"id\":1,\"room\":5,")));
    s_plain->reply(&talker->talk, 0, &answer);
    assert_int_equal(talker->frames, 1); /* nobody asked */
    answer = (answer_t){.type = call_type(CALL_room_post), .status = ERR_NOT_FOUND};
    s_plain->reply(&talker->talk, 0, &answer);
    assert_true(slice_starts(buf_slice(&talker->said),
                             SLICE_LIT("42[\"refused\",{\"type\":\"room.post\",\"error\":{")));
    talker_destroy(&talker);
}

static void becomes_whoever_signs_in(void **state)
{
    talker_t *talker = talker_new(s_plain);
    account_t account = {.id = 7, .login = SLICE_LIT("ann")};
    signed_in_t session = {.session = 70, .account = &account};
    answer_t answer = {
        .type = call_type(CALL_session_open),
        .object = &session,
        .token = SLICE_LIT("a.b.c"),
    };
    (void)state;
    s_plain->reply(&talker->talk, 1, &answer); /* who is somebody stays that */
    assert_int_equal(talker->binds, 0);
    talker->talk.who = (who_t){0};
    s_plain->reply(&talker->talk, 1, &answer);
    assert_string_equal((const char *)talker->credential.data, "a.b.c");
    talker_destroy(&talker);
}

static void welcomes_somebody(void **state)
{
    standing_t standing = {.as_of = 12, .resumed = true};
    talker_t *plain = talker_new(s_plain), *at = talker_new(s_at);
    (void)state;
    s_plain->welcome(&plain->talk, &standing);
    talker_expects_frame(plain, "42[\"welcome\",{\"account\":7,\"session\":70,\"resumed\":true}]");
    s_at->welcome(&at->talk, &standing);
    talker_expects_frame(at,
                         "42[\"welcome\",{\"account\":7,\"session\":70,\"resumed\":true},\"12\"]");
    plain->talk.who = (who_t){0};
    s_plain->welcome(&plain->talk, &standing);
    assert_int_equal(plain->frames, 1);
    talker_destroy(&plain);
    talker_destroy(&at);
}

static void s_expects_event(const dialect_t *dialect, uint64_t seq, const char *expected)
{
    buf_t out = {0};
    room_typed_event_t typing = {.room = 5, .account = 7};
    event_t event = {.type = event_type(EVENT_room_typed), .seq = seq, .object = &typing};
    assert_true(dialect->event(&event, NULL, &out));
    if (!slice_is(buf_slice(&out), expected))
        fail_msg("%.*s", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

static void shows_an_event_with_its_offset_or_without(void **state)
{
    (void)state;
    s_expects_event(s_plain, 8, "42[\"room.typing\",{\"room\":5,\"account\":7}]");
    s_expects_event(s_at, 8, "42[\"room.typing\",{\"room\":5,\"account\":7},\"8\"]");
    s_expects_event(s_at, 0, "42[\"room.typing\",{\"room\":5,\"account\":7}]"); /* unrecorded */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_call_of_an_event),
        cmocka_unit_test(refuses_what_is_no_call),
        cmocka_unit_test(answers_who_wants_an_answer),
        cmocka_unit_test(becomes_whoever_signs_in),
        cmocka_unit_test(welcomes_somebody),
        cmocka_unit_test(shows_an_event_with_its_offset_or_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
