/* store_copy_test.c - a copy of a projection is what that was when it was begun, and can take its
 * place. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "actors/store.h"
#include "tests/unit/actors/storing.h"

static void s_end_copy(storing_t *storing, copy_report_t *ret_report)
{
    while (!store_copy_end(storing->store, ret_report))
        sched_yield();
}

static void s_copy_path(const storing_t *storing, char ret_path[4096 + 64])
{
    snprintf(ret_path, 4096 + 64, "%s/copy", storing->folder);
}

static void test_a_copy_is_what_was_there_when_it_was_begun(void **state)
{
    storing_t *storing = *state;
    char path[4096 + 64];
    copy_report_t report;
    uint8_t expected[32], hash[32];
    uint64_t applied;
    for (int i = 0; i < 20000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%05d", i);
        storing_put_settled(storing, key, "one");
    }
    store_set_reacted(storing->store, 4);
    storing_flush(storing, 5);
    storing_digest(storing, expected);
    s_copy_path(storing, path);
    assert_int_equal(store_copy_begin(storing->store, path), ERR_OK);
    storing_put_settled(storing, "later", "two");
    storing_flush(storing, 6);
    s_end_copy(storing, &report);
    assert_int_equal(report.err, ERR_OK);
    assert_int_equal(report.rows, 20000);
    assert_memory_equal(report.digest, expected, sizeof expected);
    assert_int_equal(store_inspect(path, &applied, hash), ERR_OK);
    assert_int_equal(applied, 5);
    assert_memory_equal(hash, expected, sizeof hash);
}

static void test_a_copy_that_is_begun_again_leaves_nothing_of_the_last(void **state)
{
    storing_t *storing = *state;
    char path[4096 + 64];
    copy_report_t report;
    s_copy_path(storing, path);
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 1);
    assert_int_equal(store_copy_begin(storing->store, path), ERR_OK);
    s_end_copy(storing, &report);
    store_settled_begin(storing->store);
    store_delete(storing->store, slice_of("k"));
    store_settled_end(storing->store);
    storing_flush(storing, 2);
    assert_int_equal(store_copy_begin(storing->store, path), ERR_OK);
    s_end_copy(storing, &report);
    assert_int_equal(report.err, ERR_OK);
    assert_int_equal(report.rows, 0);
}

static void test_a_copy_does_not_outlive_its_store(void **state)
{
    storing_t *storing = *state;
    char path[4096 + 64];
    copy_report_t report;
    s_copy_path(storing, path);
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 1);
    assert_int_equal(store_copy_begin(storing->store, path), ERR_OK);
    assert_int_equal(store_reset(storing->store), ERR_OK); /* it may have ended, or not */
    s_end_copy(storing, &report);
    assert_true(report.err == ERR_OK || report.err == ERR_UNAVAILABLE);
    assert_int_equal(store_copy_begin(storing->store, path), ERR_OK);
}

static void test_a_copy_takes_the_place_of_what_was_there(void **state)
{
    storing_t *storing = *state;
    char path[4096 + 64];
    copy_report_t report;
    uint64_t reacted;
    s_copy_path(storing, path);
    assert_int_equal(store_expect(storing->store, 3), ERR_OK);
    storing_put_settled(storing, "k", "one");
    store_set_reacted(storing->store, 6);
    store_set_time(storing->store, 77);
    storing_flush(storing, 7);
    assert_int_equal(store_base(storing->store), 6);
    assert_int_equal(store_copy_begin(storing->store, path), ERR_OK);
    s_end_copy(storing, &report);
    storing_put_settled(storing, "k", "two");
    storing_put_settled(storing, "l", "two");
    storing_flush(storing, 9);
    assert_int_equal(store_take(storing->store, path, NULL), ERR_OK);
    assert_int_equal(store_applied(storing->store), 7);
    assert_int_equal(store_time(storing->store), 77);
    assert_true(store_reacted(storing->store, &reacted));
    assert_int_equal(reacted, 6);
    storing_expect(storing, "k", "one");
    storing_expect(storing, "l", NULL);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 3), ERR_OK);
    assert_true(store_fits(storing->store));
    storing_expect(storing, "k", "one");
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
    storing_t *storing = *state;
    char path[4096 + 64];
    copy_report_t report;
    s_copy_path(storing, path);
    assert_int_equal(store_expect(storing->store, 1), ERR_OK);
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 7);
    assert_int_equal(store_copy_begin(storing->store, path), ERR_OK);
    s_end_copy(storing, &report);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 2), ERR_OK);
    assert_false(store_fits(storing->store));
    assert_int_equal(store_take(storing->store, path, s_convert), ERR_OK);
    assert_true(store_fits(storing->store));
    assert_int_equal(store_applied(storing->store), 7);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 2), ERR_OK);
    assert_true(store_fits(storing->store));
    storing_expect(storing, "ak", "one");
    storing_expect(storing, "bk", "k");
    storing_expect(storing, "k", NULL);
}

static void test_what_is_not_there_takes_no_place(void **state)
{
    storing_t *storing = *state;
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 7);
    assert_int_equal(store_take(storing->store, storing->folder, NULL), ERR_NOT_FOUND);
    storing_expect(storing, "k", "one");
    assert_int_equal(store_applied(storing->store), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, storing_setup, storing_teardown)
        TEST(test_a_copy_is_what_was_there_when_it_was_begun),
        TEST(test_a_copy_that_is_begun_again_leaves_nothing_of_the_last),
        TEST(test_a_copy_does_not_outlive_its_store),
        TEST(test_a_copy_takes_the_place_of_what_was_there),
        TEST(test_rows_of_an_older_format_are_converted),
        TEST(test_what_is_not_there_takes_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
