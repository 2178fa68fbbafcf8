/* level_look_test.c - losses that LevelDB passes over, each told with its file before it opens. */
#include "actors/level_look.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/level.h"
#include "tests/unit/scratch.h"

enum { BLOCK = 32768, ROW = 1000, BUFFER = 400 * 1024 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 8];
    char file[SCRATCH_PATH_SIZE + 64]; /* that was found last */
} world_t;

/* Rows of a kilobyte; each commit is a write of its own in the log. */
static void s_write(world_t *world, int rows)
{
    char key[16], value[ROW] = "";
    level_t *level = NULL;
    memset(value, 'x', sizeof value);
    assert_int_equal(
        level_open(world->path, &(level_options_t){.create = true, .write_buffer = BUFFER}, &level),
        ERR_OK);
    for (int i = 0; i < rows; i++) {
        snprintf(key, sizeof key, "%08d", i);
        level_put(level, slice_of(key), slice_new(value, sizeof value));
        assert_int_equal(level_commit(level, false), ERR_OK);
    }
    level_close(&level);
}

static int s_setup(void **state)
{
    static world_t world;
    scratch_make(world.folder);
    snprintf(world.path, sizeof world.path, "%s/rows", world.folder);
    s_write(&world, 150); /* a table at the next opening, and a log of five blocks now */
    s_write(&world, 150);
    *state = &world;
    return 0;
}

static int s_teardown(void **state)
{
    const world_t *world = *state;
    scratch_remove(world->folder);
    return 0;
}

/* The file whose name has this end, or begins so. */
static const char *s_find(world_t *world, const char *part)
{
    DIR *folder = opendir(world->path);
    assert_non_null(folder);
    world->file[0] = '\0';
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (strstr(entry->d_name, part) != NULL)
            snprintf(world->file, sizeof world->file, "%s/%.40s", world->path, entry->d_name);
    closedir(folder);
    assert_string_not_equal(world->file, "");
    return world->file;
}

static void s_zero(const char *file, off_t at, size_t len)
{
    static const char zeros[BLOCK];
    int fd = open(file, O_WRONLY);
    assert_int_equal(pwrite(fd, zeros, len, at), len);
    close(fd);
}

static off_t s_size(const char *file)
{
    struct stat seen;
    assert_int_equal(stat(file, &seen), 0);
    return seen.st_size;
}

static void s_assert_damaged(const world_t *world)
{
    level_t *level = NULL;
    scratch_hush();
    assert_int_equal(level_look(world->path), ERR_CORRUPT);
    assert_int_equal(level_open(world->path, &(level_options_t){.create = true}, &level),
                     ERR_CORRUPT);
    scratch_speak();
}

static void test_what_is_whole_is_left_to_leveldb(void **state)
{
    world_t *world = *state;
    assert_int_equal(level_look(world->path), ERR_OK);
    s_write(world, 1);
    assert_int_equal(level_look(world->path), ERR_OK);
}

static void test_a_missing_log(void **state)
{
    world_t *world = *state;
    assert_int_equal(unlink(s_find(world, ".log")), 0);
    s_assert_damaged(world);
}

/* LevelDB takes zeros for room that was never written, and goes on behind them. */
static void test_zeros_in_the_midst_of_a_log(void **state)
{
    world_t *world = *state;
    s_zero(s_find(world, ".log"), BLOCK, BLOCK);
    s_assert_damaged(world);
}

/* What a crash leaves: nothing follows it. */
static void test_an_end_that_is_torn_is_none_of_its_affairs(void **state)
{
    world_t *world = *state;
    const char *log = s_find(world, ".log");
    off_t size = s_size(log);
    s_zero(log, size - 100, 100);
    assert_int_equal(level_look(world->path), ERR_OK);
    assert_int_equal(truncate(log, size - 500), 0);
    assert_int_equal(level_look(world->path), ERR_OK);
}

