/* backup_test.c - a journal of small segments, backed up while this process goes on writing it. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "broker/anchor.h"
#include "tests/unit/broker/journal_world.h"
#include "tools/kith/command.h"
#include "tools/kith/deposit.h"

enum { SEGMENT = 20000, RECORDS = 300, TEXT = 100 };

static int s_setup(void **state)
{
    world_setup(state);
    world_t *world = *state;
    world->options.segment_bytes = SEGMENT;
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_raise_epoch(world->journal, 1), ERR_OK);
    return 0;
}

static void s_append(world_t *world, size_t batches)
{
    for (size_t i = 0; i < batches; i++)
        assert_int_equal(world_append(world, 10, TEXT), ERR_OK);
}

/* A folder beside the data. */
static const char *s_beside(const world_t *world, const char *name)
{
    static char paths[4][PATH_SIZE];
    static size_t turn;
    char *path = paths[turn++ % 4];
    snprintf(path, PATH_SIZE, "%s.%s", world->folder, name);
    return path;
}

static outcome_t s_run(command_fn *run, const char *data, const char *folder)
{
    const char *const operands[] = {folder};
    const options_t options = {.data = data, .operands = operands, .operand_count = 1};
    return run(&options);
}

static outcome_t s_back_up(const world_t *world)
{
    return s_run(backup_run, world->folder, s_beside(world, "backup"));
}

/* What backup.json says. */
static uint64_t s_seq(const world_t *world, uint64_t *ret_first)
{
    deposit_t *deposit = NULL;
    assert_true(deposit_open(s_beside(world, "backup"), &deposit));
    uint64_t seq = deposit_backup(deposit)->seq;
    *ret_first = deposit_backup(deposit)->first;
    deposit_close(&deposit);
    return seq;
}

/* The restored journal holds these records of what was acknowledged, and is gone again. */
static void s_assert_restored(world_t *world, uint64_t first, uint64_t last)
{
    world_t other = {.options.existing = true};
    const char *data = s_beside(world, "restored");
    assert_int_equal(s_run(restore_run, data, s_beside(world, "backup")), OUTCOME_GOOD);
    snprintf(other.path, sizeof other.path, "%s/journal", data);
    assert_int_equal(world_open_again(&other), ERR_OK);
    assert_int_equal(world_read_all(&other, 1000), ERR_OK);
    assert_int_equal(journal_first(other.journal), first);
    assert_int_equal(journal_head(other.journal), last);
    size_t size = world->told.len / (size_t)journal_head(world->journal);
    slice_t wanted = slice_new(world->told.data + (first - 1) * size, (last + 1 - first) * size);
    assert_true(slice_eq(buf_slice(&other.read), wanted));
    journal_close(&other.journal);
    buf_free(&other.read);
    scratch_remove(data);
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    scratch_remove(s_beside(world, "backup"));
    return world_teardown(state);
}

/* ---- tests ---- */

static void test_all_segments_of_a_journal_in_use(void **state)
{
    world_t *world = *state;
    uint64_t firsts[64], first;
    s_append(world, RECORDS / 10);
    assert_true(world_segments(world, firsts, 64) > 2);
    assert_int_equal(s_back_up(world), OUTCOME_GOOD);
    assert_int_equal(s_seq(world, &first), RECORDS);
    assert_int_equal(first, 1);
    s_append(world, 1);
    s_assert_restored(world, 1, RECORDS);
}

static void test_the_next_one_follows_it_into_new_segments(void **state)
{
    world_t *world = *state;
    uint64_t first, head = 0;
    for (int i = 0; i < 8; i++) {
        s_append(world, 7);
        assert_int_equal(s_back_up(world), OUTCOME_GOOD);
        assert_true(s_seq(world, &first) > head);
        head = s_seq(world, &first);
        assert_int_equal(head, journal_head(world->journal));
    }
    assert_int_equal(world_read_all(world, 1000),
                     ERR_OK); /* opens what was closed, which changes its files */
    assert_int_equal(s_back_up(world), OUTCOME_GOOD);
    s_assert_restored(world, 1, head);
}

