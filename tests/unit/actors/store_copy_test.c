/* store_copy_test.c - a copy of a projection is what that was when it was begun, and can take its
 * place. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "actors/store.h"
#include "tests/unit/scratch.h"

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 8]; /* of the store, in the folder */
    store_t *store;
    arena_t *arena;
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    scratch_make(world->folder);
    snprintf(world->path, sizeof world->path, "%s/actor", world->folder);
    world->arena = arena_new();
    assert_int_equal(store_open(world->path, &world->store), ERR_OK);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    store_close(&world->store);
    scratch_remove(world->folder);
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

static void s_reopen(world_t *world)
{
    store_close(&world->store);
    assert_int_equal(store_open(world->path, &world->store), ERR_OK);
}

static void s_put(world_t *world, const char *key, const char *value)
{
    store_put(world->store, slice_of(key), slice_of(value));
}

static void s_put_settled(world_t *world, const char *key, const char *value)
{
    store_settled_begin(world->store);
    s_put(world, key, value);
    store_settled_end(world->store);
}

static void s_flush(world_t *world, uint64_t applied)
{
    assert_int_equal(store_flush(world->store, applied), ERR_OK);
}

static void s_expect(world_t *world, const char *key, const char *value)
{
    slice_t found;
    err_t err = store_get(world->store, slice_of(key), world->arena, &found);
    assert_int_equal(err, value != NULL ? ERR_OK : ERR_NOT_FOUND);
    if (value != NULL)
        assert_true(slice_is(found, value));
}

static void s_digest(world_t *world, uint8_t hash[32])
{
    assert_int_equal(store_digest(world->store, hash), ERR_OK);
}

static void s_end_copy(world_t *world, copy_report_t *ret_report)
{
    while (!store_copy_end(world->store, ret_report))
        sched_yield();
}

static void s_copy_path(const world_t *world, char ret_path[4096 + 64])
{
    snprintf(ret_path, 4096 + 64, "%s/copy", world->folder);
}

static void test_a_copy_is_what_was_there_when_it_was_begun(void **state)
{
    world_t *world = *state;
    char path[4096 + 64];
    copy_report_t report;
    uint8_t expected[32], hash[32];
    uint64_t applied;
    for (int i = 0; i < 20000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%05d", i);
        s_put_settled(world, key, "one");
    }
    store_set_reacted(world->store, 4);
    s_flush(world, 5);
    s_digest(world, expected);
    s_copy_path(world, path);
    assert_int_equal(store_copy_begin(world->store, path), ERR_OK);
    s_put_settled(world, "later", "two");
    s_flush(world, 6);
    s_end_copy(world, &report);
    assert_int_equal(report.err, ERR_OK);
    assert_int_equal(report.rows, 20000);
    assert_memory_equal(report.digest, expected, sizeof expected);
    assert_int_equal(store_inspect(path, &applied, hash), ERR_OK);
    assert_int_equal(applied, 5);
    assert_memory_equal(hash, expected, sizeof hash);
}

static void test_a_copy_that_is_begun_again_leaves_nothing_of_the_last(void **state)
{
    world_t *world = *state;
    char path[4096 + 64];
    copy_report_t report;
    s_copy_path(world, path);
    s_put_settled(world, "k", "one");
    s_flush(world, 1);
    assert_int_equal(store_copy_begin(world->store, path), ERR_OK);
    s_end_copy(world, &report);
    store_settled_begin(world->store);
    store_delete(world->store, slice_of("k"));
    store_settled_end(world->store);
    s_flush(world, 2);
    assert_int_equal(store_copy_begin(world->store, path), ERR_OK);
    s_end_copy(world, &report);
    assert_int_equal(report.err, ERR_OK);
    assert_int_equal(report.rows, 0);
}

