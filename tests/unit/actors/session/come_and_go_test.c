/* come_and_go_test.c - presence over several edges, as those who hear of it see it. */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int s_setup(void **state)
{
    *state = staging_new(&session_actor);
    return 0;
}

static void s_sign_up(staging_t *at, const char *login)
{
    account_register_call_t ask = {.login = slice_of(login), .password = SLICE_LIT("secret-1")};
    assert_int_equal(staging_ask(at, CALL_account_register, &ask)->status, ERR_OK);
}

static bool s_online(staging_t *at, uint64_t account)
{
    const outcome_t *outcome = staging_ask(at, CALL_account_get, &(account_get_call_t){account});
    assert_int_equal(outcome->status, ERR_OK);
    return ((const account_t *)outcome->answer)->online;
}

static void s_set(staging_t *at, uint64_t edge, uint64_t account, bool online)
{
    presence_set_call_t told = {account, online};
    at->origin = edge;
    assert_int_equal(staging_ask(at, CALL_presence_set, &told)->status, ERR_OK);
    assert_int_equal(at->told_count, 0);
}

/* The same, and a second later. */
static void s_tell(staging_t *at, uint64_t edge, uint64_t account, bool online)
{
    s_set(at, edge, account, online);
    staging_tick(at);
}

static void s_announce(staging_t *at, uint64_t edge, const uint64_t *accounts, size_t count)
{
    presence_announce_call_t told = {{accounts, count}};
    at->origin = edge;
    assert_int_equal(staging_ask(at, CALL_presence_announce, &told)->status, ERR_OK);
    staging_tick(at);
}

static void s_lose_edge(staging_t *at, uint64_t edge)
{
    presence_gone_call_t told = {edge};
    assert_int_equal(staging_ask(at, CALL_presence_gone, &told)->status, ERR_OK);
    staging_tick(at);
}

/* The event at this place says that the account came, or went. */
static void s_assert_changed(const staging_t *at, size_t place, uint64_t account, bool online)
{
    assert_true(place < at->told_count);
    assert_int_equal(at->told[place].record.type, EVENT_presence_changed);
    assert_int_equal(at->told[place].record.account, account);
    const presence_changed_event_t *changed = at->told[place].body;
    assert_int_equal(changed->account, account);
    assert_int_equal(changed->online, online);
}

static void test_online_from_the_first_edge_to_the_last(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    s_tell(at, 10, 1, true);
    assert_int_equal(at->told_count, 1);
    s_assert_changed(at, 0, 1, true);
    s_tell(at, 11, 1, true);
    assert_int_equal(at->told_count, 0);
    s_tell(at, 10, 1, false);
    assert_int_equal(at->told_count, 0);
    assert_true(s_online(at, 1));
    s_tell(at, 11, 1, false);
    s_assert_changed(at, 0, 1, false);
    assert_false(s_online(at, 1));
}

static void test_a_dead_edge_takes_its_people_along(void **state)
{
    staging_t *at = *state;
    s_announce(at, 10, (uint64_t[]){9, 3, 5, 3}, 4);
    assert_int_equal(at->told_count, 3);
    s_assert_changed(at, 0, 3, true);
    s_assert_changed(at, 1, 5, true);
    s_assert_changed(at, 2, 9, true);
    s_tell(at, 11, 5, true);
    s_lose_edge(at, 10);
    assert_int_equal(at->told_count, 2);
    s_assert_changed(at, 0, 3, false);
    s_assert_changed(at, 1, 9, false);
    s_lose_edge(at, 10);
    assert_int_equal(at->told_count, 0);
}

static void test_an_announcement_replaces_the_one_before(void **state)
{
    staging_t *at = *state;
    s_announce(at, 10, (uint64_t[]){1, 2, 3}, 3);
    s_announce(at, 10, (uint64_t[]){4, 2}, 2);
    assert_int_equal(at->told_count, 3);
    s_assert_changed(at, 0, 1, false);
    s_assert_changed(at, 1, 3, false);
    s_assert_changed(at, 2, 4, true);
    s_announce(at, 10, NULL, 0);
    assert_int_equal(at->told_count, 2);
}

static void test_a_quick_return_is_not_told(void **state)
{
    staging_t *at = *state;
    s_tell(at, 10, 1, true);
    s_set(at, 10, 1, false);
    s_set(at, 10, 1, true);
    s_set(at, 10, 2, true);
    staging_tick(at);
    assert_int_equal(at->told_count, 1);
    s_assert_changed(at, 0, 2, true);
    staging_tick(at);
    assert_int_equal(at->told_count, 0);
}

static void test_last_seen_is_kept_once_a_minute(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    static const struct {
        int64_t later_s;
        size_t told;
    } steps[] = {{0, 2}, {57, 1}, {0, 2}, {30, 1}, {26, 2}}; /* and a second for each change */
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        at->now += steps[i].later_s * 1000000;
        s_tell(at, 10, 1, true);
        s_tell(at, 10, 1, false);
        assert_int_equal(at->told_count, steps[i].told);
        if (steps[i].told == 2)
            assert_int_equal(at->told[1].record.type, EVENT_account_seen);
    }
}

static void test_presence_ends_with_the_thread_and_nothing_else_does(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    s_tell(at, 10, 1, true);
    staging_restart(at);
    assert_false(s_online(at, 1));
    s_announce(at, 12, (uint64_t[]){1}, 1);
    s_assert_changed(at, 0, 1, true);
    s_sign_up(at, "bob");
    assert_true(s_online(at, 1));
    assert_false(s_online(at, 2));
}

/* What a recording that begins now is begun with; a re-run goes on from there (staging_end). */
static void test_a_recording_begins_while_people_are_here(void **state)
{
    staging_t *at = *state;
    for (size_t i = 0; i < 3; i++)
        s_sign_up(at, (const char *[]){"ann", "bob", "cat"}[i]);
    s_announce(at, 10, (uint64_t[]){1, 2}, 2);
    at->principal = 3;
    assert_int_equal(
        staging_ask(at, CALL_presence_online, &(presence_online_call_t){.online = true})->status,
        ERR_OK);
    at->principal = 0;
    s_set(at, 10, 2, false); /* not told yet */
    stage_tape(at->stage, at->tape);
    staging_tick(at);
    s_assert_changed(at, 0, 2, false);
    s_lose_edge(at, 10);
    s_assert_changed(at, 0, 1, false);
    assert_true(s_online(at, 3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_online_from_the_first_edge_to_the_last),
        TEST(test_a_dead_edge_takes_its_people_along),
        TEST(test_an_announcement_replaces_the_one_before),
        TEST(test_a_quick_return_is_not_told),
        TEST(test_last_seen_is_kept_once_a_minute),
        TEST(test_presence_ends_with_the_thread_and_nothing_else_does),
        TEST(test_a_recording_begins_while_people_are_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
