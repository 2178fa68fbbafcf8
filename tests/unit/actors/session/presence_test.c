/* presence_test.c - thousands of random changes against a table of booleans. */
#include "actors/session/presence.h"

#include "actors/session/said.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { EDGES = 5, PEOPLE = 300, ROUNDS = 4000 };

typedef struct world {
    presence_t presence;
    arena_t *arena;
    bool has[EDGES][PEOPLE]; /* the model; edge and account are index + 1 */
    uint32_t random;
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    world->arena = arena_new();
    world->random = 1;
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    presence_close(&world->presence);
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

static uint32_t s_random(world_t *world, uint32_t below)
{
    world->random = world->random * 1664525 + 1013904223;
    return (world->random >> 8) % below;
}

static bool s_online(const world_t *world, size_t person)
{
    for (size_t edge = 0; edge < EDGES; edge++)
        if (world->has[edge][person])
            return true;
    return false;
}

/* What changed from `before` to the model now is what was told, in order. */
static void s_check(const world_t *world, const bool before[PEOPLE], presence_changes_t changes)
{
    size_t told = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        bool online = s_online(world, i);
        assert_int_equal(presence_online(&world->presence, i + 1), online);
        if (online == before[i])
            continue;
        assert_true(told < changes.count);
        assert_int_equal(changes.items[told].account, i + 1);
        assert_int_equal(changes.items[told++].online, online);
    }
    assert_int_equal(told, changes.count);
}

static void s_announce(world_t *world, size_t edge, presence_changes_t *changes)
{
    uint64_t accounts[PEOPLE * 2];
    size_t count = s_random(world, PEOPLE * 2);
    memset(world->has[edge], 0, sizeof world->has[edge]);
    for (size_t i = 0; i < count; i++) { /* unordered, with repeats */
        accounts[i] = 1 + s_random(world, PEOPLE);
        world->has[edge][accounts[i] - 1] = true;
    }
    assert_int_equal(presence_announce(&world->presence, edge + 1, (ids_t){accounts, count},
                                       world->arena, changes),
                     ERR_OK);
}

static void s_change(world_t *world, presence_changes_t *changes)
{
    size_t edge = s_random(world, EDGES), person = s_random(world, PEOPLE);
    uint32_t what = s_random(world, 50);
    bool online = what % 2;
    if (what == 0) {
        memset(world->has[edge], 0, sizeof world->has[edge]);
        presence_gone(&world->presence, edge + 1, world->arena, changes);
    } else if (what == 1) {
        s_announce(world, edge, changes);
    } else {
        world->has[edge][person] = online;
        assert_int_equal(
            presence_set(&world->presence, edge + 1, person + 1, online, world->arena, changes),
            ERR_OK);
    }
}

static void test_random_changes_are_as_in_the_model(void **state)
{
    world_t *world = *state;
    for (int round = 0; round < ROUNDS; round++) {
        bool before[PEOPLE];
        presence_changes_t changes;
        for (size_t i = 0; i < PEOPLE; i++)
            before[i] = s_online(world, i);
        s_change(world, &changes);
        s_check(world, before, changes);
        arena_reset(world->arena);
    }
}

static void test_an_edge_too_many_is_refused_until_one_goes(void **state)
{
    world_t *world = *state;
    presence_changes_t changes;
    for (uint64_t edge = 1; edge <= PRESENCE_EDGES; edge++)
        assert_int_equal(presence_set(&world->presence, edge, 1, true, world->arena, &changes),
                         ERR_OK);
    assert_int_equal(presence_set(&world->presence, 100, 1, true, world->arena, &changes),
                     ERR_UNAVAILABLE);
    presence_gone(&world->presence, 3, world->arena, &changes);
    assert_int_equal(changes.count, 0);
    assert_int_equal(presence_set(&world->presence, 100, 2, true, world->arena, &changes), ERR_OK);
    assert_int_equal(changes.count, 1);
}

static void test_an_unknown_edge_goes_without_a_trace(void **state)
{
    world_t *world = *state;
    presence_changes_t changes;
    presence_gone(&world->presence, 9, world->arena, &changes);
    assert_int_equal(changes.count, 0);
    presence_gone(&world->presence, 0, world->arena, &changes);
    assert_int_equal(changes.count, 0);
    assert_false(presence_online(&world->presence, 1));
}

