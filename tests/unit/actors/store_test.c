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
#include "tests/unit/actors/storing.h"

/* ---- single verbs ---- */

static void test_new_store_is_empty(void **state)
{
    storing_t *storing = *state;
    assert_int_equal(store_applied(storing->store), 0);
    assert_int_equal(store_waiting(storing->store), 0);
    storing_expect(storing, "k", NULL);
}

static void test_pending_is_read_but_never_flushed(void **state)
{
    storing_t *storing = *state;
    storing_put(storing, "k", "pending");
    storing_expect(storing, "k", "pending");
    assert_int_equal(store_waiting(storing->store), 0);
    storing_flush(storing, 7);
    storing_reopen(storing);
    assert_int_equal(store_applied(storing->store), 7);
    storing_expect(storing, "k", NULL);
}

static void test_committed_reads_pass_over_what_is_pending(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k", "committed");
    storing_flush(storing, 1);
    storing_put(storing, "k", "pending");
    storing_put(storing, "new", "pending");
    store_committed_begin(storing->store);
    storing_expect(storing, "k", "committed");
    storing_expect(storing, "new", NULL);
    assert_false(store_rests(storing->store));
    store_rest_begin(storing->store);
    storing_expect(storing, "k", "pending");
    assert_true(store_rests(storing->store));
}

static void test_what_was_absent_is_found_once_it_is_there(void **state)
{
    storing_t *storing = *state;
    storing_expect(storing, "k", NULL);
    storing_expect(storing, "k", NULL);
    storing_put(storing, "k", "pending");
    storing_expect(storing, "k", "pending");
    store_forget(storing->store);
    storing_expect(storing, "k", NULL);
    storing_put_settled(storing, "k", "there");
    storing_expect(storing, "k", "there");
    storing_flush(storing, 1);
    storing_reopen(storing);
    storing_expect(storing, "k", "there");
}

/* Whatever the filter has learned, and wherever the row comes from. */
static void test_filtered_rows_are_found_wherever_they_are(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k1", "before");
    storing_flush(storing, 1);
    storing_reopen(storing);
    store_filter(storing->store, 'k');
    storing_expect(storing, "k1", "before");
    storing_expect(storing, "k2", NULL);
    storing_put_settled(storing, "k2", "after");
    storing_put_settled(storing, "m", "another letter");
    storing_flush(storing, 2);
    storing_expect(storing, "k1", "before");
    storing_expect(storing, "k2", "after");
    storing_expect(storing, "k3", NULL);
    storing_expect(storing, "m", "another letter");
    storing_put_settled(storing, "k3", "when all was learned");
    storing_flush(storing, 3);
    storing_expect(storing, "k3", "when all was learned");
    storing_reopen(storing);
    store_filter(storing->store, 'k');
    storing_flush(storing, 4);
    storing_expect(storing, "k1", "before");
    storing_expect(storing, "k2", "after");
    assert_int_equal(store_reset(storing->store), ERR_OK);
    storing_expect(storing, "k2", NULL);
    storing_put_settled(storing, "k2", "anew");
    storing_flush(storing, 1);
    storing_expect(storing, "k2", "anew");
}

static void test_settled_is_flushed_with_its_sequence(void **state)
{
    storing_t *storing = *state;
    storing_put(storing, "k", "one");
    store_settle(storing->store, store_mark(storing->store));
    assert_true(store_waiting(storing->store) > 0);
    storing_flush(storing, 1);
    assert_int_equal(store_waiting(storing->store), 0);
    storing_expect(storing, "k", "one");
    storing_reopen(storing);
    assert_int_equal(store_applied(storing->store), 1);
    storing_expect(storing, "k", "one");
}

static void test_settle_takes_the_oldest_first(void **state)
{
    storing_t *storing = *state;
    storing_put(storing, "k", "one");
    storing_put(storing, "k", "two");
    storing_put(storing, "k", "three");
    store_settle(storing->store, 2);
    storing_expect(storing, "k", "three");
    storing_flush(storing, 2);
    storing_reopen(storing);
    storing_expect(storing, "k", "two");
}

