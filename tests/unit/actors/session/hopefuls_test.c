/* hopefuls_test.c - who waits for a match is seen to go offline, whenever that is. */
#include "tests/unit/actors/session/guests.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { EDGE = 10, TICKET = 5, WHILE_S = 10 };

static match_ticket_t s_ticket(uint64_t account, bool stay)
{
    return (match_ticket_t){
        .id = TICKET,
        .account = account,
        .queue = SLICE_LIT("duel"),
        .state = ticket_state_OPEN,
        .min = 2,
        .max = 2,
        .stay = stay,
        .opened = 1,
        .expires = 2,
    };
}

static void s_open(staging_t *at, uint64_t account, bool stay)
{
    const match_ticket_t ticket = s_ticket(account, stay);
    staging_tell(at, EVENT_ticket_opened, account, &(ticket_opened_event_t){.ticket = &ticket});
}

static void s_close(staging_t *at, uint64_t account)
{
    staging_tell(at, EVENT_ticket_closed, account,
                 &(ticket_closed_event_t){TICKET, account, ticket_reason_CANCELLED});
}

static void s_match(staging_t *at, uint64_t account)
{
    const uint64_t tickets[] = {TICKET}, accounts[] = {account};
    const match_t match = {.id = 1,
                           .queue = SLICE_LIT("duel"),
                           .tickets = {tickets, 1},
                           .accounts = {accounts, 1},
                           .time = 1};
    staging_tell(at, EVENT_match_made, 0, &(match_made_event_t){.match = &match});
}

static void s_set_online(staging_t *at, uint64_t account, bool online)
{
    at->origin = EDGE;
    guests_done(staging_ask(at, CALL_presence_set, &(presence_set_call_t){account, online}));
}

/* Whether they are said to have been seen within so many seconds. */
static bool s_is_seen(staging_t *at, uint64_t account, int seconds)
{
    bool seen = false;
    for (int i = 0; i < seconds; i++) {
        staging_tick(at);
        for (size_t j = 0; j < at->told_count; j++)
            seen = seen || (at->told[j].record.type == EVENT_account_seen &&
                            at->told[j].record.account == account);
    }
    return seen;
}

static bool s_goes_offline_seen(staging_t *at, uint64_t account)
{
    s_set_online(at, account, true);
    staging_tick(at);
    s_set_online(at, account, false);
    return s_is_seen(at, account, 1);
}

static void test_who_waits_is_seen_each_time(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    assert_true(s_goes_offline_seen(at, ann));
    assert_false(s_goes_offline_seen(at, ann)); /* within a minute */
    s_open(at, ann, false);
    assert_true(s_goes_offline_seen(at, ann));
    s_close(at, ann);
    assert_false(s_goes_offline_seen(at, ann));
    s_open(at, ann, true);
    assert_false(s_goes_offline_seen(at, ann)); /* the ticket stays */
}

static void test_who_does_not_come_is_seen_after_a_while(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL);
    s_open(at, ann, false);
    assert_false(s_is_seen(at, ann, WHILE_S - 1));
    assert_true(s_is_seen(at, ann, 1));
    assert_false(s_is_seen(at, ann, WHILE_S));
}

static void test_who_comes_or_is_matched_is_not(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL), bob = guests_join(at, "bob", NULL);
    s_open(at, ann, false);
    s_open(at, bob, false);
    s_set_online(at, ann, true);
    s_match(at, bob);
    assert_false(s_is_seen(at, ann, 2 * WHILE_S));
    assert_false(s_is_seen(at, bob, 2 * WHILE_S));
}

static void test_after_a_restart_all_have_a_while(void **state)
{
    staging_t *at = *state;
    uint64_t ann = guests_join(at, "ann", NULL), bob = guests_join(at, "bob", NULL);
    s_open(at, ann, false);
    s_open(at, bob, false);
    s_set_online(at, ann, true);
    s_set_online(at, bob, true);
    assert_false(s_is_seen(at, ann, WHILE_S));
    staging_restart(at);
    s_set_online(at, bob, true);
    assert_false(s_is_seen(at, ann, WHILE_S - 1));
    staging_tick(at);
    assert_int_equal(guests_told(at, 0), EVENT_account_seen);
    assert_int_equal(at->told[0].record.account, ann);
    assert_int_equal(at->told_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_who_waits_is_seen_each_time),
        GUESTS_TEST(test_who_does_not_come_is_seen_after_a_while),
        GUESTS_TEST(test_who_comes_or_is_matched_is_not),
        GUESTS_TEST(test_after_a_restart_all_have_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