/* ---- what a recording begins with ---- */

static session_tape_t s_kept(const world_t *world)
{
    session_tape_t kept = {0};
    presence_keep(&world->presence, world->arena, &kept);
    return kept;
}

static void test_what_is_kept_is_restored(void **state)
{
    world_t *world = *state;
    presence_t other = {0};
    presence_changes_t changes;
    for (uint64_t account = 1; account <= PEOPLE; account++)
        assert_int_equal(presence_set(&world->presence, 1 + account % EDGES, account, true,
                                      world->arena, &changes),
                         ERR_OK);
    presence_note(&world->presence, &changes);
    session_tape_t kept = s_kept(world);
    assert_int_equal(kept.people.count, 2 * PEOPLE);
    assert_int_equal(kept.untold.count, 1);
    assert_int_equal(presence_restore(&other, &kept), ERR_OK);
    presence_gone(&other, 1, world->arena, &changes);
    assert_int_equal(changes.count, PEOPLE / EDGES);
    assert_false(presence_online(&other, EDGES));
    assert_true(presence_online(&other, 1));
    presence_close(&other);
}

static void test_what_was_not_kept_so_is_not_restored(void **state)
{
    static const uint64_t odd[] = {1, 1, 2}, nobody[] = {0, 1}, nowhere[] = {1, 0};
    static const ids_t people[] = {{odd, 3}, {nobody, 2}, {nowhere, 2}};
    session_tape_t kept = s_kept(*state);
    for (size_t i = 0; i < COUNT_OF(people); i++) {
        presence_t other = {0};
        kept.people = people[i];
        assert_int_equal(presence_restore(&other, &kept), ERR_CORRUPT);
        presence_close(&other);
    }
    presence_t other = {0};
    kept = s_kept(*state);
    kept.edges.count--;
    assert_int_equal(presence_restore(&other, &kept), ERR_CORRUPT);
    presence_close(&other);
}

/* ---- who says it ---- */

static void test_a_word_is_good_until_its_time_and_kept_in_order(void **state)
{
    enum { SAY = 200, MINUTE = 60 * 1000000 };
    world_t *world = *state;
    said_t said = {0}, other = {0};
    ids_t queue, last;
    for (uint64_t account = 1; account <= SAY; account++)
        assert_true(said_set(&said, account, MINUTE + (int64_t)account));
    assert_false(said_set(&said, 1, MINUTE + 2)); /* that is as good as nothing new */
    assert_true(said_set(&said, 1, 3 * MINUTE));
    assert_true(said_set(&said, 2, 0));
    assert_false(said_set(&said, 2, 0));

    said_keep(&said, world->arena, &queue, &last);
    assert_int_equal(queue.count, 2 * (SAY + 1));
    assert_int_equal(last.count, 2 * (SAY - 1));
    assert_int_equal(said_restore(&other, queue, last), ERR_OK);
    for (uint64_t account = 3; account <= SAY; account++)
        assert_int_equal(said_over(&other, 2 * MINUTE), account);
    assert_int_equal(said_over(&other, 2 * MINUTE), 0);
    assert_int_equal(said_over(&other, 3 * MINUTE), 1);
    said_close(&said);
    said_close(&other);
}

static void test_words_that_were_not_kept_so_are_not_restored(void **state)
{
    static const uint64_t odd[] = {1, 2, 3}, never[] = {1, 0};
    said_t said = {0};
    (void)state;
    assert_int_equal(said_restore(&said, (ids_t){odd, 3}, (ids_t){0}), ERR_CORRUPT);
    assert_int_equal(said_restore(&said, (ids_t){0}, (ids_t){odd, 3}), ERR_CORRUPT);
    assert_int_equal(said_restore(&said, (ids_t){0}, (ids_t){never, 2}), ERR_CORRUPT);
    said_close(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_changes_are_as_in_the_model, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_an_edge_too_many_is_refused_until_one_goes, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_edge_goes_without_a_trace, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_kept_is_restored, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_what_was_not_kept_so_is_not_restored, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_word_is_good_until_its_time_and_kept_in_order,
                                        s_setup, s_teardown),
        cmocka_unit_test(test_words_that_were_not_kept_so_are_not_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
