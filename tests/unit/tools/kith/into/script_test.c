/* script_test.c - records become what somebody did, follow from it, or cannot be said. */
#include "tools/kith/into/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/codec.h"
#include "schema/mem.h"

enum { ANN = 3, BEA = 4, PLAZA = 10 };

typedef struct world {
    script_t *script;
    arena_t *arena;
    buf_t body;
    int64_t time;
    uint64_t cause; /* of the next record */
    deed_t deed;    /* of the last one */
    const char *why;
} world_t;

static int s_begin(void **state)
{
    world_t *world = mem_new(world_t);
    world->script = script_new();
    world->arena = arena_new();
    world->time = 1000;
    *state = world;
    return 0;
}

static int s_end(void **state)
{
    world_t *world = *state;
    script_destroy(&world->script);
    arena_destroy(&world->arena);
    buf_free(&world->body);
    mem_free(world);
    return 0;
}

static script_verdict_t s_read(world_t *world, event_number_t event, uint64_t principal,
                               uint64_t room, const void *body)
{
    world->body.len = 0;
    codec_pack(&world->body, event_type((uint16_t)event)->shape(), body);
    world->why = NULL;
    const record_t record = {
        .type = (uint16_t)event,
        .seq = 1,
        .cause = world->cause,
        .time = world->time,
        .principal = principal,
        .room = room,
        .body = buf_slice(&world->body),
    };
    return script_read(world->script, &record, world->arena, &world->deed, &world->why);
}

/* The record is a deed: this call, by this account; its arguments. */
static const void *s_deed(world_t *world, script_verdict_t verdict, call_number_t call,
                          uint64_t doer)
{
    assert_int_equal(verdict, SCRIPT_DEED);
    assert_int_equal(world->deed.call, call);
    assert_int_equal(world->deed.doer, doer);
    return world->deed.args;
}

static script_verdict_t s_create(world_t *world, room_kind_t kind)
{
    const room_t room = {
        .id = PLAZA,
        .gid = SLICE_LIT("abcdefgh"),
        .kind = kind,
        .name = SLICE_LIT("plaza"),
        .created = 1,
        .creator = ANN,
        .first = kind == room_kind_DIRECT ? ANN : 0,
        .second = kind == room_kind_DIRECT ? BEA : 0,
    };
    return s_read(world, EVENT_room_created, ANN, PLAZA, &(room_created_event_t){&room});
}

static script_verdict_t s_join(world_t *world, uint64_t by, uint64_t account, room_role_t role)
{
    const membership_t member = {.room = PLAZA, .account = account, .role = role, .joined = 1};
    return s_read(world, EVENT_room_joined, by, PLAZA, &(room_joined_event_t){&member});
}

static void test_a_room_is_made_and_its_maker_is_in_it(void **state)
{
    world_t *world = *state;
    const room_create_call_t *create =
        s_deed(world, s_create(world, room_kind_OPEN), CALL_room_create, ANN);
    assert_int_equal(create->kind, room_kind_OPEN);
    assert_int_equal(world->deed.room, PLAZA);
    assert_int_equal(s_join(world, ANN, ANN, room_role_OWNER), SCRIPT_FOLLOWS);
    s_deed(world, s_join(world, BEA, BEA, room_role_MEMBER), CALL_room_join, BEA);
}

static void test_a_chat_of_two_is_asked_for(void **state)
{
    world_t *world = *state;
    const room_direct_call_t *direct =
        s_deed(world, s_create(world, room_kind_DIRECT), CALL_room_direct, ANN);
    assert_int_equal(direct->account, BEA);
    assert_int_equal(s_join(world, ANN, ANN, room_role_MEMBER), SCRIPT_FOLLOWS);
    assert_int_equal(s_join(world, ANN, BEA, room_role_MEMBER), SCRIPT_FOLLOWS);
}

static void test_a_chat_that_a_match_opened_is_asked_for_too(void **state)
{
    world_t *world = *state;
    world->cause = 9;
    s_deed(world, s_create(world, room_kind_DIRECT), CALL_room_direct, ANN);
    assert_true(world->deed.follows);
}

static void test_readers_enter_and_others_are_added(void **state)
{
    world_t *world = *state;
    s_create(world, room_kind_PRIVATE);
    s_join(world, ANN, ANN, room_role_OWNER);
    const room_join_call_t *join =
        s_deed(world, s_join(world, ANN, BEA, room_role_MEMBER), CALL_room_join, ANN);
    assert_int_equal(join->account, BEA);
    s_deed(world, s_join(world, 5, 5, room_role_READER), CALL_room_enter, 5);
}

static void test_a_role_is_given_and_a_mute_is_none(void **state)
{
    world_t *world = *state;
    membership_t member = {.room = PLAZA, .account = BEA, .role = room_role_MODERATOR, .joined = 1};
    const room_role_changed_event_t event = {.member = &member, .by = ANN};
    s_create(world, room_kind_OPEN);
    s_join(world, ANN, ANN, room_role_OWNER);
    s_join(world, BEA, BEA, room_role_MEMBER);
    s_deed(world, s_read(world, EVENT_room_role_changed, ANN, PLAZA, &event), CALL_room_set_role,
           ANN);
    member.muted_until = world->time + 60;
    const room_mute_call_t *mute = s_deed(
        world, s_read(world, EVENT_room_role_changed, ANN, PLAZA, &event), CALL_room_mute, ANN);
    assert_int_equal(mute->until, world->time + 60);
}

