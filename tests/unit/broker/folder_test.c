/* folder_test.c - a disk that refuses one of the calls of which a safe change of a file is made. */
#include "broker/folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/crash/cuts/disk.h"
#include "tests/unit/scratch.h"

enum { PATH_SIZE = SCRATCH_PATH_SIZE + 32 };

static char s_root[SCRATCH_PATH_SIZE];

/* What is refused lies beneath the root, so that the folder at hand may be. */
static int s_setup(void **state)
{
    static char folder[PATH_SIZE];
    scratch_make(s_root);
    snprintf(folder, sizeof folder, "%s/folder", s_root);
    assert_int_equal(folder_make(folder), ERR_OK);
    disk_watch(s_root);
    scratch_hush();
    *state = folder;
    return 0;
}

static int s_teardown(void **state)
{
    (void)state;
    scratch_speak();
    disk_rest();
    disk_forget();
    scratch_remove(s_root);
    return 0;
}

static void s_expect(const char *folder, const char *content)
{
    buf_t found = {0};
    assert_int_equal(folder_get(folder, "file", 100, &found), ERR_OK);
    assert_true(slice_is(buf_slice(&found), content));
    buf_free(&found);
}

/* Whatever was refused, a reader has the old content or the new one; refused again it is told again. */
static void test_a_file_is_replaced_whole_or_not_at_all(void **state)
{
    static const struct {
        refusal_t kind;
        size_t nth;
        const char *found;
    } cases[] = {
        {REFUSE_OPEN, 1, "old"}, {REFUSE_WRITE, 1, "old"}, {REFUSE_SYNC, 1, "old"},
        {REFUSE_NAME, 1, "old"}, {REFUSE_OPEN, 2, "new"},  {REFUSE_SYNC, 2, "new"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(folder_put(*state, "file", SLICE_LIT("old")), ERR_OK);
        disk_refuse(cases[i].kind, cases[i].nth, EIO);
        assert_int_equal(folder_put(*state, "file", SLICE_LIT("new")), ERR_STORAGE);
        s_expect(*state, cases[i].found);
        assert_int_equal(folder_put(*state, "file", SLICE_LIT("other")), ERR_OK);
        s_expect(*state, "other");
    }
}

static void test_what_is_not_there_is_not_what_cannot_be_read(void **state)
{
    buf_t found = {0};
    assert_int_equal(folder_get(*state, "file", 100, &found), ERR_NOT_FOUND);
    assert_int_equal(folder_put(*state, "file", SLICE_LIT("old")), ERR_OK);
    disk_refuse(REFUSE_OPEN, 1, EIO);
    assert_int_equal(folder_get(*state, "file", 100, &found), ERR_STORAGE);
    disk_refuse(REFUSE_READ, 1, EIO);
    assert_int_equal(folder_get(*state, "file", 100, &found), ERR_STORAGE);
    assert_int_equal(found.len, 0);
    buf_free(&found);
}

static void test_a_folder_is_made_or_that_it_is_not_is_told(void **state)
{
    char path[PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s/inner", (const char *)*state);
    disk_refuse(REFUSE_NAME, 1, ENOSPC);
    assert_int_equal(folder_make(path), ERR_STORAGE);
    assert_int_not_equal(access(path, F_OK), 0);
    disk_refuse(REFUSE_SYNC, 1, EIO);
    assert_int_equal(folder_make(path), ERR_STORAGE);
    assert_int_equal(folder_make(path), ERR_OK); /* it is there */
    assert_int_equal(folder_sync(path), ERR_OK);
}

/* One thing a call, from the inside; what cannot be removed ends it, so that nobody tries for ever. */
static void test_sweeping_ends_where_something_stays(void **state)
{
    char path[PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s/inner", (const char *)*state);
    assert_int_equal(folder_make(path), ERR_OK);
    assert_int_equal(folder_put(path, "one", SLICE_LIT("four")), ERR_OK);
    assert_int_equal(folder_bytes(path), 4);
    assert_int_equal(folder_bytes("/nowhere"), 0);
    disk_refuse(REFUSE_NAME, 1, EIO);
    assert_false(folder_sweep(path));
    assert_true(folder_sweep(path));
    disk_refuse(REFUSE_NAME, 1, EIO);
    assert_false(folder_sweep(path));
    assert_true(folder_sweep(path));
    assert_false(folder_sweep(path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_replaced_whole_or_not_at_all),
        TEST(test_what_is_not_there_is_not_what_cannot_be_read),
        TEST(test_a_folder_is_made_or_that_it_is_not_is_told),
        TEST(test_sweeping_ends_where_something_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
