/* room_match_test.c - the room of a match of the matchmaker: for all who are still there, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/actors/people.h"

enum { ANN = 1, BOB, CAT, PEOPLE = CAT, MATCH = 5 };

static int s_setup(void **state)
{
    static const char *const logins[] = {"ann", "bob", "cat"};
    *state = people_new(logins, PEOPLE);
    return 0;
}

static void s_match(staging_t *at, const uint64_t *accounts, size_t count)
{
    const match_t match = {.id = MATCH,
                           .queue = SLICE_LIT("duel"),
                           .tickets = {accounts, count},
                           .accounts = {accounts, count},
                           .time = at->now};
    staging_tell(at, EVENT_match_made, 0, &(match_made_event_t){.match = &match});
}

static const room_t *s_room(const staging_t *at)
{
    assert_int_equal(at->told[0].record.type, EVENT_room_created);
    return ((const room_created_event_t *)at->told[0].body)->room;
}

static void test_all_are_members_of_one_room(void **state)
{
    staging_t *at = *state;
    s_match(at, (const uint64_t[]){ANN, BOB, CAT}, 3);
    staging_crash(at); /* before it could be told */
    staging_commit(at);
    assert_int_equal(at->told_count, 4);
    const room_t *room = s_room(at);
    uint64_t id = room->id;
    assert_int_equal(room->kind, room_kind_PRIVATE);
    assert_int_equal(room->match, MATCH);
    assert_true(slice_is(room->name, "duel"));
    for (size_t i = 1; i <= PEOPLE; i++) {
        const membership_t *member = ((const room_joined_event_t *)at->told[i].body)->member;
        assert_int_equal(member->account, i);
        assert_int_equal(member->role, room_role_MEMBER);
    }
    staging_crash(at);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(ASK(at, BOB, room_post, .room = id, .text = SLICE_LIT("hello"))->status,
                     ERR_OK);
    assert_int_equal(ASK(at, ANN, room_leave, .room = id)->status, ERR_OK);
    assert_int_equal(ASK(at, BOB, room_delete, .room = id)->status, ERR_FORBIDDEN);
}

static void test_who_is_gone_is_left_out(void **state)
{
    staging_t *at = *state;
    staging_tell(at, EVENT_account_deleted, BOB,
                 &(account_deleted_event_t){BOB, SLICE_LIT("deleted")});
    s_match(at, (const uint64_t[]){BOB, CAT}, 2);
    staging_commit(at);
    assert_int_equal(at->told_count, 2);
    assert_int_equal(s_room(at)->creator, CAT);
    s_match(at, (const uint64_t[]){BOB}, 1);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
}

#define MATCH_TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MATCH_TEST(test_all_are_members_of_one_room),
        MATCH_TEST(test_who_is_gone_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
