/* circle_test.c - who may know that somebody is here, and who is told. */
#include "actors/session/circle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/actors/staging.h"

enum { EDGE = 10, ANN = 1, BOB, CAT, DAN, SECOND_US = 1000000 };

static void s_sign_up(staging_t *at, const char *login)
{
    account_register_call_t ask = {.login = slice_of(login), .password = SLICE_LIT("secret-1")};
    assert_int_equal(staging_ask(at, CALL_account_register, &ask)->status, ERR_OK);
}

static int s_setup(void **state)
{
    static const char *const people[] = {"ann", "bob", "cat", "dan"};
    staging_t *at = staging_new(&session_actor);
    for (size_t i = 0; i < COUNT_OF(people); i++)
        s_sign_up(at, people[i]);
    *state = at;
    return 0;
}

/* ---- what the room actor says ---- */

static void s_join(staging_t *at, uint64_t room, uint64_t account)
{
    membership_t member = {
        .room = room, .account = account, .role = room_role_MEMBER, .joined = at->now};
    staging_tell(at, EVENT_room_joined, account, &(room_joined_event_t){&member});
}

static void s_leave(staging_t *at, uint64_t room, uint64_t account)
{
    staging_tell(at, EVENT_room_left, account, &(room_left_event_t){room, account});
}

static void s_delete(staging_t *at, uint64_t room)
{
    staging_tell(at, EVENT_room_deleted, 0, &(room_deleted_event_t){.room = room});
}

/* ---- what is asked and told ---- */

static void s_set(staging_t *at, uint64_t account, bool online)
{
    presence_set_call_t told = {account, online};
    at->origin = EDGE;
    assert_int_equal(staging_ask(at, CALL_presence_set, &told)->status, ERR_OK);
    staging_tick(at);
}

static const presence_list_t *s_presences(staging_t *at, uint64_t asker)
{
    static const uint64_t all[] = {ANN, BOB, CAT, DAN, 99};
    presence_get_call_t ask = {{all, COUNT_OF(all)}};
    at->principal = asker;
    const outcome_t *outcome = staging_ask(at, CALL_presence_get, &ask);
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

/* Who of the four is shown to the asker: a bit each. */
static unsigned s_shown(staging_t *at, uint64_t asker)
{
    const presence_list_t *list = s_presences(at, asker);
    const presence_state_t *people = list->people.items;
    unsigned shown = 0;
    for (size_t i = 0; i < list->people.count; i++)
        shown |= 1u << people[i].account;
    return shown;
}

static bool s_is_online(staging_t *at, uint64_t asker, uint64_t account)
{
    const presence_list_t *list = s_presences(at, asker);
    const presence_state_t *people = list->people.items;
    for (size_t i = 0; i < list->people.count; i++)
        if (people[i].account == account)
            return people[i].online;
    fail_msg("%llu is not shown", (unsigned long long)account);
    return false;
}

static unsigned s_bits(uint64_t one, uint64_t other)
{
    return 1u << one | 1u << other;
}

/* In how many rooms the last tick said so. */
static size_t s_rooms_told(const staging_t *at)
{
    size_t rooms = 0;
    for (size_t i = 0; i < at->told_count; i++)
        rooms += at->told[i].record.type == EVENT_presence_changed && at->told[i].record.room > 0;
    return rooms;
}

static bool s_sees_email(staging_t *at, uint64_t one, uint64_t other)
{
    at->principal = one;
    const outcome_t *outcome = staging_ask(at, CALL_account_get, &(account_get_call_t){other});
    assert_int_equal(outcome->status, ERR_OK);
    return ((const account_t *)outcome->answer)->email.len > 0;
}

/* ---- tests ---- */

static void test_only_those_in_a_room_with_them_may_know(void **state)
{
    staging_t *at = *state;
    s_join(at, 1, ANN);
    s_join(at, 1, BOB);
    s_join(at, 2, BOB);
    s_join(at, 2, CAT);
    assert_int_equal(s_shown(at, ANN), s_bits(ANN, BOB));
    assert_int_equal(s_shown(at, BOB), s_bits(ANN, BOB) | 1u << CAT);
    assert_int_equal(s_shown(at, DAN), 1u << DAN);
    s_leave(at, 1, BOB);
    assert_int_equal(s_shown(at, ANN), 1u << ANN);
    s_delete(at, 2);
    assert_int_equal(s_shown(at, CAT), 1u << CAT);
}

static void test_an_operator_knows_of_everyone(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_shown(at, 0), s_bits(ANN, BOB) | s_bits(CAT, DAN));
}

static void test_small_rooms_are_told_once_each(void **state)
{
    staging_t *at = *state;
    for (uint64_t room = 1; room <= 3; room++) {
        s_join(at, room, ANN);
        s_join(at, room, BOB);
    }
    s_join(at, 2, ANN); /* again: a reader becomes a member */
    s_set(at, ANN, true);
    assert_int_equal(at->told_count, 4);
    assert_int_equal(at->told[0].record.account, ANN);
    assert_int_equal(at->told[0].record.room, 0);
    assert_int_equal(s_rooms_told(at), 3);
    s_leave(at, 2, ANN);
    s_delete(at, 3);
    s_set(at, ANN, false);
    assert_int_equal(s_rooms_told(at), 1);
}

static void test_a_room_of_one_is_not_told(void **state)
{
    staging_t *at = *state;
    s_join(at, 1, ANN);
    s_set(at, ANN, true);
    assert_int_equal(s_rooms_told(at), 0);
}

