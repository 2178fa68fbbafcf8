/* stage_react_test.c - reactions happen exactly once, whatever is lost and whenever the actor
 * dies: seen with an actor that says twice goodbye to whoever was seen last, and nothing
 * about a new name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/row.h"
#include "tests/unit/actors/staging.h"

enum { HALL = 7, EVA = 3, GOODBYES = 2 };

static size_t s_looks; /* how often the actor was asked to react */

static void s_apply_left(turn_t *turn, const record_t *record, const void *body)
{
    uint64_t count;
    (void)record, (void)body;
    if (row_found(row_get_number(turn, row_key0('n'), &count)))
        row_put_number(turn, row_key0('n'), count + 1);
}

static void s_react_seen(turn_t *turn, const record_t *record, const void *body)
{
    const account_seen_event_t *seen = body;
    (void)record;
    s_looks++;
    for (int i = 0; i < GOODBYES; i++)
        turn_emit(turn, EVENT_room_left, HALL, seen->account,
                  &(room_left_event_t){.room = HALL, .account = seen->account});
}

static void s_react_renamed(turn_t *turn, const record_t *record, const void *body)
{
    (void)turn, (void)record, (void)body;
    s_looks++;
}

static const event_row_t s_events[] = {
    {EVENT_room_left, s_apply_left, NULL},
    {EVENT_account_seen, NULL, s_react_seen},
    {EVENT_account_renamed, NULL, s_react_renamed},
};

static const actor_row_t s_polite = {
    .owner = owner_ROOM,
    .name = "polite",
    .events = s_events,
    .event_count = COUNT_OF(s_events),
};

static const actor_row_t s_rude = {.owner = owner_ROOM, .name = "rude"};

static int s_setup(void **state)
{
    *state = staging_new(&s_polite);
    s_looks = 0;
    return 0;
}

static int s_teardown(void **state)
{
    staging_t *staging = *state;
    staging_destroy(&staging);
    return 0;
}

static void s_see(staging_t *staging)
{
    staging_tell(staging, EVENT_account_seen, EVA, &(account_seen_event_t){.account = EVA});
}

static void s_rename(staging_t *staging)
{
    staging_tell(staging, EVENT_account_renamed, EVA,
                 &(account_renamed_event_t){.account = EVA, .username = SLICE_LIT("Eva")});
}

/* What has come out since the last commit, and is committed now. */
static size_t s_goodbyes(staging_t *staging)
{
    staging_commit(staging);
    return staging->told_count;
}

static void s_events_name_their_cause(void **state)
{
    staging_t *staging = *state;
    s_rename(staging);
    s_see(staging);
    assert_int_equal(s_goodbyes(staging), GOODBYES);
    for (size_t i = 0; i < GOODBYES; i++) {
        const record_t *record = &staging->told[i].record;
        assert_int_equal(record->cause, 2);
        assert_int_equal(record->causer, owner_ROOM);
        assert_int_equal(record->principal, EVA);
        assert_int_equal(record->account, EVA);
    }
    assert_true(staging_replays(staging));
}

static void s_one_that_is_on_disk_is_not_made_again(void **state)
{
    staging_t *staging = *state;
    s_see(staging);
    assert_int_equal(s_goodbyes(staging), GOODBYES);
    staging_crash(staging);
    assert_int_equal(s_goodbyes(staging), 0);
    staging_restart(staging);
    assert_int_equal(s_goodbyes(staging), 0);
    assert_true(staging_replays(staging));
}

static void s_one_that_died_with_the_actor_is_made_again(void **state)
{
    staging_t *staging = *state;
    s_see(staging);
    staging_crash(staging);
    assert_int_equal(s_goodbyes(staging), GOODBYES);
    assert_int_equal(staging->told[0].record.cause, 1);
    staging_crash(staging);
    assert_int_equal(s_goodbyes(staging), 0);
    assert_true(staging_replays(staging));
}

/* The first is on disk, the second and the third are not. */
static void s_what_is_lost_with_an_epoch_is_made_again(void **state)
{
    staging_t *staging = *state;
    s_see(staging);
    assert_int_equal(s_goodbyes(staging), GOODBYES);
    s_see(staging);
    s_rename(staging);
    s_see(staging);
    staging_lose(staging);
    assert_int_equal(s_goodbyes(staging), 2 * GOODBYES);
    assert_int_equal(staging->told[0].record.cause, 4);
    assert_int_equal(staging->told[2].record.cause, 6);
    staging_lose(staging);
    assert_int_equal(s_goodbyes(staging), 0);
    assert_true(staging_replays(staging));
}

/* It leaves nothing in the journal, but the store knows. */
static void s_what_nothing_came_of_is_not_looked_at_again(void **state)
{
    staging_t *staging = *state;
    s_see(staging);
    assert_int_equal(s_goodbyes(staging), GOODBYES);
    s_rename(staging);
    staging_restart(staging);
    assert_int_equal(s_looks, 2);
    s_rename(staging);
    assert_int_equal(s_looks, 3);
}

