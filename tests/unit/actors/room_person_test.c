/* room_person_test.c - rooms hear who people are from now on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/actors/people.h"

enum { ALICE = 1, BOB };

static int s_setup(void **state)
{
    static const char *const logins[] = {"alice", "bob"};
    *state = people_new(logins, 2);
    return 0;
}

static uint64_t s_room(staging_t *at, uint64_t who, room_kind_t kind)
{
    const outcome_t *outcome = ASK(at, who, room_create, .kind = kind, .name = SLICE_LIT("a room"));
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->id;
}

/* Under which name the room sees what they say. */
static void s_assert_name(staging_t *at, uint64_t who, uint64_t room, const char *name)
{
    const outcome_t *outcome = ASK(at, who, room_post, .room = room, .text = SLICE_LIT("hello"));
    assert_int_equal(outcome->status, ERR_OK);
    assert_true(slice_is(((const message_t *)outcome->answer)->username, name));
}

static void test_a_new_name_is_that_of_the_next_message(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    s_assert_name(at, ALICE, room, "alice");
    staging_tell(at, EVENT_account_renamed, ALICE,
                 &(account_renamed_event_t){ALICE, SLICE_LIT("Alice A.")});
    s_assert_name(at, ALICE, room, "Alice A.");
}

static void test_who_becomes_an_admin_sees_every_room(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_PRIVATE);
    assert_int_equal(ASK(at, BOB, room_get, .room = room)->status, ERR_NOT_FOUND);
    staging_tell(at, EVENT_role_changed, BOB, &(role_changed_event_t){BOB, role_ADMIN});
    assert_int_equal(ASK(at, BOB, room_get, .room = room)->status, ERR_OK);
    staging_tell(at, EVENT_role_changed, BOB, &(role_changed_event_t){BOB, role_USER});
    assert_int_equal(ASK(at, BOB, room_get, .room = room)->status, ERR_NOT_FOUND);
}

static void test_nobody_begins_anything_with_a_deleted_account(void **state)
{
    staging_t *at = *state;
    staging_tell(at, EVENT_account_deleted, BOB,
                 &(account_deleted_event_t){BOB, SLICE_LIT("deleted")});
    assert_int_equal(ASK(at, ALICE, room_direct, .account = BOB)->status, ERR_NOT_FOUND);
    uint64_t room = s_room(at, ALICE, room_kind_PRIVATE);
    assert_int_equal(ASK(at, ALICE, room_join, .room = room, .account = BOB)->status,
                     ERR_NOT_FOUND);
}

static void test_changes_of_nobody_change_nothing(void **state)
{
    staging_t *at = *state;
    staging_tell(at, EVENT_account_renamed, 99,
                 &(account_renamed_event_t){99, SLICE_LIT("nobody")});
    assert_int_equal(staging_rows(at, 'P'), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_new_name_is_that_of_the_next_message),
        TEST(test_who_becomes_an_admin_sees_every_room),
        TEST(test_nobody_begins_anything_with_a_deleted_account),
        TEST(test_changes_of_nobody_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