static void test_large_rooms_are_asked_not_told(void **state)
{
    staging_t *at = *state;
    for (uint64_t account = 1; account <= CIRCLE_MEMBERS; account++)
        s_join(at, 1, account);
    s_set(at, ANN, true);
    assert_int_equal(s_rooms_told(at), 1);
    s_join(at, 1, CIRCLE_MEMBERS + 1);
    s_set(at, ANN, false);
    assert_int_equal(s_rooms_told(at), 0);
    assert_true(s_shown(at, BOB) & 1u << ANN);
    s_leave(at, 1, CIRCLE_MEMBERS + 1);
    s_set(at, ANN, true);
    assert_int_equal(s_rooms_told(at), 1);
}

static void test_at_most_two_hundred_rooms_are_told(void **state)
{
    staging_t *at = *state;
    for (uint64_t room = 1; room <= 230; room++) {
        s_join(at, room, ANN);
        s_join(at, room, BOB);
    }
    s_set(at, ANN, true);
    assert_int_equal(s_rooms_told(at), 200);
    assert_int_equal(at->told[1].record.room, 31);
    assert_true(s_shown(at, BOB) & 1u << ANN);
}

static void test_saying_so_counts_for_five_minutes(void **state)
{
    staging_t *at = *state;
    s_join(at, 1, ANN);
    s_join(at, 1, BOB);
    at->principal = ANN;
    assert_int_equal(staging_ask(at, CALL_presence_online, &(presence_online_call_t){true})->status,
                     ERR_OK);
    staging_tick(at);
    assert_int_equal(s_rooms_told(at), 1);
    at->now += INT64_C(299) * SECOND_US;
    assert_true(s_is_online(at, BOB, ANN));
    at->now += INT64_C(2) * SECOND_US;
    staging_tick(at);
    assert_int_equal(s_rooms_told(at), 1);
    assert_false(s_is_online(at, BOB, ANN));
}

static void test_saying_so_survives_a_restart(void **state)
{
    staging_t *at = *state;
    at->principal = ANN;
    assert_int_equal(staging_ask(at, CALL_presence_online, &(presence_online_call_t){true})->status,
                     ERR_OK);
    staging_restart(at);
    assert_true(s_is_online(at, ANN, ANN));
    at->now += INT64_C(301) * SECOND_US;
    staging_tick(at);
    assert_false(s_is_online(at, ANN, ANN));
}

static void test_the_word_can_be_taken_back(void **state)
{
    staging_t *at = *state;
    at->principal = ANN;
    staging_ask(at, CALL_presence_online, &(presence_online_call_t){true});
    staging_ask(at, CALL_presence_online, &(presence_online_call_t){false});
    assert_false(s_is_online(at, ANN, ANN));
    at->principal = ANN;
    staging_ask(at, CALL_presence_online, &(presence_online_call_t){false});
    assert_int_equal(at->told_count, 0);
}

static void test_strangers_see_nobody_online(void **state)
{
    staging_t *at = *state;
    s_set(at, ANN, true);
    at->principal = DAN;
    const account_t *seen = staging_ask(at, CALL_account_get, &(account_get_call_t){ANN})->answer;
    assert_false(seen->online);
    s_join(at, 1, ANN);
    s_join(at, 1, DAN);
    at->principal = DAN;
    seen = staging_ask(at, CALL_account_get, &(account_get_call_t){ANN})->answer;
    assert_true(seen->online);
}

static void test_who_opens_a_direct_room_shows_their_email(void **state)
{
    staging_t *at = *state;
    account_register_call_t ask = {.login = SLICE_LIT("eve"),
                                   .email = SLICE_LIT("eve@example.org"),
                                   .password = SLICE_LIT("secret-1")};
    assert_int_equal(staging_ask(at, CALL_account_register, &ask)->status, ERR_OK);
    uint64_t eve = DAN + 1;
    assert_false(s_sees_email(at, ANN, eve));
    room_t direct = {.id = 7,
                     .gid = SLICE_LIT("abcdefgh"),
                     .kind = room_kind_DIRECT,
                     .creator = eve,
                     .first = eve,
                     .second = ANN};
    staging_tell(at, EVENT_room_created, eve, &(room_created_event_t){&direct});
    assert_true(s_sees_email(at, ANN, eve));
    assert_false(s_sees_email(at, BOB, eve));
    direct = (room_t){.id = 8,
                      .gid = SLICE_LIT("abcdefgk"),
                      .kind = room_kind_DIRECT,
                      .creator = BOB,
                      .first = BOB,
                      .second = eve};
    staging_tell(at, EVENT_room_created, BOB, &(room_created_event_t){&direct});
    assert_false(s_sees_email(at, BOB, eve)); /* nobody asked her */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_those_in_a_room_with_them_may_know),
        TEST(test_an_operator_knows_of_everyone),
        TEST(test_small_rooms_are_told_once_each),
        TEST(test_a_room_of_one_is_not_told),
        TEST(test_large_rooms_are_asked_not_told),
        TEST(test_at_most_two_hundred_rooms_are_told),
        TEST(test_saying_so_counts_for_five_minutes),
        TEST(test_saying_so_survives_a_restart),
        TEST(test_the_word_can_be_taken_back),
        TEST(test_strangers_see_nobody_online),
        TEST(test_who_opens_a_direct_room_shows_their_email),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