/* While a reaction is on its way the store keeps back. */
static void s_a_flush_is_not_ahead_of_the_disk(void **state)
{
    staging_t *staging = *state;
    s_rename(staging);
    s_see(staging);
    s_rename(staging);
    staging_restart(staging); /* which flushes, and loses what was on its way */
    assert_int_equal(s_goodbyes(staging), GOODBYES);
    assert_true(staging_replays(staging));
}

static void s_an_actor_that_is_new_begins_at_the_head(void **state)
{
    staging_t *staging = staging_new(&s_rude);
    (void)state;
    for (int i = 0; i < 5; i++)
        s_see(staging);
    staging->row = &s_polite;
    staging_t *later = staging_replayed(staging);
    assert_int_equal(s_goodbyes(later), 0);
    s_see(later);
    staging_crash(later);
    assert_int_equal(s_goodbyes(later), GOODBYES);
    assert_int_equal(later->told[0].record.cause, 6);
    staging_destroy(&later);
    staging_destroy(&staging);
}

static void s_a_projection_that_was_lost_goes_on_where_it_was(void **state)
{
    staging_t *staging = *state;
    s_see(staging);
    assert_int_equal(s_goodbyes(staging), GOODBYES);
    s_see(staging);
    staging_t *anew = staging_replayed(staging);
    assert_int_equal(s_goodbyes(anew), GOODBYES);
    assert_int_equal(anew->told[0].record.cause, 4);
    staging_destroy(&anew);
}

/* ---- an actor that says goodbye once only ---- */

static void s_apply_marked(turn_t *turn, const record_t *record, const void *body)
{
    (void)record, (void)body;
    row_put_mark(turn, row_key0('n'));
}

static err_t s_decide_leave(turn_t *turn, const call_t *call, const void *body)
{
    (void)call, (void)body;
    turn_emit(turn, EVENT_room_left, HALL, EVA, &(room_left_event_t){HALL, EVA, 0});
    return ERR_OK;
}

static void s_react_once(turn_t *turn, const record_t *record, const void *body)
{
    slice_t mark;
    (void)record, (void)body;
    if (!row_found(row_get_bytes(turn, row_key0('n'), &mark)))
        turn_emit(turn, EVENT_room_left, HALL, EVA, &(room_left_event_t){HALL, EVA, 0});
}

static const call_row_t s_terse_calls[] = {{CALL_room_leave, s_decide_leave}};

static const event_row_t s_terse_events[] = {
    {EVENT_room_left, s_apply_marked, NULL},
    {EVENT_account_seen, NULL, s_react_once},
};

static const actor_row_t s_terse = {
    .owner = owner_ROOM,
    .name = "terse",
    .calls = s_terse_calls,
    .call_count = COUNT_OF(s_terse_calls),
    .events = s_terse_events,
    .event_count = COUNT_OF(s_terse_events),
};

/* Nothing was to be said, since that was said already; and then it was not. */
static void s_nothing_that_rests_on_what_is_lost_is_made_again(void **state)
{
    staging_t *staging = staging_new(&s_terse);
    (void)state;
    staging_send(staging, CALL_room_leave, &(room_leave_call_t){.room = HALL});
    s_see(staging);
    staging_lose(staging);
    assert_int_equal(s_goodbyes(staging), 1);
    assert_int_equal(staging->told[0].record.cause, 1);
    staging_crash(staging);
    assert_int_equal(s_goodbyes(staging), 0);
    staging_destroy(&staging);
}

/* The same over a restart, whose flush must not be ahead of it. */
static void s_nothing_that_rests_on_what_dies_is_made_again(void **state)
{
    staging_t *staging = staging_new(&s_terse);
    (void)state;
    staging_send(staging, CALL_room_leave, &(room_leave_call_t){.room = HALL});
    s_see(staging);
    staging_restart(staging);
    assert_int_equal(s_goodbyes(staging), 1);
    s_see(staging);
    staging_restart(staging);
    assert_int_equal(s_goodbyes(staging), 0);
    staging_destroy(&staging);
}

#define REACT_TEST(function) cmocka_unit_test_setup_teardown(function, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REACT_TEST(s_events_name_their_cause),
        REACT_TEST(s_one_that_is_on_disk_is_not_made_again),
        REACT_TEST(s_one_that_died_with_the_actor_is_made_again),
        REACT_TEST(s_what_is_lost_with_an_epoch_is_made_again),
        REACT_TEST(s_what_nothing_came_of_is_not_looked_at_again),
        REACT_TEST(s_a_flush_is_not_ahead_of_the_disk),
        REACT_TEST(s_an_actor_that_is_new_begins_at_the_head),
        REACT_TEST(s_a_projection_that_was_lost_goes_on_where_it_was),
        cmocka_unit_test(s_nothing_that_rests_on_what_is_lost_is_made_again),
        cmocka_unit_test(s_nothing_that_rests_on_what_dies_is_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
