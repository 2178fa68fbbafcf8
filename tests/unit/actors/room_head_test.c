/* room_head_test.c - that rows of an older format become rows of this one, in which nobody's mention is
 * lost; what heads are good for is tested with markers and mentions. */
#include "actors/room/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/level.h"
#include "actors/row.h"
#include "schema/pack.h"
#include "tests/unit/scratch.h"

enum { ROOM = 7 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 8];
    level_t *level;
    arena_t *arena;
} world_t;

static const level_options_t s_options = {.create = true};

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    scratch_make(world->folder);
    snprintf(world->path, sizeof world->path, "%s/rows", world->folder);
    world->arena = arena_new();
    assert_int_equal(level_open(world->path, &s_options, &world->level), ERR_OK);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    level_close(&world->level);
    arena_destroy(&world->arena);
    scratch_remove(world->folder);
    mem_free(world);
    return 0;
}

/* Convert a row of these numbers, and give what came of it. */
static slice_t s_convert(world_t *world, row_key_t key, const uint64_t *numbers, size_t count)
{
    uint8_t old[64] = {0};
    slice_t value = {0};
    for (size_t i = 0; i < count; i++)
        wide_put64(old + i * sizeof *numbers, numbers[i]);
    head_convert(world->level, row_slice(&key), slice_new(old, count * sizeof *numbers));
    assert_int_equal(level_commit(world->level, false), ERR_OK);
    assert_int_equal(level_get(world->level, row_slice(&key), world->arena, &value), ERR_OK);
    return value;
}

static void s_test_a_head_may_have_a_mention_in_its_last_message(void **state)
{
    static const uint64_t before[] = {12, 3, 11, 1000}; /* sequence; account, marker, time */
    static const uint64_t after[] = {12, 12, 3, 11, 1000};
    slice_t value = s_convert(*state, row_key1('Q', ROOM), before, COUNT_OF(before));
    assert_int_equal(value.len, sizeof after);
    for (size_t i = 0; i < COUNT_OF(after); i++)
        assert_int_equal(row_number(value, i * sizeof after[0]), after[i]);
}

static void s_test_other_rows_stay(void **state)
{
    static const uint64_t numbers[] = {12, 3};
    slice_t value = s_convert(*state, row_key1('N', ROOM), numbers, COUNT_OF(numbers));
    assert_int_equal(value.len, sizeof numbers);
    assert_int_equal(row_number(value, 0), 12);
    assert_int_equal(row_number(value, sizeof numbers[0]), 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST(s_test_a_head_may_have_a_mention_in_its_last_message),
        TEST(s_test_other_rows_stay),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
