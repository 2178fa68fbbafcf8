/* sightings_test.c - who got a message follows from what is noted, and what has changed since. */
#include "ws-edge/sightings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/clock.h"
#include "schema/arena.h"
#include "schema/mem.h"
#include "ws-edge/dialect.h"

enum { ROOM = 5, OTHER_ROOM = 6, RECORD = 4711, MESSAGE = 41, ANN = 1, BEA = 2, HERE_MAX = 8 };

typedef struct world {
    diary_t *diary;
    arena_t *arena;
    visit_note_t here[HERE_MAX];
    size_t count;
    int64_t posted;
} world_t;

static int s_set_up(void **state)
{
    world_t *world = mem_new(world_t);
    world->diary = diary_new();
    world->arena = arena_new();
    world->posted = clock_us(CLOCK_REALTIME);
    *state = world;
    return 0;
}

static int s_tear_down(void **state)
{
    world_t *world = *state;
    diary_destroy(&world->diary);
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

static int64_t s_now(void)
{
    return clock_us(CLOCK_REALTIME);
}

static visit_note_t *s_comes(world_t *world, uint64_t account, dialect_id_t dialect)
{
    visit_note_t *visit = &world->here[world->count++];
    *visit = (visit_note_t){
        .connection = world->count,
        .account = account,
        .opened = 1,
        .dialect = (uint8_t)dialect,
    };
    return visit;
}

static void s_goes_live(const world_t *world, visit_note_t *visit)
{
    diary_note(world->diary, &(note_t){.kind = NOTE_LIVE, .connection = visit->connection});
    visit->live = true;
}

static void s_notes(const world_t *world, note_kind_t kind, const visit_note_t *visit, uint64_t key)
{
    diary_note(world->diary,
               &(note_t){.kind = (uint8_t)kind, .connection = visit->connection, .key = key});
}

static void s_is_shown(const world_t *world, unsigned silent)
{
    diary_note(world->diary, &(note_t){.kind = NOTE_SHOWN, .key = RECORD, .dialects = silent});
}

/* Its end takes it out of those who are here. */
static void s_leaves(world_t *world, visit_note_t *visit, int64_t closed, int64_t untaken)
{
    visit->closed = closed;
    visit->untaken = untaken;
    visit->code = 1013;
    diary_end(world->diary, visit);
    *visit = world->here[--world->count];
}

static const edge_trace_t *s_ask(const world_t *world)
{
    static const uint64_t members[] = {ANN, BEA};
    const bus_asked_event_t question = {
        .message = MESSAGE,
        .record = RECORD,
        .room = ROOM,
        .posted = world->posted,
        .accounts = {members, COUNT_OF(members)},
    };
    return sightings_make(world->diary, &question, world->here, world->count, world->arena);
}

/* The one thing that is told of this account. */
static sighting_kind_t s_told(const world_t *world, uint64_t account)
{
    const edge_trace_t *trace = s_ask(world);
    const sighting_t *sightings = trace->sightings.items;
    sighting_kind_t what = sighting_kind_NONE;
    for (size_t i = 0; i < trace->sightings.count; i++)
        if (sightings[i].account == account) {
            assert_int_equal(what, sighting_kind_NONE);
            what = sightings[i].what;
        }
    return what;
}

static void test_who_is_live_gets_it(void **state)
{
    world_t *world = *state;
    s_goes_live(world, s_comes(world, ANN, DIALECT_native));
    s_goes_live(world, s_comes(world, 99, DIALECT_native));
    s_is_shown(world, 0);
    assert_true(s_ask(world)->shown);
    assert_int_equal(s_told(world, ANN), sighting_kind_DELIVERED);
    assert_int_equal(s_told(world, 99), sighting_kind_NONE);
}

static void test_what_came_later_is_undone(void **state)
{
    world_t *world = *state;
    visit_note_t *late = s_comes(world, ANN, DIALECT_native);
    visit_note_t *paused = s_comes(world, BEA, DIALECT_native);
    s_goes_live(world, paused);
    s_is_shown(world, 0);
    s_goes_live(world, late);
    s_notes(world, NOTE_PAUSED, paused, 0);
    paused->live = false;
    assert_int_equal(s_told(world, ANN), sighting_kind_BEHIND);
    assert_int_equal(s_told(world, BEA), sighting_kind_DELIVERED);
}

static void test_whoever_it_was_then(void **state)
{
    world_t *world = *state;
    visit_note_t *visit = s_comes(world, ANN, DIALECT_native);
    s_goes_live(world, visit);
    s_is_shown(world, 0);
    diary_note(world->diary, &(note_t){.kind = NOTE_BECAME,
                                       .connection = visit->connection,
                                       .other = ANN,
                                       .live = true});
    visit->account = 99;
    assert_int_equal(s_told(world, ANN), sighting_kind_DELIVERED);
    assert_int_equal(s_told(world, 99), sighting_kind_NONE);
}

static void test_who_picks_rooms_hears_no_others(void **state)
{
    world_t *world = *state;
    visit_note_t *here = s_comes(world, ANN, DIALECT_pusher);
    visit_note_t *there = s_comes(world, BEA, DIALECT_pusher);
    s_goes_live(world, here);
    s_goes_live(world, there);
    s_notes(world, NOTE_CAME, here, ROOM);
    s_notes(world, NOTE_CAME, there, OTHER_ROOM);
    s_is_shown(world, 0);
    s_notes(world, NOTE_LEFT, here, ROOM);
    s_notes(world, NOTE_CAME, there, ROOM);
    there->in = true;
    assert_int_equal(s_told(world, ANN), sighting_kind_DELIVERED);
    assert_int_equal(s_told(world, BEA), sighting_kind_UNSUBSCRIBED);
}

static void test_a_dialect_may_have_no_words_for_it(void **state)
{
    world_t *world = *state;
    s_goes_live(world, s_comes(world, ANN, DIALECT_chatapi));
    s_goes_live(world, s_comes(world, BEA, DIALECT_native));
    s_is_shown(world, 1u << DIALECT_chatapi);
    assert_int_equal(s_told(world, ANN), sighting_kind_FILTERED);
    assert_int_equal(s_told(world, BEA), sighting_kind_DELIVERED);
}

static void test_what_is_not_taken_waits_or_is_lost(void **state)
{
    world_t *world = *state;
    visit_note_t *stuck = s_comes(world, ANN, DIALECT_native);
    s_goes_live(world, stuck);
    int64_t before = s_now();
    s_is_shown(world, 0);
    stuck->untaken = before;
    assert_int_equal(s_told(world, ANN), sighting_kind_WAITING);
    s_leaves(world, stuck, s_now() + 1, before);
    assert_int_equal(s_told(world, ANN), sighting_kind_CUT_OFF);
}

static void test_what_was_taken_before_the_end_arrived(void **state)
{
    world_t *world = *state;
    visit_note_t *visit = s_comes(world, ANN, DIALECT_native);
    s_goes_live(world, visit);
    s_is_shown(world, 0);
    s_leaves(world, visit, s_now() + 1, s_now() + 1);
    assert_int_equal(s_told(world, ANN), sighting_kind_DELIVERED);
}

static void test_of_who_had_left_the_last_visit_is_told(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 3; i++) {
        visit_note_t *visit = s_comes(world, ANN, DIALECT_native);
        s_goes_live(world, visit);
        s_leaves(world, visit, world->posted, 0);
    }
    s_is_shown(world, 0);
    assert_int_equal(s_told(world, ANN), sighting_kind_GONE);
}