static void test_mark_counts_pending_writes_since_the_last(void **state)
{
    storing_t *storing = *state;
    storing_put(storing, "a", "1");
    store_delete(storing->store, slice_of("b"));
    storing_put_settled(storing, "c", "3");
    assert_int_equal(store_mark(storing->store), 2);
    assert_int_equal(store_mark(storing->store), 0);
    storing_put(storing, "d", "4");
    assert_int_equal(store_mark(storing->store), 1);
}

static void test_settled_writes_pass_by_the_queue(void **state)
{
    storing_t *storing = *state;
    storing_put(storing, "k", "pending");
    storing_put_settled(storing, "k", "settled");
    storing_expect(storing, "k", "pending");
    storing_flush(storing, 1);
    store_forget(storing->store);
    storing_expect(storing, "k", "settled");
    storing_reopen(storing);
    storing_expect(storing, "k", "settled");
}

static void test_delete_hides_the_row_on_disk(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 1);
    storing_reopen(storing);
    store_delete(storing->store, slice_of("k"));
    storing_expect(storing, "k", NULL);
    store_settle(storing->store, 1);
    storing_expect(storing, "k", NULL);
    storing_flush(storing, 2);
    storing_reopen(storing);
    storing_expect(storing, "k", NULL);
}

static void test_forget_goes_back_to_what_is_settled(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "on disk", "old");
    storing_flush(storing, 1);
    storing_reopen(storing);
    storing_put_settled(storing, "settled", "old");
    storing_put(storing, "on disk", "new");
    storing_put(storing, "settled", "new");
    storing_put(storing, "nowhere", "new");
    store_forget(storing->store);
    storing_expect(storing, "on disk", "old");
    storing_expect(storing, "settled", "old");
    storing_expect(storing, "nowhere", NULL);
    assert_int_equal(store_mark(storing->store), 0);
}

static void test_empty_value_is_not_absence(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k", "");
    storing_expect(storing, "k", "");
    store_settled_begin(storing->store);
    store_put(storing->store, slice_of("nothing"), (slice_t){0});
    store_settled_end(storing->store);
    storing_flush(storing, 1);
    storing_reopen(storing);
    storing_expect(storing, "k", "");
    storing_expect(storing, "nothing", "");
}

static void test_rests_on_pending_values_only(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "settled", "1");
    storing_put(storing, "pending", "1");
    store_rest_begin(storing->store);
    storing_expect(storing, "settled", "1");
    storing_expect(storing, "none", NULL);
    assert_false(store_rests(storing->store));
    storing_expect(storing, "pending", "1");
    assert_true(store_rests(storing->store));
    store_rest_begin(storing->store);
    assert_false(store_rests(storing->store));
}

static void test_a_pending_deletion_is_rested_on_too(void **state)
{
    storing_t *storing = *state;
    store_delete(storing->store, slice_of("k"));
    store_rest_begin(storing->store);
    storing_expect(storing, "k", NULL);
    assert_true(store_rests(storing->store));
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

static void s_expect_scan(storing_t *storing, const char *from, const char *to, bool reverse,
                          size_t most, const char *keys)
{
    seen_t seen = {.most = most};
    err_t err = store_scan(storing->store, slice_of(from), slice_of(to), reverse, s_see, &seen);
    assert_int_equal(err, ERR_OK);
    assert_string_equal(seen.keys, keys);
}

static void test_scan_sees_committed_rows_in_order(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "b", "1");
    storing_put_settled(storing, "d", "1");
    storing_put_settled(storing, "a", "1");
    storing_put_settled(storing, "c", "1");
    storing_put(storing, "bb", "pending");
    storing_flush(storing, 9);
    s_expect_scan(storing, NULL, NULL, false, 9, "abcd");
    s_expect_scan(storing, NULL, NULL, true, 9, "dcba");
    s_expect_scan(storing, "b", "d", false, 9, "bc");
    s_expect_scan(storing, "b", "d", true, 9, "cb");
    s_expect_scan(storing, "a", "z", false, 2, "ab");
    s_expect_scan(storing, "bc", "bd", false, 9, "");
}

/* ---- digest ---- */