static void test_a_changed_room_has_another_name_or_topic(void **state)
{
    world_t *world = *state;
    room_t room = {
        .id = PLAZA,
        .gid = SLICE_LIT("abcdefgh"),
        .kind = room_kind_OPEN,
        .name = SLICE_LIT("agora"),
        .created = 1,
        .creator = ANN,
    };
    const room_changed_event_t event = {&room, ANN};
    s_create(world, room_kind_OPEN);
    s_deed(world, s_read(world, EVENT_room_changed, ANN, PLAZA, &event), CALL_room_rename, ANN);
    room.topic = SLICE_LIT("this and that");
    s_deed(world, s_read(world, EVENT_room_changed, ANN, PLAZA, &event), CALL_room_set_topic, ANN);
}

static void test_a_sign_up_comes_with_a_session_and_a_sign_in_is_another(void **state)
{
    world_t *world = *state;
    const session_opened_event_t opened = {.session = 1, .account = ANN};
    const account_registered_event_t registered = {
        .id = ANN, .login = SLICE_LIT("ann"), .username = SLICE_LIT("Ann")};
    s_deed(world, s_read(world, EVENT_account_registered, 0, 0, &registered), CALL_account_register,
           ANN);
    assert_int_equal(s_read(world, EVENT_session_opened, 0, 0, &opened), SCRIPT_FOLLOWS);
    world->time += 1;
    s_deed(world, s_read(world, EVENT_session_opened, 0, 0, &opened), CALL_session_open, ANN);
}

static void test_keys_are_nobodys_sign_in(void **state)
{
    world_t *world = *state;
    const session_opened_event_t opened = {
        .session = 1, .account = ANN, .scopes = SLICE_LIT("rooms")};
    assert_int_equal(s_read(world, EVENT_session_opened, 0, 0, &opened), SCRIPT_UNSAID);
    assert_non_null(world->why);
}

static void test_what_reacts_follows(void **state)
{
    world_t *world = *state;
    world->cause = 9;
    assert_int_equal(s_read(world, EVENT_people_unliked, 0, 0,
                            &(people_unliked_event_t){.account = ANN, .by = BEA}),
                     SCRIPT_FOLLOWS);
    world->cause = 0;
    s_deed(world,
           s_read(world, EVENT_people_unliked, BEA, 0,
                  &(people_unliked_event_t){.account = ANN, .by = BEA}),
           CALL_people_unlike, BEA);
    assert_int_equal(world->deed.whom, ANN);
}

static void test_of_all_notifications_only_notes_were_said(void **state)
{
    world_t *world = *state;
    notified_event_t event = {.account = ANN, .kind = notice_kind_LIKE, .from = BEA, .count = 1};
    assert_int_equal(s_read(world, EVENT_notified, BEA, 0, &event), SCRIPT_FOLLOWS);
    event.kind = notice_kind_NOTE;
    s_deed(world, s_read(world, EVENT_notified, BEA, 0, &event), CALL_notification_send, BEA);
}

static void test_what_was_redacted_is_not_said(void **state)
{
    world_t *world = *state;
    message_t message = {
        .id = 1,
        .room = PLAZA,
        .seq = 1,
        .sender = ANN,
        .login = SLICE_LIT("ann"),
        .username = SLICE_LIT("Ann"),
        .text = SLICE_LIT("hello"),
        .time = 1,
    };
    const room_posted_event_t event = {&message};
    s_deed(world, s_read(world, EVENT_room_posted, ANN, PLAZA, &event), CALL_room_post, ANN);
    assert_int_equal(world->deed.seq, 1);
    message.text = (slice_t){0};
    assert_int_equal(s_read(world, EVENT_room_posted, ANN, PLAZA, &event), SCRIPT_UNSAID);
}

static void test_what_cannot_be_read_is_told(void **state)
{
    world_t *world = *state;
    const record_t record = {.type = EVENT_room_posted, .seq = 1, .body = SLICE_LIT("\xc1")};
    assert_int_equal(script_read(world->script, &record, world->arena, &world->deed, &world->why),
                     SCRIPT_UNSAID);
    assert_non_null(world->why);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, s_begin, s_end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_room_is_made_and_its_maker_is_in_it),
        TEST(test_a_chat_of_two_is_asked_for),
        TEST(test_a_chat_that_a_match_opened_is_asked_for_too),
        TEST(test_readers_enter_and_others_are_added),
        TEST(test_a_role_is_given_and_a_mute_is_none),
        TEST(test_a_changed_room_has_another_name_or_topic),
        TEST(test_a_sign_up_comes_with_a_session_and_a_sign_in_is_another),
        TEST(test_keys_are_nobodys_sign_in),
        TEST(test_what_reacts_follows),
        TEST(test_of_all_notifications_only_notes_were_said),
        TEST(test_what_was_redacted_is_not_said),
        TEST(test_what_cannot_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