static void test_who_had_missed_it_is_shown_it_later_or_not(void **state)
{
    world_t *world = *state;
    visit_note_t *reader = s_comes(world, ANN, DIALECT_native);
    visit_note_t *apart = s_comes(world, BEA, DIALECT_native);
    reader->opened = apart->opened = s_now() + 1000000;
    s_notes(world, NOTE_RESUMED, reader, RECORD);
    s_notes(world, NOTE_HIDDEN, apart, RECORD);
    assert_false(s_ask(world)->shown);
    assert_int_equal(s_told(world, ANN), sighting_kind_RESUMED);
    assert_int_equal(s_told(world, BEA), sighting_kind_HIDDEN);
}

static void test_by_what_it_came(void **state)
{
    world_t *world = *state;
    diary_post(world->diary, &(post_note_t){.message = MESSAGE, .account = ANN});
    diary_post(world->diary, &(post_note_t){.message = MESSAGE + 1, .account = ANN});
    assert_int_equal(s_told(world, ANN), sighting_kind_RECEIVED);
}

static void test_what_is_forgotten_is_not_guessed(void **state)
{
    world_t *world = *state;
    s_goes_live(world, s_comes(world, ANN, DIALECT_native));
    s_is_shown(world, 0);
    for (size_t i = 0; i < DIARY_NOTES; i++)
        diary_note(world->diary, &(note_t){.kind = NOTE_SHOWN, .key = RECORD + 1 + i});
    assert_false(s_ask(world)->shown);
    assert_true(s_ask(world)->since >= world->posted);
    world->posted--;
    assert_int_equal(s_told(world, ANN), sighting_kind_NONE);
}

static void test_rings_keep_the_newest(void **state)
{
    world_t *world = *state;
    assert_null(diary_visit_at(world->diary, 0));
    for (uint64_t i = 1; i <= DIARY_VISITS + 1; i++)
        diary_end(world->diary, &(visit_note_t){.connection = i});
    assert_int_equal(diary_visit_at(world->diary, 0)->connection, DIARY_VISITS + 1);
    assert_int_equal(diary_visit_at(world->diary, DIARY_VISITS - 1)->connection, 2);
    assert_null(diary_visit_at(world->diary, DIARY_VISITS));
}

static void s_check_address(const world_t *world, const char *words, const char *told)
{
    static uint64_t key;
    diary_meet(world->diary, ++key, slice_of(words));
    assert_true(slice_eq(diary_address(world->diary, key), slice_of(told)));
}

static void test_addresses_are_told_as_far_as_is_wanted(void **state)
{
    world_t *world = *state;
    s_check_address(world, "192.0.2.77", "192.0.2.0/24");
    s_check_address(world, "2001:db8:1:2::3", "2001:db8:1::/48");
    s_check_address(world, "127.0.0.1", "127.0.0.1");
    s_check_address(world, "unix", "unix");
    diary_tell_addresses(world->diary, "whole");
    s_check_address(world, "192.0.2.77", "192.0.2.77");
    diary_tell_addresses(world->diary, "none");
    s_check_address(world, "192.0.2.77", "");
    assert_int_equal(diary_address(world->diary, 1).len, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, s_set_up, s_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_is_live_gets_it),
        TEST(test_what_came_later_is_undone),
        TEST(test_whoever_it_was_then),
        TEST(test_who_picks_rooms_hears_no_others),
        TEST(test_a_dialect_may_have_no_words_for_it),
        TEST(test_what_is_not_taken_waits_or_is_lost),
        TEST(test_what_was_taken_before_the_end_arrived),
        TEST(test_of_who_had_left_the_last_visit_is_told),
        TEST(test_who_had_missed_it_is_shown_it_later_or_not),
        TEST(test_by_what_it_came),
        TEST(test_what_is_forgotten_is_not_guessed),
        TEST(test_rings_keep_the_newest),
        TEST(test_addresses_are_told_as_far_as_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