static void test_digest_is_of_rows_and_not_of_the_sequence(void **state)
{
    storing_t *storing = *state;
    uint8_t first[32], second[32];
    storing_put_settled(storing, "a", "bc");
    storing_flush(storing, 1);
    storing_digest(storing, first);
    storing_flush(storing, 2);
    storing_digest(storing, second);
    assert_memory_equal(first, second, sizeof first);

    store_settled_begin(storing->store);
    store_delete(storing->store, slice_of("a"));
    store_put(storing->store, slice_of("ab"), slice_of("c"));
    store_settled_end(storing->store);
    storing_flush(storing, 3);
    storing_digest(storing, second);
    assert_memory_not_equal(first, second, sizeof first);
}

/* ---- damage ---- */

/* Take the last bytes off every file of the store whose name ends so. */
static void s_cut(storing_t *storing, const char *end)
{
    char pattern[sizeof storing->path + 16];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*%s", storing->path, end);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct stat seen;
        assert_int_equal(stat(found.gl_pathv[i], &seen), 0);
        assert_int_equal(truncate(found.gl_pathv[i], seen.st_size - 5), 0);
    }
    globfree(&found);
}

/* Open what was damaged, without its complaints: it is left as it is until it is made anew. */
static void s_open_damaged(storing_t *storing)
{
    slice_t value;
    scratch_hush();
    assert_int_equal(store_open(storing->path, &storing->store), ERR_OK);
    assert_false(store_fits(storing->store));
    assert_int_equal(store_applied(storing->store), 0);
    assert_int_equal(store_get(storing->store, slice_of("k"), storing->arena, &value), ERR_CORRUPT);
    assert_int_equal(store_flush(storing->store, 1), ERR_CORRUPT);
    storing_reopen(storing);
    assert_false(store_fits(storing->store));
    assert_int_equal(store_reset(storing->store), ERR_OK);
    scratch_speak();
    assert_true(store_fits(storing->store));
}

static void s_expect_empty_and_usable(storing_t *storing)
{
    assert_int_equal(store_applied(storing->store), 0);
    storing_expect(storing, "k", NULL);
    storing_put_settled(storing, "k", "two");
    storing_flush(storing, 6);
    storing_reopen(storing);
    storing_expect(storing, "k", "two");
}

static void test_flipped_bits_in_the_log_start_empty(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 5);
    store_close(&storing->store);
    scratch_flip(storing->path, ".log", 12);
    s_open_damaged(storing);
    s_expect_empty_and_usable(storing);
}

static void test_cut_table_starts_empty(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 5);
    storing_reopen(storing); /* the log's rows move to a table */
    store_close(&storing->store);
    s_cut(storing, ".ldb");
    s_open_damaged(storing);
    s_expect_empty_and_usable(storing);
}

static void test_store_without_its_current_file_starts_empty(void **state)
{
    storing_t *storing = *state;
    char file[sizeof storing->path + 16];
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 5);
    store_close(&storing->store);
    snprintf(file, sizeof file, "%s/CURRENT", storing->path);
    assert_int_equal(unlink(file), 0);
    s_open_damaged(storing);
    s_expect_empty_and_usable(storing);
}

static void test_store_in_use_is_refused_and_left_alone(void **state)
{
    storing_t *storing = *state;
    store_t *second = NULL;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 5);
    scratch_hush();
    assert_int_equal(store_open(storing->path, &second), ERR_STORAGE);
    scratch_speak();
    assert_null(second);
    storing_reopen(storing);
    storing_expect(storing, "k", "one");
}

/* ---- a full disk ---- */

static void test_full_disk_keeps_rows_in_memory_until_there_is_room(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "old", "one");
    storing_flush(storing, 1);
    storing_put_settled(storing, "new", "two");
    scratch_hush();
    scratch_bound_files(64);
    assert_int_equal(store_flush(storing->store, 2), ERR_STORAGE);
    storing_expect(storing, "old", "one");
    storing_expect(storing, "new", "two");
    storing_expect(storing, "none", NULL);
    storing_put_settled(storing, "newer", "three");
    assert_int_equal(store_flush(storing->store, 3), ERR_STORAGE);
    scratch_bound_files(0);
    scratch_speak();
    assert_int_equal(store_applied(storing->store), 1);
    storing_flush(storing, 3);
    storing_reopen(storing);
    assert_int_equal(store_applied(storing->store), 3);
    storing_expect(storing, "old", "one");
    storing_expect(storing, "new", "two");
    storing_expect(storing, "newer", "three");
}