/* Another log follows the one that ends too early. */
static void test_a_log_that_is_cut_before_the_last(void **state)
{
    world_t *world = *state;
    char later[SCRATCH_PATH_SIZE + 64];
    const char *log = s_find(world, ".log");
    snprintf(later, sizeof later, "%s/000999.log", world->path);
    int fd = open(later, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    assert_int_equal(level_look(world->path), ERR_OK);
    assert_int_equal(truncate(log, s_size(log) - 500), 0);
    s_assert_damaged(world);
}

/* A crash has torn the log, and the first opening after it failed before it listed its own. */
static void test_an_end_that_is_torn_before_an_empty_log(void **state)
{
    world_t *world = *state;
    char later[SCRATCH_PATH_SIZE + 64];
    const char *log = s_find(world, ".log");
    snprintf(later, sizeof later, "%s/000999.log", world->path);
    assert_int_equal(truncate(log, s_size(log) - 500), 0);
    close(open(later, O_WRONLY | O_CREAT, 0600));
    assert_int_equal(level_look(world->path), ERR_OK);
}

/* ---- two logs that count ---- */

static void s_commit(level_t *level, int row)
{
    char key[16], value[ROW];
    snprintf(key, sizeof key, "%08d", row);
    memset(value, 'x', sizeof value);
    level_put(level, slice_of(key), slice_new(value, sizeof value));
    assert_int_equal(level_commit(level, false), ERR_OK);
}

static void s_copy(const char *from, const char *to)
{
    char bytes[4096];
    ssize_t got;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
    while ((got = read(in, bytes, sizeof bytes)) > 0)
        assert_int_equal(write(out, bytes, (size_t)got), got);
    close(in);
    close(out);
}

/* The files that `cut` does not have yet.  Tables and logs are linked, so that they go on there and
 * are not removed; the lists of files stay as they are. */
static void s_keep(const world_t *world, const char *cut)
{
    char from[2 * SCRATCH_PATH_SIZE], to[2 * SCRATCH_PATH_SIZE];
    DIR *folder = opendir(world->path);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        bool list =
            strstr(entry->d_name, "MANIFEST") != NULL || strcmp(entry->d_name, "CURRENT") == 0;
        snprintf(from, sizeof from, "%s/%.40s", world->path, entry->d_name);
        snprintf(to, sizeof to, "%s/%.40s", cut, entry->d_name);
        if (access(to, F_OK) == 0)
            continue;
        if (list)
            s_copy(from, to);
        else if (strstr(entry->d_name, ".l") != NULL)
            assert_int_equal(link(from, to), 0);
    }
    closedir(folder);
}

/* What a power cut leaves just after a log was begun: the list of files does not yet know the
 * table that the older log becomes.  world->path is that folder from then on, and world->file the older
 * log; how long that was after 300 of its rows. */
static off_t s_cut_after_rotation(world_t *world)
{
    char cut[sizeof world->path], older[sizeof world->file];
    level_t *level = NULL;
    snprintf(cut, sizeof cut, "%s/cut", world->folder);
    assert_int_equal(mkdir(cut, 0700), 0);
    assert_int_equal(level_open(world->path, &(level_options_t){.write_buffer = BUFFER}, &level),
                     ERR_OK);
    for (int row = 0; row < 300; row++)
        s_commit(level, row);
    s_keep(world, cut);
    snprintf(older, sizeof older, "%s/%.40s", cut, strrchr(s_find(world, ".log"), '/') + 1);
    off_t size = s_size(older);
    for (int row = 300; row < 600; row++)
        s_commit(level, row);
    level_close(&level);
    s_keep(world, cut);
    memcpy(world->path, cut, sizeof cut);
    memcpy(world->file, older, sizeof older);
    return size;
}

static void test_a_log_that_another_follows(void **state)
{
    world_t *world = *state;
    level_t *level = NULL;
    slice_t value;
    arena_t *arena = arena_new();
    off_t size = s_cut_after_rotation(world);
    assert_true(s_size(world->file) > size);
    assert_int_equal(level_look(world->path), ERR_OK);
    assert_int_equal(level_open(world->path, &(level_options_t){0}, &level), ERR_OK);
    assert_int_equal(level_get(level, SLICE_LIT("00000300"), arena, &value), ERR_OK);
    assert_int_equal(level_get(level, SLICE_LIT("00000599"), arena, &value), ERR_OK);
    level_close(&level);
    arena_destroy(&arena);
}

