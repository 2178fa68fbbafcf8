/* level_test.c - rows, ranges, and the faults that LevelDB would rather not tell. */
#include "actors/level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 8];
    level_t *level;
    arena_t *arena;
} world_t;

static const level_options_t s_options = {.create = true, .bloom_bits = 10};

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

static err_t s_reopen(world_t *world)
{
    level_close(&world->level);
    return level_open(world->path, &s_options, &world->level);
}

static void s_put(world_t *world, const char *key, const char *value)
{
    level_put(world->level, slice_of(key), slice_of(value));
}

static void s_assert_value(world_t *world, const char *key, const char *expected)
{
    slice_t value = {0};
    err_t err = level_get(world->level, slice_of(key), world->arena, &value);
    assert_int_equal(err, expected != NULL ? ERR_OK : ERR_NOT_FOUND);
    if (expected != NULL)
        assert_true(slice_is(value, expected));
}

static void test_rows(void **state)
{
    world_t *world = *state;
    s_assert_value(world, "a", NULL);
    s_put(world, "a", "1");
    s_put(world, "b", "");
    assert_int_equal(level_batched(world->level), 3);
    s_assert_value(world, "a", NULL); /* not before the commit */
    assert_int_equal(level_commit(world->level, true), ERR_OK);
    assert_int_equal(level_batched(world->level), 0);
    s_assert_value(world, "a", "1");
    s_assert_value(world, "b", "");

    level_delete(world->level, SLICE_LIT("a"));
    s_put(world, "c", "3");
    assert_int_equal(level_commit(world->level, false), ERR_OK);
    s_put(world, "d", "4");
    level_abandon(world->level);
    assert_int_equal(level_commit(world->level, false), ERR_OK);
    assert_int_equal(s_reopen(world), ERR_OK);
    s_assert_value(world, "a", NULL);
    s_assert_value(world, "c", "3");
    s_assert_value(world, "d", NULL);
}

/* The keys of a range, one letter each, as one word. */
static void s_assert_keys(level_range_t *range, const char *expected)
{
    char seen[16] = "";
    slice_t key, value;
    for (size_t i = 0; level_range_next(range, &key, &value); i++)
        seen[i] = (char)key.ptr[0];
    assert_string_equal(seen, expected);
}

static void s_assert_range(world_t *world, const char *from, const char *to, bool reverse,
                           const char *expected)
{
    level_range_t range;
    level_range_open(world->level, slice_of(from), slice_of(to), reverse, &range);
    s_assert_keys(&range, expected);
    assert_int_equal(level_range_close(&range), ERR_OK);
}

static void test_ranges(void **state)
{
    world_t *world = *state;
    s_assert_range(world, NULL, NULL, false, "");
    s_assert_range(world, NULL, NULL, true, "");
    for (const char *key = "b\0d\0f\0h\0"; *key != '\0'; key += 2)
        s_put(world, key, "");
    assert_int_equal(level_commit(world->level, false), ERR_OK);

    s_assert_range(world, NULL, NULL, false, "bdfh");
    s_assert_range(world, NULL, NULL, true, "hfdb");
    s_assert_range(world, "d", "h", false, "df");
    s_assert_range(world, "d", "h", true, "fd");
    s_assert_range(world, "c", "g", false, "df");
    s_assert_range(world, "c", "g", true, "fd");
    s_assert_range(world, "i", NULL, false, "");
    s_assert_range(world, NULL, "a", true, "");
    s_assert_range(world, NULL, "z", true, "hfdb");
    s_assert_range(world, "d", "d", false, "");
}

static void test_range_moves(void **state)
{
    world_t *world = *state;
    level_range_t range;
    for (const char *key = "b\0d\0f\0h\0"; *key != '\0'; key += 2)
        s_put(world, key, "");
    assert_int_equal(level_commit(world->level, false), ERR_OK);
    level_range_open(world->level, SLICE_LIT("f"), (slice_t){0}, false, &range);
    s_put(world, "g", "");
    assert_int_equal(level_commit(world->level, false), ERR_OK);
    s_assert_keys(&range, "fh"); /* a snapshot: without g */
    level_range_move(&range, SLICE_LIT("a"), SLICE_LIT("e"));
    s_assert_keys(&range, "bd");
    assert_int_equal(level_range_close(&range), ERR_OK);
}

