/* bloom_test.c - no row that is on disk is ever lacking, and few others pass. */
#include "actors/bloom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

enum { KEYS = 20000, KEY_SIZE = 24 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 8];
    level_t *level;
    bloom_t *bloom;
    char key[KEY_SIZE];
} world_t;

static int s_setup(void **state)
{
    static const level_options_t options = {.create = true};
    world_t *world = mem_new(world_t);
    scratch_make(world->folder);
    snprintf(world->path, sizeof world->path, "%s/rows", world->folder);
    assert_int_equal(level_open(world->path, &options, &world->level), ERR_OK);
    world->bloom = bloom_new('k');
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    bloom_destroy(&world->bloom);
    level_close(&world->level);
    scratch_remove(world->folder);
    mem_free(world);
    return 0;
}

static slice_t s_key(world_t *world, char letter, int number)
{
    snprintf(world->key, sizeof world->key, "%c%d", letter, number);
    return slice_of(world->key);
}

/* Rows are written as a store does it; `added`: and the filter is told of them. */
static void s_write(world_t *world, char letter, int from, int to, bool added)
{
    for (int i = from; i < to; i++) {
        level_put(world->level, s_key(world, letter, i), SLICE_LIT("value"));
        if (added)
            bloom_add(world->bloom, s_key(world, letter, i));
    }
    assert_int_equal(level_commit(world->level, false), ERR_OK);
}

static void s_learn(world_t *world, int times)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(bloom_learn(world->bloom, world->level), ERR_OK);
}

static int s_lacking(world_t *world, char letter, int from, int to)
{
    int lacking = 0;
    for (int i = from; i < to; i++)
        lacking += bloom_lacks(world->bloom, s_key(world, letter, i));
    return lacking;
}

static void test_knows_what_it_was_told(void **state)
{
    world_t *world = *state;
    s_learn(world, 1);
    assert_int_equal(s_lacking(world, 'k', 0, KEYS), KEYS);
    s_write(world, 'k', 0, KEYS, true);
    assert_int_equal(s_lacking(world, 'k', 0, KEYS), 0);
    assert_true(s_lacking(world, 'k', KEYS, 2 * KEYS) > KEYS * 99 / 100);
}

/* A page at a time; until the last nothing is sure. */
static void test_learns_what_was_there_before(void **state)
{
    enum { PAGES = KEYS / 1000 };
    world_t *world = *state;
    s_write(world, 'j', 0, 10, false);
    s_write(world, 'k', 0, KEYS, false);
    s_write(world, 'l', 0, 10, false);
    s_learn(world, PAGES / 2);
    s_write(world, 'k', KEYS, KEYS + 10, true);
    s_learn(world, PAGES / 2);
    assert_int_equal(s_lacking(world, 'k', 2 * KEYS, 3 * KEYS), 0);
    s_learn(world, 2);
    assert_int_equal(s_lacking(world, 'k', 0, KEYS + 10), 0);
    assert_true(s_lacking(world, 'k', 2 * KEYS, 3 * KEYS) > KEYS * 99 / 100);
}

static void test_says_nothing_of_other_letters(void **state)
{
    world_t *world = *state;
    s_learn(world, 1);
    bloom_add(world->bloom, s_key(world, 'j', 1));
    assert_int_equal(s_lacking(world, 'j', 0, 100), 0);
    assert_int_equal(s_lacking(world, 'l', 0, 100), 0);
    assert_false(bloom_lacks(world->bloom, SLICE_LIT("")));
}

/* While more comes than a page holds. */
static void test_learns_to_the_end_while_rows_come(void **state)
{
    enum { MORE = 3000, FLUSHES = 12 };
    world_t *world = *state;
    s_write(world, 'k', 0, KEYS, false);
    for (int i = 0; i < FLUSHES; i++) {
        s_write(world, 'k', KEYS + i * MORE, KEYS + (i + 1) * MORE, true);
        s_learn(world, 1);
    }
    assert_int_equal(s_lacking(world, 'k', 0, KEYS + FLUSHES * MORE), 0);
    assert_true(s_lacking(world, 'k', 10 * KEYS, 11 * KEYS) > KEYS * 99 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_knows_what_it_was_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_learns_what_was_there_before, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_says_nothing_of_other_letters, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_learns_to_the_end_while_rows_come, s_setup,
                                        s_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