static void test_a_copy_does_not_outlive_its_store(void **state)
{
    world_t *world = *state;
    char path[4096 + 64];
    copy_report_t report;
    s_copy_path(world, path);
    s_put_settled(world, "k", "one");
    s_flush(world, 1);
    assert_int_equal(store_copy_begin(world->store, path), ERR_OK);
    assert_int_equal(store_reset(world->store), ERR_OK); /* it may have ended, or not */
    s_end_copy(world, &report);
    assert_true(report.err == ERR_OK || report.err == ERR_UNAVAILABLE);
    assert_int_equal(store_copy_begin(world->store, path), ERR_OK);
}

static void test_a_copy_takes_the_place_of_what_was_there(void **state)
{
    world_t *world = *state;
    char path[4096 + 64];
    copy_report_t report;
    uint64_t reacted;
    s_copy_path(world, path);
    assert_int_equal(store_expect(world->store, 3), ERR_OK);
    s_put_settled(world, "k", "one");
    store_set_reacted(world->store, 6);
    store_set_time(world->store, 77);
    s_flush(world, 7);
    assert_int_equal(store_base(world->store), 6);
    assert_int_equal(store_copy_begin(world->store, path), ERR_OK);
    s_end_copy(world, &report);
    s_put_settled(world, "k", "two");
    s_put_settled(world, "l", "two");
    s_flush(world, 9);
    assert_int_equal(store_take(world->store, path, NULL), ERR_OK);
    assert_int_equal(store_applied(world->store), 7);
    assert_int_equal(store_time(world->store), 77);
    assert_true(store_reacted(world->store, &reacted));
    assert_int_equal(reacted, 6);
    s_expect(world, "k", "one");
    s_expect(world, "l", NULL);
    s_reopen(world);
    assert_int_equal(store_expect(world->store, 3), ERR_OK);
    assert_true(store_fits(world->store));
    s_expect(world, "k", "one");
}

/* What was one row is two: the key's first letter stands in front of each. */
static void s_convert(level_t *to, slice_t key, slice_t value)
{
    char name[16];
    int len = snprintf(name, sizeof name, "a%.*s", SLICE_ARG(key));
    level_put(to, slice_new(name, (size_t)len), value);
    name[0] = 'b';
    level_put(to, slice_new(name, (size_t)len), key);
}

static void test_rows_of_an_older_format_are_converted(void **state)
{
    world_t *world = *state;
    char path[4096 + 64];
    copy_report_t report;
    s_copy_path(world, path);
    assert_int_equal(store_expect(world->store, 1), ERR_OK);
    s_put_settled(world, "k", "one");
    s_flush(world, 7);
    assert_int_equal(store_copy_begin(world->store, path), ERR_OK);
    s_end_copy(world, &report);
    s_reopen(world);
    assert_int_equal(store_expect(world->store, 2), ERR_OK);
    assert_false(store_fits(world->store));
    assert_int_equal(store_take(world->store, path, s_convert), ERR_OK);
    assert_true(store_fits(world->store));
    assert_int_equal(store_applied(world->store), 7);
    s_reopen(world);
    assert_int_equal(store_expect(world->store, 2), ERR_OK);
    assert_true(store_fits(world->store));
    s_expect(world, "ak", "one");
    s_expect(world, "bk", "k");
    s_expect(world, "k", NULL);
}

static void test_what_is_not_there_takes_no_place(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "k", "one");
    s_flush(world, 7);
    assert_int_equal(store_take(world->store, world->folder, NULL), ERR_NOT_FOUND);
    s_expect(world, "k", "one");
    assert_int_equal(store_applied(world->store), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
        TEST(test_a_copy_is_what_was_there_when_it_was_begun),
        TEST(test_a_copy_that_is_begun_again_leaves_nothing_of_the_last),
        TEST(test_a_copy_does_not_outlive_its_store),
        TEST(test_a_copy_takes_the_place_of_what_was_there),
        TEST(test_rows_of_an_older_format_are_converted),
        TEST(test_what_is_not_there_takes_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