static void test_folder(void **state)
{
    world_t *world = *state;
    struct stat seen;
    level_t *second = NULL;
    assert_int_equal(stat(world->path, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0700);

    scratch_hush();
    assert_int_equal(level_open(world->path, &s_options, &second), ERR_UNAVAILABLE);
    scratch_speak();
    assert_null(second);

    level_close(&world->level);
    assert_int_equal(level_destroy(world->path), ERR_OK);
    assert_int_not_equal(stat(world->path, &seen), 0);
    assert_int_equal(level_destroy(world->path), ERR_OK);
    assert_int_equal(level_open(world->path, &(level_options_t){0}, &second), ERR_NOT_FOUND);
    assert_int_not_equal(stat(world->path, &seen), 0); /* and nothing was made */
}

/* LevelDB would take the folder for a new one and delete what is in it. */
static void test_lost_current(void **state)
{
    world_t *world = *state;
    char current[SCRATCH_PATH_SIZE + 32], aside[SCRATCH_PATH_SIZE + 32];
    s_put(world, "a", "1");
    assert_int_equal(level_commit(world->level, true), ERR_OK);
    level_close(&world->level);
    snprintf(current, sizeof current, "%s/CURRENT", world->path);
    snprintf(aside, sizeof aside, "%s/aside", world->path);
    assert_int_equal(rename(current, aside), 0);
    scratch_hush();
    assert_int_equal(s_reopen(world), ERR_CORRUPT);
    scratch_speak();
    assert_int_equal(rename(aside, current), 0);
    assert_int_equal(s_reopen(world), ERR_OK);
    s_assert_value(world, "a", "1");
}

static void test_damaged_log(void **state)
{
    world_t *world = *state;
    s_put(world, "a", "1");
    assert_int_equal(level_commit(world->level, true), ERR_OK);
    level_close(&world->level);
    scratch_flip(world->path, ".log", 20);
    scratch_hush();
    assert_int_equal(s_reopen(world), ERR_CORRUPT);
    scratch_speak();
}

static void test_damaged_table(void **state)
{
    world_t *world = *state;
    level_range_t range;
    slice_t key, value;
    s_put(world, "a", "1");
    assert_int_equal(level_commit(world->level, true), ERR_OK);
    assert_int_equal(s_reopen(world), ERR_OK); /* moves the log into a table */
    level_close(&world->level);
    scratch_flip(world->path, ".ldb", 3);
    assert_int_equal(s_reopen(world), ERR_OK);
    scratch_hush();
    assert_int_equal(level_get(world->level, SLICE_LIT("a"), world->arena, &value), ERR_CORRUPT);
    level_range_open(world->level, (slice_t){0}, (slice_t){0}, false, &range);
    assert_false(level_range_next(&range, &key, &value));
    assert_int_equal(level_range_close(&range), ERR_CORRUPT);
    scratch_speak();
}

/* After a failed write LevelDB would accept the next one, and lose it. */
static void test_failed_write(void **state)
{
    world_t *world = *state;
    static char large[64 * 1024];
    memset(large, 'x', sizeof large - 1);
    s_put(world, "before", "1");
    assert_int_equal(level_commit(world->level, true), ERR_OK);

    scratch_hush();
    scratch_bound_files(32 * 1024);
    s_put(world, "failed", large);
    assert_int_equal(level_commit(world->level, true), ERR_STORAGE);
    scratch_bound_files(0);
    scratch_speak();
    s_put(world, "after", "3");
    assert_int_equal(level_commit(world->level, true), ERR_STORAGE);

    assert_int_equal(s_reopen(world), ERR_OK);
    s_assert_value(world, "before", "1");
    s_assert_value(world, "after", NULL);
    s_put(world, "again", "4");
    assert_int_equal(level_commit(world->level, true), ERR_OK);
    s_assert_value(world, "again", "4");
}

static void test_size(void **state)
{
    world_t *world = *state;
    static char value[1024];
    memset(value, 'x', sizeof value - 1);
    for (char key[] = "a"; key[0] <= 'z'; key[0]++)
        s_put(world, key, value);
    assert_int_equal(level_commit(world->level, false), ERR_OK);
    assert_int_equal(s_reopen(world), ERR_OK);
    assert_in_range(level_size(world->level), 26 * 1024, 30 * 1024);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows),          TEST(test_ranges),       TEST(test_range_moves),
        TEST(test_folder),        TEST(test_lost_current), TEST(test_damaged_log),
        TEST(test_damaged_table), TEST(test_failed_write), TEST(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