/* It was never synced: whole writes of its end are gone, and later ones are there. */
static void test_a_log_that_lost_its_end_and_another_follows(void **state)
{
    world_t *world = *state;
    off_t size = s_cut_after_rotation(world);
    assert_int_equal(truncate(world->file, size), 0);
    s_assert_damaged(world);
}

static void test_a_log_that_lost_all_and_another_follows(void **state)
{
    world_t *world = *state;
    s_cut_after_rotation(world);
    assert_int_equal(truncate(world->file, 0), 0);
    s_assert_damaged(world);
}

/* LevelDB would abort on rows that it has already. */
static void test_a_log_that_comes_twice(void **state)
{
    world_t *world = *state;
    char bytes[4096];
    const char *log = s_find(world, ".log");
    char later[SCRATCH_PATH_SIZE + 64];
    ssize_t got;
    snprintf(later, sizeof later, "%s/000999.log", world->path);
    int from = open(log, O_RDONLY), to = open(later, O_WRONLY | O_CREAT, 0600);
    while ((got = read(from, bytes, sizeof bytes)) > 0)
        assert_int_equal(write(to, bytes, (size_t)got), got);
    close(from);
    close(to);
    s_assert_damaged(world);
}

static void test_a_table_of_another_length(void **state)
{
    world_t *world = *state;
    const char *table = s_find(world, ".ldb");
    off_t size = s_size(table);
    assert_int_equal(truncate(table, size - 1), 0);
    s_assert_damaged(world);
    assert_int_equal(truncate(table, size + 1), 0);
    s_assert_damaged(world);
    assert_int_equal(unlink(table), 0);
    s_assert_damaged(world);
}

/* As nobody can open a socket, so may a disk refuse a file: it is not missing, and brought back from
 * nowhere. */
static void test_a_table_that_cannot_be_opened(void **state)
{
    world_t *world = *state;
    const char *table = s_find(world, ".ldb");
    assert_int_equal(unlink(table), 0);
    assert_int_equal(mknod(table, S_IFSOCK | 0600, 0), 0);
    scratch_hush();
    assert_int_equal(level_look(world->path), ERR_STORAGE);
    scratch_speak();
}

/* The list then names a log that is long gone, and not the table that it became. */
static void test_a_list_that_lost_its_end(void **state)
{
    world_t *world = *state;
    size_t damaged = 0;
    s_write(world, 600); /* more than the buffer takes: a table is made meanwhile, and listed */
    const char *list = s_find(world, "MANIFEST-");
    off_t size = s_size(list);
    scratch_hush();
    while (size-- > 60) {
        assert_int_equal(truncate(list, size), 0);
        damaged += level_look(world->path) == ERR_CORRUPT;
    }
    scratch_speak();
    assert_true(damaged > 0);
}

static void test_a_damaged_list(void **state)
{
    world_t *world = *state;
    s_zero(s_find(world, "MANIFEST-"), 10, 8);
    s_assert_damaged(world);
}

static void test_a_current_that_names_nothing(void **state)
{
    world_t *world = *state;
    int fd = open(s_find(world, "CURRENT"), O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "MANIFEST-000999\n", 16), 16);
    close(fd);
    s_assert_damaged(world);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_whole_is_left_to_leveldb),
        TEST(test_a_missing_log),
        TEST(test_zeros_in_the_midst_of_a_log),
        TEST(test_an_end_that_is_torn_is_none_of_its_affairs),
        TEST(test_a_log_that_is_cut_before_the_last),
        TEST(test_an_end_that_is_torn_before_an_empty_log),
        TEST(test_a_log_that_another_follows),
        TEST(test_a_log_that_lost_its_end_and_another_follows),
        TEST(test_a_log_that_lost_all_and_another_follows),
        TEST(test_a_log_that_comes_twice),
        TEST(test_a_table_of_another_length),
        TEST(test_a_table_that_cannot_be_opened),
        TEST(test_a_list_that_lost_its_end),
        TEST(test_a_damaged_list),
        TEST(test_a_current_that_names_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
