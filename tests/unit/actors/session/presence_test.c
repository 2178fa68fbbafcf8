/* presence_test.c - thousands of random changes against a table of booleans. */
#include "actors/session/presence.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_changes_are_as_in_the_model, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_an_edge_too_many_is_refused_until_one_goes, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_edge_goes_without_a_trace, s_setup,
                                        s_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