static void test_full_disk_at_start_destroys_nothing(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 1);
    store_close(&storing->store);
    scratch_hush();
    scratch_bound_files(16);
    assert_int_equal(store_open(storing->path, &storing->store), ERR_STORAGE);
    scratch_bound_files(0);
    scratch_speak();
    assert_int_equal(store_open(storing->path, &storing->store), ERR_OK);
    assert_int_equal(store_applied(storing->store), 1);
    storing_expect(storing, "k", "one");
}

/* ---- starting over ---- */

static void test_time_is_kept_with_a_flush(void **state)
{
    storing_t *storing = *state;
    store_set_time(storing->store, 1790000000000000);
    storing_flush(storing, 1);
    store_set_time(storing->store, 1790000000000001);
    storing_reopen(storing);
    assert_true(store_time(storing->store) == 1790000000000000);
}

static void test_reset_leaves_nothing(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "on disk", "one");
    store_set_time(storing->store, 5);
    storing_flush(storing, 7);
    storing_put_settled(storing, "settled", "one");
    storing_put(storing, "pending", "one");
    scratch_hush();
    assert_int_equal(store_reset(storing->store), ERR_OK);
    scratch_speak();
    assert_int_equal(store_applied(storing->store), 0);
    assert_int_equal(store_time(storing->store), 0);
    assert_int_equal(store_mark(storing->store), 0);
    storing_expect(storing, "on disk", NULL);
    storing_expect(storing, "settled", NULL);
    storing_expect(storing, "pending", NULL);
    storing_put_settled(storing, "k", "new");
    storing_flush(storing, 1);
    storing_reopen(storing);
    storing_expect(storing, "k", "new");
}

static void test_another_format_is_left_as_it_is(void **state)
{
    storing_t *storing = *state;
    assert_int_equal(store_expect(storing->store, 1), ERR_OK);
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 3);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 1), ERR_OK);
    assert_int_equal(store_applied(storing->store), 3);
    storing_expect(storing, "k", "one");
    assert_int_equal(store_expect(storing->store, 2), ERR_OK);
    assert_false(store_fits(storing->store));
    assert_int_equal(store_applied(storing->store), 0);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 1), ERR_OK);
    assert_true(store_fits(storing->store));
    storing_expect(storing, "k", "one");
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 2), ERR_OK);
    assert_int_equal(store_reset(storing->store), ERR_OK);
    storing_expect(storing, "k", NULL);
    storing_flush(storing, 1);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 2), ERR_OK);
    assert_int_equal(store_applied(storing->store), 1);
}

/* ---- inspecting ---- */

static void test_inspecting_sees_what_the_store_had(void **state)
{
    storing_t *storing = *state;
    uint8_t expected[32], hash[32];
    uint64_t applied;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 5);
    storing_digest(storing, expected);
    store_close(&storing->store);
    assert_int_equal(store_inspect(storing->path, &applied, hash), ERR_OK);
    assert_int_equal(applied, 5);
    assert_memory_equal(hash, expected, sizeof hash);
    assert_int_equal(store_inspect(storing->folder, &applied, hash), ERR_NOT_FOUND);
}

static void test_inspecting_leaves_damage_alone(void **state)
{
    storing_t *storing = *state;
    uint8_t hash[32];
    uint64_t applied;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 5);
    store_close(&storing->store);
    scratch_flip(storing->path, ".log", 12);
    scratch_hush();
    assert_int_equal(store_inspect(storing->path, &applied, hash), ERR_CORRUPT);
    assert_int_equal(store_inspect(storing->path, &applied, hash), ERR_CORRUPT);
    scratch_speak();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, storing_setup, storing_teardown)
        TEST(test_new_store_is_empty),
        TEST(test_pending_is_read_but_never_flushed),
        TEST(test_committed_reads_pass_over_what_is_pending),
        TEST(test_what_was_absent_is_found_once_it_is_there),
        TEST(test_filtered_rows_are_found_wherever_they_are),
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
