/* blocks_test.c - the session actor on what the matching actor tells: blocks hide people from
 * each other, profiles show them to others, and a decided report may ban. */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { EDGE = 10, ANN = 1, BOB, CAT };

static void s_sign_up(staging_t *at, const char *login)
{
    account_register_call_t ask = {.login = slice_of(login), .password = SLICE_LIT("secret-1")};
    assert_int_equal(staging_ask(at, CALL_account_register, &ask)->status, ERR_OK);
}

static int s_setup(void **state)
{
    staging_t *at = staging_new(&session_actor);
    s_sign_up(at, "ann");
    s_sign_up(at, "bob");
    s_sign_up(at, "cat");
    at->origin = EDGE;
    *state = at;
    return 0;
}

#define TELL(at, event, to, from) \
    staging_tell((at), EVENT_##event, (from), &(event##_event_t){.account = (to), .by = (from)})

static err_t s_get(staging_t *at, uint64_t who, uint64_t whom)
{
    at->principal = who;
    return staging_ask(at, CALL_account_get, &(account_get_call_t){whom})->status;
}

static size_t s_listed(staging_t *at, uint64_t who)
{
    at->principal = who;
    const outcome_t *outcome = staging_ask(at, CALL_account_list, &(account_list_call_t){0});
    return ((const account_list_t *)outcome->answer)->accounts.count;
}

static size_t s_known(staging_t *at, uint64_t who, uint64_t whom)
{
    at->principal = who;
    const outcome_t *outcome =
        staging_ask(at, CALL_presence_get, &(presence_get_call_t){{&whom, 1}});
    return ((const presence_list_t *)outcome->answer)->people.count;
}

static void s_show(staging_t *at, uint64_t account, bool hidden)
{
    const profile_t profile = {.account = account, .hidden = hidden};
    staging_tell(at, EVENT_profile_updated, account, &(profile_updated_event_t){&profile});
}

/* A direct room of Ann and Bob. */
static void s_open_room(staging_t *at)
{
    const room_t room = {.id = 7,
                         .gid = SLICE_LIT("abcdefgh"),
                         .kind = room_kind_DIRECT,
                         .creator = ANN,
                         .first = ANN,
                         .second = BOB};
    staging_tell(at, EVENT_room_created, ANN, &(room_created_event_t){&room});
    for (uint64_t account = ANN; account <= BOB; account++)
        staging_tell(at, EVENT_room_joined, account,
                     &(room_joined_event_t){
                         &(membership_t){.room = 7, .account = account, .role = room_role_MEMBER}});
}

static void test_the_blocked_is_not_there(void **state)
{
    staging_t *at = *state;
    TELL(at, people_blocked, BOB, ANN);
    assert_int_equal(s_get(at, BOB, ANN), ERR_NOT_FOUND);
    assert_int_equal(s_get(at, ANN, BOB), ERR_NOT_FOUND);
    assert_int_equal(s_get(at, CAT, ANN), ERR_OK);
    assert_int_equal(s_get(at, 0, ANN), ERR_OK); /* an operator */
    assert_int_equal(s_listed(at, BOB), 2);
    assert_int_equal(s_listed(at, CAT), 3);
    TELL(at, people_unblocked, BOB, ANN);
    assert_int_equal(s_get(at, BOB, ANN), ERR_OK);
}

static void test_a_profile_shows_whether_one_is_here(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_known(at, BOB, ANN), 0);
    s_show(at, ANN, false);
    assert_int_equal(s_known(at, BOB, ANN), 1);
    TELL(at, people_blocked, ANN, BOB);
    assert_int_equal(s_known(at, BOB, ANN), 0);
    assert_int_equal(s_known(at, CAT, ANN), 1);
    s_show(at, ANN, true);
    assert_int_equal(s_known(at, CAT, ANN), 0);
}

static size_t s_told_rooms(staging_t *at)
{
    size_t rooms = 0;
    presence_set_call_t come = {ANN, true}, go = {ANN, false};
    staging_send(at, CALL_presence_set, &come);
    staging_tick(at);
    for (size_t i = 0; i < at->told_count; i++)
        rooms += at->told[i].record.type == EVENT_presence_changed && at->told[i].record.room == 7;
    staging_send(at, CALL_presence_set, &go);
    staging_tick(at);
    return rooms;
}

static void test_a_shut_room_hears_nobody_come(void **state)
{
    staging_t *at = *state;
    s_open_room(at);
    assert_int_equal(s_told_rooms(at), 1);
    TELL(at, people_blocked, BOB, ANN);
    assert_int_equal(s_told_rooms(at), 0);
}

static void test_who_comes_is_not_told_across_a_block(void **state)
{
    staging_t *at = *state;
    TELL(at, people_blocked, BOB, ANN);
    staging_send(at, CALL_presence_set, &(presence_set_call_t){BOB, true});
    staging_tick(at);
    assert_int_equal(at->told_count, 1);
    const presence_changed_event_t *changed = at->told[0].body;
    assert_int_equal(changed->account, BOB);
    assert_int_equal(changed->apart.count, 1);
    assert_int_equal(changed->apart.items[0], ANN);
}

static void s_resolve(staging_t *at, report_outcome_t outcome, int64_t until)
{
    staging_tell(at, EVENT_report_resolved, ANN,
                 &(report_resolved_event_t){
                     .report = 1, .account = BOB, .by = ANN, .outcome = outcome, .until = until});
}

static void test_a_report_may_ban(void **state)
{
    staging_t *at = *state;
    s_resolve(at, report_outcome_WARNED, 0);
    staging_commit(at);
    assert_int_equal(at->told_count, 0);
    s_resolve(at, report_outcome_BANNED, 0);
    uint64_t cause = at->seq;
    staging_crash(at); /* nobody has heard of it: it is decided again */
    staging_commit(at);
    assert_int_equal(at->told_count, 2);
    assert_int_equal(at->told[0].record.type, EVENT_sessions_revoked);
    assert_int_equal(at->told[1].record.type, EVENT_account_banned);
    assert_int_equal(at->told[1].record.cause, cause);
    session_open_call_t sign_in = {.login = SLICE_LIT("bob"), .password = SLICE_LIT("secret-1")};
    assert_int_equal(staging_ask(at, CALL_session_open, &sign_in)->status, ERR_BANNED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)
    const struct CMUnitTest tests[] = {
        TEST(test_the_blocked_is_not_there),
        TEST(test_a_profile_shows_whether_one_is_here),
        TEST(test_a_shut_room_hears_nobody_come),
        TEST(test_who_comes_is_not_told_across_a_block),
        TEST(test_a_report_may_ban),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
