/* store_test.c - every verb of the store, and damage of every kind. */
#include "actors/store.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
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

/* The key has that value; NULL: none. */
static void s_expect(world_t *world, const char *key, const char *value)
{
    slice_t found;
    err_t err = store_get(world->store, slice_of(key), world->arena, &found);
    assert_int_equal(err, value != NULL ? ERR_OK : ERR_NOT_FOUND);
    if (value != NULL)
        assert_true(slice_is(found, value));
}

/* ---- single verbs ---- */

static void test_new_store_is_empty(void **state)
{
    world_t *world = *state;
    assert_int_equal(store_applied(world->store), 0);
    assert_int_equal(store_waiting(world->store), 0);
    s_expect(world, "k", NULL);
}

static void test_pending_is_read_but_never_flushed(void **state)
{
    world_t *world = *state;
    s_put(world, "k", "pending");
    s_expect(world, "k", "pending");
    assert_int_equal(store_waiting(world->store), 0);
    s_flush(world, 7);
    s_reopen(world);
    assert_int_equal(store_applied(world->store), 7);
    s_expect(world, "k", NULL);
}

static void test_committed_reads_pass_over_what_is_pending(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "k", "committed");
    s_flush(world, 1);
    s_put(world, "k", "pending");
    s_put(world, "new", "pending");
    store_committed_begin(world->store);
    s_expect(world, "k", "committed");
    s_expect(world, "new", NULL);
    assert_false(store_rests(world->store));
    store_rest_begin(world->store);
    s_expect(world, "k", "pending");
    assert_true(store_rests(world->store));
}

static void test_settled_is_flushed_with_its_sequence(void **state)
{
    world_t *world = *state;
    s_put(world, "k", "one");
    store_settle(world->store, store_mark(world->store));
    assert_true(store_waiting(world->store) > 0);
    s_flush(world, 1);
    assert_int_equal(store_waiting(world->store), 0);
    s_expect(world, "k", "one");
    s_reopen(world);
    assert_int_equal(store_applied(world->store), 1);
    s_expect(world, "k", "one");
}

static void test_settle_takes_the_oldest_first(void **state)
{
    world_t *world = *state;
    s_put(world, "k", "one");
    s_put(world, "k", "two");
    s_put(world, "k", "three");
    store_settle(world->store, 2);
    s_expect(world, "k", "three");
    s_flush(world, 2);
    s_reopen(world);
    s_expect(world, "k", "two");
}

static void test_mark_counts_pending_writes_since_the_last(void **state)
{
    world_t *world = *state;
    s_put(world, "a", "1");
    store_delete(world->store, slice_of("b"));
    s_put_settled(world, "c", "3");
    assert_int_equal(store_mark(world->store), 2);
    assert_int_equal(store_mark(world->store), 0);
    s_put(world, "d", "4");
    assert_int_equal(store_mark(world->store), 1);
}

static void test_settled_writes_pass_by_the_queue(void **state)
{
    world_t *world = *state;
    s_put(world, "k", "pending");
    s_put_settled(world, "k", "settled");
    s_expect(world, "k", "pending");
    s_flush(world, 1);
    store_forget(world->store);
    s_expect(world, "k", "settled");
    s_reopen(world);
    s_expect(world, "k", "settled");
}

static void test_delete_hides_the_row_on_disk(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "k", "one");
    s_flush(world, 1);
    s_reopen(world);
    store_delete(world->store, slice_of("k"));
    s_expect(world, "k", NULL);
    store_settle(world->store, 1);
    s_expect(world, "k", NULL);
    s_flush(world, 2);
    s_reopen(world);
    s_expect(world, "k", NULL);
}

static void test_forget_goes_back_to_what_is_settled(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "on disk", "old");
    s_flush(world, 1);
    s_reopen(world);
    s_put_settled(world, "settled", "old");
    s_put(world, "on disk", "new");
    s_put(world, "settled", "new");
    s_put(world, "nowhere", "new");
    store_forget(world->store);
    s_expect(world, "on disk", "old");
    s_expect(world, "settled", "old");
    s_expect(world, "nowhere", NULL);
    assert_int_equal(store_mark(world->store), 0);
}

static void test_empty_value_is_not_absence(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "k", "");
    s_expect(world, "k", "");
    store_settled_begin(world->store);
    store_put(world->store, slice_of("nothing"), (slice_t){0});
    store_settled_end(world->store);
    s_flush(world, 1);
    s_reopen(world);
    s_expect(world, "k", "");
    s_expect(world, "nothing", "");
}

