/* room_gid_test.c - rooms that are known by their gid: who finds them, and who else sees
 * them. */
#include "tests/unit/actors/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { GID_SIZE = 8 };

static const outcome_t *s_find(staging_t *at, uint64_t who, const char *gid)
{
    return ASK(at, who, room_find, .gid = slice_of(gid));
}

/* A room of Alice's; its gid. */
static uint64_t s_room(staging_t *at, room_kind_t kind, bool by_gid, char gid[GID_SIZE + 1])
{
    const outcome_t *outcome = ASK(at, ALICE, room_create, .kind = kind, .by_gid = by_gid);
    assert_int_equal(outcome->status, ERR_OK);
    const room_t *room = outcome->answer;
    memcpy(gid, room->gid.ptr, GID_SIZE);
    gid[GID_SIZE] = '\0';
    return room->id;
}

static void test_a_gid_makes_a_reader_and_the_id_alone_none(void **state)
{
    staging_t *at = *state;
    char gid[GID_SIZE + 1];
    uint64_t room = s_room(at, room_kind_OPEN, true, gid);
    talk_check(ASK(at, BOB, room_enter, .room = room), ERR_NOT_FOUND);
    talk_check(ASK(at, BOB, room_join, .room = room), ERR_NOT_FOUND);
    talk_check(ASK(at, BOB, room_post, .room = room, .text = SLICE_LIT("x")), ERR_NOT_FOUND);
    talk_check(ASK(at, BOB, room_history, .room = room), ERR_NOT_FOUND);
    talk_check(s_find(at, BOB, "aaaaaaaa"), ERR_NOT_FOUND);

    const outcome_t *outcome = s_find(at, BOB, gid);
    talk_check(outcome, ERR_OK);
    assert_int_equal(((const membership_t *)outcome->answer)->room, room);
    assert_int_equal(((const membership_t *)outcome->answer)->role, room_role_READER);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(at->told[0].record.type, EVENT_room_joined);
    talk_check(ASK(at, BOB, room_history, .room = room), ERR_OK);
    talk_check(s_find(at, BOB, gid), ERR_OK);
    assert_int_equal(at->told_count, 0);
}

static void test_a_gid_finds_any_open_room(void **state)
{
    staging_t *at = *state;
    char gid[GID_SIZE + 1];
    uint64_t room = s_room(at, room_kind_OPEN, false, gid);
    talk_check(ASK(at, BOB, room_history, .room = room), ERR_OK);
    talk_check(s_find(at, BOB, gid), ERR_OK);
    talk_check(s_find(at, ALICE, gid), ERR_OK);
}

static void test_a_gid_opens_no_room_that_is_not_open(void **state)
{
    staging_t *at = *state;
    char gid[GID_SIZE + 1];
    (void)s_room(at, room_kind_PRIVATE, true, gid);
    talk_check(s_find(at, BOB, gid), ERR_NOT_FOUND);
    talk_check(s_find(at, ALICE, gid), ERR_OK);
}

static void test_a_gid_lets_nobody_in_who_is_banned_or_comes_too_late(void **state)
{
    staging_t *at = *state;
    char gid[GID_SIZE + 1];
    uint64_t room = s_room(at, room_kind_OPEN, true, gid);
    talk_check(ASK(at, ALICE, room_ban, .room = room, .account = BOB), ERR_OK);
    talk_check(s_find(at, BOB, gid), ERR_FORBIDDEN);
    talk_check(ASK(at, ALICE, room_delete, .room = room), ERR_OK);
    talk_check(s_find(at, CAROL, gid), ERR_NOT_FOUND);
}

/* The edge shows it to those whose clients call people by uuids. */
static void test_a_message_has_its_senders_public_uuid(void **state)
{
    static const char uuid[] = "99f0e998-1360-41e9-8b6c-00e04c681690";
    enum { NEW = PEOPLE + 1 };
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, ALICE);
    staging_tell(at, EVENT_account_registered, NEW,
                 &(account_registered_event_t){
                     .id = NEW,
                     .login = SLICE_LIT("new"),
                     .username = SLICE_LIT("new"),
                     .uuid = slice_of(uuid),
                 });
    const outcome_t *outcome = ASK(at, NEW, room_post, .room = room, .text = SLICE_LIT("x"));
    assert_true(slice_is(talk_message(outcome)->uuid, uuid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TALK(test_a_gid_makes_a_reader_and_the_id_alone_none),
        TALK(test_a_gid_finds_any_open_room),
        TALK(test_a_gid_opens_no_room_that_is_not_open),
        TALK(test_a_gid_lets_nobody_in_who_is_banned_or_comes_too_late),
        TALK(test_a_message_has_its_senders_public_uuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