/* As retention notes it: the last record that is gone. */
static void s_note_cut(const world_t *world, uint64_t seq)
{
    uint8_t hash[HASH_SIZE];
    size_t size = world->told.len / RECORDS;
    crypto_blake256(slice_new(world->told.data + (seq - 1) * size, size), hash);
    assert_int_equal(anchor_note_cut(world->folder, seq, hash, 1), ERR_OK);
}

static void test_retention_may_cut_the_front(void **state)
{
    world_t *world = *state;
    uint64_t firsts[64], first;
    char path[PATH_SIZE];
    s_append(world, RECORDS / 10);
    assert_int_equal(s_back_up(world), OUTCOME_GOOD);
    size_t count = world_segments(world, firsts, 64);
    assert_true(count > 2);
    journal_close(&world->journal);
    world_segment_path(world, firsts[0], path);
    scratch_remove(path);
    s_note_cut(world, firsts[1] - 1);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(s_back_up(world), OUTCOME_GOOD);
    assert_int_equal(s_seq(world, &first), RECORDS);
    assert_int_equal(first, firsts[1]);
    s_assert_restored(world, firsts[1], RECORDS);
}

/* The log that grows, cut in the middle of its last write. */
static void s_tear(const world_t *world)
{
    char path[PATH_SIZE], pattern[PATH_SIZE + 8];
    uint64_t firsts[64];
    glob_t found;
    struct stat seen;
    size_t count = world_segments(world, firsts, 64);
    world_segment_path(world, firsts[count - 1], path);
    snprintf(pattern, sizeof pattern, "%s/*.log", path);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    const char *log = found.gl_pathv[found.gl_pathc - 1];
    assert_int_equal(stat(log, &seen), 0);
    assert_int_equal(truncate(log, seen.st_size - 100), 0);
    globfree(&found);
}

static void test_a_write_that_is_under_way_is_left_out(void **state)
{
    world_t *world = *state;
    uint64_t first;
    s_append(world, 3);
    s_tear(world);
    assert_int_equal(s_back_up(world), OUTCOME_GOOD);
    assert_int_equal(s_seq(world, &first), 20);
    s_assert_restored(world, 1, 20);
}

static void test_a_cut_end_is_no_backup_of_what_was_noted(void **state)
{
    world_t *world = *state;
    uint64_t first;
    s_append(world, 3);
    assert_int_equal(s_back_up(world), OUTCOME_GOOD);
    assert_int_equal(anchor_write(world->folder, world->journal, 1, true), ERR_OK);
    s_tear(world);
    scratch_hush();
    assert_int_equal(s_back_up(world), OUTCOME_BAD);
    scratch_speak();
    assert_int_equal(s_seq(world, &first), 30);
    s_assert_restored(world, 1, 30);
}

static void test_what_goes_away_all_the_while_is_told(void **state)
{
    world_t *world = *state;
    uint64_t firsts[64], first;
    char path[PATH_SIZE], current[PATH_SIZE + 16];
    s_append(world, RECORDS / 10);
    assert_int_equal(s_back_up(world), OUTCOME_GOOD);
    world_segments(world, firsts, 64);
    world_segment_path(world, firsts[1], path);
    snprintf(current, sizeof current, "%s/CURRENT", path);
    assert_int_equal(unlink(current), 0);
    scratch_hush();
    assert_int_equal(s_back_up(world), OUTCOME_BAD);
    scratch_speak();
    assert_int_equal(s_seq(world, &first), RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_segments_of_a_journal_in_use, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_the_next_one_follows_it_into_new_segments, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_retention_may_cut_the_front, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_write_that_is_under_way_is_left_out, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_cut_end_is_no_backup_of_what_was_noted, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_what_goes_away_all_the_while_is_told, s_setup,
                                        s_teardown),
    };
    return crypto_start() == ERR_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