static void test_rests_on_pending_values_only(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "settled", "1");
    s_put(world, "pending", "1");
    store_rest_begin(world->store);
    s_expect(world, "settled", "1");
    s_expect(world, "none", NULL);
    assert_false(store_rests(world->store));
    s_expect(world, "pending", "1");
    assert_true(store_rests(world->store));
    store_rest_begin(world->store);
    assert_false(store_rests(world->store));
}

static void test_a_pending_deletion_is_rested_on_too(void **state)
{
    world_t *world = *state;
    store_delete(world->store, slice_of("k"));
    store_rest_begin(world->store);
    s_expect(world, "k", NULL);
    assert_true(store_rests(world->store));
}

/* ---- scan ---- */

typedef struct seen {
    char keys[64];
    size_t most;
} seen_t;

static bool s_see(void *ctx, slice_t key, slice_t value)
{
    seen_t *seen = ctx;
    (void)value;
    strncat(seen->keys, (const char *)key.ptr, key.len);
    return --seen->most > 0;
}

static void s_expect_scan(world_t *world, const char *from, const char *to, bool reverse,
                          size_t most, const char *keys)
{
    seen_t seen = {.most = most};
    err_t err = store_scan(world->store, slice_of(from), slice_of(to), reverse, s_see, &seen);
    assert_int_equal(err, ERR_OK);
    assert_string_equal(seen.keys, keys);
}

static void test_scan_sees_committed_rows_in_order(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "b", "1");
    s_put_settled(world, "d", "1");
    s_put_settled(world, "a", "1");
    s_put_settled(world, "c", "1");
    s_put(world, "bb", "pending");
    s_flush(world, 9);
    s_expect_scan(world, NULL, NULL, false, 9, "abcd");
    s_expect_scan(world, NULL, NULL, true, 9, "dcba");
    s_expect_scan(world, "b", "d", false, 9, "bc");
    s_expect_scan(world, "b", "d", true, 9, "cb");
    s_expect_scan(world, "a", "z", false, 2, "ab");
    s_expect_scan(world, "bc", "bd", false, 9, "");
}

/* ---- digest ---- */

static void s_digest(world_t *world, uint8_t hash[32])
{
    assert_int_equal(store_digest(world->store, hash), ERR_OK);
}

static void test_digest_is_of_rows_and_not_of_the_sequence(void **state)
{
    world_t *world = *state;
    uint8_t first[32], second[32];
    s_put_settled(world, "a", "bc");
    s_flush(world, 1);
    s_digest(world, first);
    s_flush(world, 2);
    s_digest(world, second);
    assert_memory_equal(first, second, sizeof first);

    store_settled_begin(world->store);
    store_delete(world->store, slice_of("a"));
    store_put(world->store, slice_of("ab"), slice_of("c"));
    store_settled_end(world->store);
    s_flush(world, 3);
    s_digest(world, second);
    assert_memory_not_equal(first, second, sizeof first);
}

/* ---- damage ---- */

/* Take the last bytes off every file of the store whose name ends so. */
static void s_cut(world_t *world, const char *end)
{
    char pattern[sizeof world->path + 16];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*%s", world->path, end);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct stat seen;
        assert_int_equal(stat(found.gl_pathv[i], &seen), 0);
        assert_int_equal(truncate(found.gl_pathv[i], seen.st_size - 5), 0);
    }
    globfree(&found);
}

/* Open what was damaged, without its complaints: it is left as it is until it is made anew. */
static void s_open_damaged(world_t *world)
{
    slice_t value;
    scratch_hush();
    assert_int_equal(store_open(world->path, &world->store), ERR_OK);
    assert_false(store_fits(world->store));
    assert_int_equal(store_applied(world->store), 0);
    assert_int_equal(store_get(world->store, slice_of("k"), world->arena, &value), ERR_CORRUPT);
    assert_int_equal(store_flush(world->store, 1), ERR_CORRUPT);
    s_reopen(world);
    assert_false(store_fits(world->store));
    assert_int_equal(store_reset(world->store), ERR_OK);
    scratch_speak();
    assert_true(store_fits(world->store));
}

static void s_expect_empty_and_usable(world_t *world)
{
    assert_int_equal(store_applied(world->store), 0);
    s_expect(world, "k", NULL);
    s_put_settled(world, "k", "two");
    s_flush(world, 6);
    s_reopen(world);
    s_expect(world, "k", "two");
}

