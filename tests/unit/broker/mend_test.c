/* mend_test.c - a last write with holes is taken off after a crash, and nothing else ever is. */
#include "broker/mend.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/anchor.h"
#include "tests/unit/broker/journal_world.h"

enum { RECORDS = 10, LETTERS = 4000 };

static size_t s_found(const world_t *world, const char *pattern, char ret_path[PATH_SIZE])
{
    char all[PATH_SIZE];
    glob_t found;
    snprintf(all, sizeof all, "%s/*/%s", world->path, pattern);
    size_t count = glob(all, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    if (count > 0)
        snprintf(ret_path, PATH_SIZE, "%s", found.gl_pathv[0]);
    globfree(&found);
    return count;
}

/* Zeros in the log, so many bytes before its end. */
static void s_make_hole(const world_t *world, long before_end)
{
    static const char zeros[512];
    char path[PATH_SIZE];
    struct stat seen;
    assert_int_equal(s_found(world, "*.log", path), 1);
    assert_int_equal(stat(path, &seen), 0);
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, seen.st_size - before_end), sizeof zeros);
    close(fd);
}

/* A journal of some writes; the last server is dead, or has ended in order. */
static void s_live(world_t *world, bool clean)
{
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(world_append(world, 1, LETTERS), ERR_OK);
    assert_int_equal(anchor_write(world->folder, world->journal, 1, clean), ERR_OK);
    journal_close(&world->journal);
}

static err_t s_open_mended(world_t *world)
{
    scratch_hush();
    err_t err = mend_end(world->folder);
    if (err == ERR_OK)
        err = journal_open(world->path, &world->options, &world->journal);
    scratch_speak();
    return err;
}

static void test_a_hole_in_the_last_write_costs_that_write(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    s_live(world, false);
    s_make_hole(world, LETTERS / 2);
    assert_int_equal(s_open_mended(world), ERR_OK);
    assert_int_equal(journal_head(world->journal), RECORDS - 1);
    assert_int_equal(s_found(world, "*.log.torn", path), 1);
    assert_int_equal(world_append(world, 1, 10), ERR_OK);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_head(world->journal), RECORDS);
}

static void test_a_hole_at_its_beginning_too(void **state)
{
    world_t *world = *state;
    s_live(world, false);
    s_make_hole(world, LETTERS + 150);
    assert_int_equal(s_open_mended(world), ERR_OK);
    assert_int_equal(journal_head(world->journal), RECORDS - 1);
}

static void test_a_hole_before_another_write_is_damage(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    s_live(world, false);
    s_make_hole(world, LETTERS * 2);
    assert_int_equal(s_open_mended(world), ERR_CORRUPT);
    assert_int_equal(s_found(world, "*.torn", path), 0);
}

static void test_after_an_end_in_order_a_hole_is_damage(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    s_live(world, true);
    s_make_hole(world, LETTERS / 2);
    assert_int_equal(s_open_mended(world), ERR_CORRUPT);
    assert_int_equal(s_found(world, "*.torn", path), 0);
}

static void test_what_is_whole_stays_as_it_is(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    s_live(world, false);
    assert_int_equal(s_open_mended(world), ERR_OK);
    assert_int_equal(journal_head(world->journal), RECORDS);
    assert_int_equal(s_found(world, "*.torn", path), 0);
}

static void test_no_journal_is_no_error(void **state)
{
    char folder[SCRATCH_PATH_SIZE];
    (void)state;
    scratch_make(folder);
    assert_int_equal(mend_end(folder), ERR_OK);
    scratch_remove(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_hole_in_the_last_write_costs_that_write),
        TEST(test_a_hole_at_its_beginning_too),
        TEST(test_a_hole_before_another_write_is_damage),
        TEST(test_after_an_end_in_order_a_hole_is_damage),
        TEST(test_what_is_whole_stays_as_it_is),
        cmocka_unit_test(test_no_journal_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