static void test_flipped_bits_in_the_log_start_empty(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "k", "one");
    s_flush(world, 5);
    store_close(&world->store);
    scratch_flip(world->path, ".log", 12);
    s_open_damaged(world);
    s_expect_empty_and_usable(world);
}

static void test_cut_table_starts_empty(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "k", "one");
    s_flush(world, 5);
    s_reopen(world); /* the log's rows move to a table */
    store_close(&world->store);
    s_cut(world, ".ldb");
    s_open_damaged(world);
    s_expect_empty_and_usable(world);
}

static void test_store_without_its_current_file_starts_empty(void **state)
{
    world_t *world = *state;
    char file[sizeof world->path + 16];
    s_put_settled(world, "k", "one");
    s_flush(world, 5);
    store_close(&world->store);
    snprintf(file, sizeof file, "%s/CURRENT", world->path);
    assert_int_equal(unlink(file), 0);
    s_open_damaged(world);
    s_expect_empty_and_usable(world);
}

static void test_damage_met_at_work_ends_the_store_for_good(void **state)
{
    world_t *world = *state;
    slice_t value;
    uint8_t hash[32];
    s_put_settled(world, "k", "one");
    s_flush(world, 5);
    s_reopen(world); /* the log's rows move to a table */
    s_reopen(world); /* and that is not in memory any more */
    scratch_flip(world->path, ".ldb", 12);
    scratch_hush();
    assert_int_equal(store_get(world->store, slice_of("k"), world->arena, &value), ERR_CORRUPT);
    assert_int_equal(store_get(world->store, slice_of("k"), world->arena, &value), ERR_CORRUPT);
    assert_int_equal(store_digest(world->store, hash), ERR_CORRUPT);
    assert_int_equal(store_flush(world->store, 6), ERR_CORRUPT);
    scratch_speak();
    s_reopen(world);
    s_expect_empty_and_usable(world);
}

static void test_store_in_use_is_refused_and_left_alone(void **state)
{
    world_t *world = *state;
    store_t *second = NULL;
    s_put_settled(world, "k", "one");
    s_flush(world, 5);
    scratch_hush();
    assert_int_equal(store_open(world->path, &second), ERR_STORAGE);
    scratch_speak();
    assert_null(second);
    s_reopen(world);
    s_expect(world, "k", "one");
}

/* ---- a full disk ---- */

static void test_full_disk_keeps_rows_in_memory_until_there_is_room(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "old", "one");
    s_flush(world, 1);
    s_put_settled(world, "new", "two");
    scratch_hush();
    scratch_bound_files(64);
    assert_int_equal(store_flush(world->store, 2), ERR_STORAGE);
    s_expect(world, "old", "one");
    s_expect(world, "new", "two");
    s_expect(world, "none", NULL);
    s_put_settled(world, "newer", "three");
    assert_int_equal(store_flush(world->store, 3), ERR_STORAGE);
    scratch_bound_files(0);
    scratch_speak();
    assert_int_equal(store_applied(world->store), 1);
    s_flush(world, 3);
    s_reopen(world);
    assert_int_equal(store_applied(world->store), 3);
    s_expect(world, "old", "one");
    s_expect(world, "new", "two");
    s_expect(world, "newer", "three");
}

static void test_full_disk_at_start_destroys_nothing(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "k", "one");
    s_flush(world, 1);
    store_close(&world->store);
    scratch_hush();
    scratch_bound_files(16);
    assert_int_equal(store_open(world->path, &world->store), ERR_STORAGE);
    scratch_bound_files(0);
    scratch_speak();
    assert_int_equal(store_open(world->path, &world->store), ERR_OK);
    assert_int_equal(store_applied(world->store), 1);
    s_expect(world, "k", "one");
}

/* ---- starting over ---- */

static void test_time_is_kept_with_a_flush(void **state)
{
    world_t *world = *state;
    store_set_time(world->store, 1790000000000000);
    s_flush(world, 1);
    store_set_time(world->store, 1790000000000001);
    s_reopen(world);
    assert_true(store_time(world->store) == 1790000000000000);
}

static void test_reset_leaves_nothing(void **state)
{
    world_t *world = *state;
    s_put_settled(world, "on disk", "one");
    store_set_time(world->store, 5);
    s_flush(world, 7);
    s_put_settled(world, "settled", "one");
    s_put(world, "pending", "one");
    scratch_hush();
    assert_int_equal(store_reset(world->store), ERR_OK);
    scratch_speak();
    assert_int_equal(store_applied(world->store), 0);
    assert_int_equal(store_time(world->store), 0);
    assert_int_equal(store_mark(world->store), 0);
    s_expect(world, "on disk", NULL);
    s_expect(world, "settled", NULL);
    s_expect(world, "pending", NULL);
    s_put_settled(world, "k", "new");
    s_flush(world, 1);
    s_reopen(world);
    s_expect(world, "k", "new");
}

static void test_another_format_is_left_as_it_is(void **state)
{
    world_t *world = *state;
    assert_int_equal(store_expect(world->store, 1), ERR_OK);
    s_put_settled(world, "k", "one");
    s_flush(world, 3);
    s_reopen(world);
    assert_int_equal(store_expect(world->store, 1), ERR_OK);
    assert_int_equal(store_applied(world->store), 3);
    s_expect(world, "k", "one");
    assert_int_equal(store_expect(world->store, 2), ERR_OK);
    assert_false(store_fits(world->store));
    assert_int_equal(store_applied(world->store), 0);
    s_reopen(world);
    assert_int_equal(store_expect(world->store, 1), ERR_OK);
    assert_true(store_fits(world->store));
    s_expect(world, "k", "one");
    s_reopen(world);
    assert_int_equal(store_expect(world->store, 2), ERR_OK);
    assert_int_equal(store_reset(world->store), ERR_OK);
    s_expect(world, "k", NULL);
    s_flush(world, 1);
    s_reopen(world);
    assert_int_equal(store_expect(world->store, 2), ERR_OK);
    assert_int_equal(store_applied(world->store), 1);
}

/* ---- inspecting ---- */

static void test_inspecting_sees_what_the_store_had(void **state)
{
    world_t *world = *state;
    uint8_t expected[32], hash[32];
    uint64_t applied;
    s_put_settled(world, "k", "one");
    s_flush(world, 5);
    s_digest(world, expected);
    store_close(&world->store);
    assert_int_equal(store_inspect(world->path, &applied, hash), ERR_OK);
    assert_int_equal(applied, 5);
    assert_memory_equal(hash, expected, sizeof hash);
    assert_int_equal(store_inspect(world->folder, &applied, hash), ERR_NOT_FOUND);
}

static void test_inspecting_leaves_damage_alone(void **state)
{
    world_t *world = *state;
    uint8_t hash[32];
    uint64_t applied;
    s_put_settled(world, "k", "one");
    s_flush(world, 5);
    store_close(&world->store);
    scratch_flip(world->path, ".log", 12);
    scratch_hush();
    assert_int_equal(store_inspect(world->path, &applied, hash), ERR_CORRUPT);
    assert_int_equal(store_inspect(world->path, &applied, hash), ERR_CORRUPT);
    scratch_speak();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
        TEST(test_new_store_is_empty),
        TEST(test_pending_is_read_but_never_flushed),
        TEST(test_committed_reads_pass_over_what_is_pending),
        TEST(test_settled_is_flushed_with_its_sequence),
        TEST(test_settle_takes_the_oldest_first),
        TEST(test_mark_counts_pending_writes_since_the_last),
        TEST(test_settled_writes_pass_by_the_queue),
        TEST(test_delete_hides_the_row_on_disk),
        TEST(test_forget_goes_back_to_what_is_settled),
        TEST(test_empty_value_is_not_absence),
        TEST(test_rests_on_pending_values_only),
        TEST(test_a_pending_deletion_is_rested_on_too),
        TEST(test_scan_sees_committed_rows_in_order),
        TEST(test_digest_is_of_rows_and_not_of_the_sequence),
        TEST(test_flipped_bits_in_the_log_start_empty),
        TEST(test_cut_table_starts_empty),
        TEST(test_store_without_its_current_file_starts_empty),
        TEST(test_damage_met_at_work_ends_the_store_for_good),
        TEST(test_store_in_use_is_refused_and_left_alone),
        TEST(test_full_disk_keeps_rows_in_memory_until_there_is_room),
        TEST(test_full_disk_at_start_destroys_nothing),
        TEST(test_time_is_kept_with_a_flush),
        TEST(test_reset_leaves_nothing),
        TEST(test_another_format_is_left_as_it_is),
        TEST(test_inspecting_sees_what_the_store_had),
        TEST(test_inspecting_leaves_damage_alone),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
