/* journal_test.c - append, read, reopen, refuse, roll over to new segments, and what
 * a crash leaves behind. */
#include "broker/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "actors/level.h"
#include "broker/segment.h"
#include "schema/limits.h"
#include "tests/unit/broker/journal_world.h"

enum { SMALL_SEGMENT = 4096 };

/* ---- the sunny side ---- */

static void test_append_and_read(void **state)
{
    world_t *world = *state;
    uint64_t next = 0;
    assert_int_equal(journal_head(world->journal), 0);
    assert_int_equal(journal_first(world->journal), 1);
    assert_int_equal(journal_read(world->journal, 1, 1, &world->read, &next), ERR_OK);
    assert_int_equal(next, 1);

    assert_int_equal(world_append(world, 1, 10), ERR_OK);
    assert_int_equal(world_append(world, 5, 100), ERR_OK);
    assert_int_equal(world_append(world, 4, 0), ERR_OK);
    assert_int_equal(journal_head(world->journal), 10);
    world_assert_as_told(world);
    world_assert_sound(world, 10);

    world->read.len = 0;
    assert_int_equal(journal_read(world->journal, 4, 1, &world->read, &next), ERR_OK);
    assert_int_equal(next, 5); /* at least one, whatever the budget */
    assert_int_equal(journal_read(world->journal, 11, 1, &world->read, &next), ERR_OK);
    assert_int_equal(next, 11);
    assert_int_equal(journal_read(world->journal, 12, 1, &world->read, &next), ERR_NOT_FOUND);
    assert_int_equal(journal_read(world->journal, 0, 1, &world->read, &next), ERR_TOO_OLD);
}

static void test_open_again(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(world_append(world, 3, 50), ERR_OK);
        assert_int_equal(i % 2 ? world_open_again(world) : journal_reopen(world->journal), ERR_OK);
        assert_int_equal(journal_head(world->journal), 3 * i + 3);
    }
    world_assert_as_told(world);
    world_assert_sound(world, 15);
}

static void test_refusals(void **state)
{
    world_t *world = *state;
    buf_t *batch = &world->batch;
    assert_int_equal(world_append(world, 2, 10), ERR_OK);
    assert_int_equal(journal_raise_epoch(world->journal, 5), ERR_OK);

    batch->len = 0;
    world_record(batch, 3, 5, 10);
    world_record(batch, 5, 5, 10); /* a gap */
    assert_int_equal(journal_append(world->journal, batch->data, batch->len, 2), ERR_MALFORMED);
    batch->len = 0;
    world_record(batch, 3, 5, 10);
    assert_int_equal(journal_append(world->journal, batch->data, batch->len, 1), ERR_NOT_DONE);
    assert_int_equal(journal_append(world->journal, batch->data, batch->len - 1, 2), ERR_MALFORMED);
    batch->len = 0;
    world_record(batch, 3, 4, 10); /* of an epoch that is over */
    assert_int_equal(journal_append(world->journal, batch->data, batch->len, 2), ERR_NOT_DONE);
    batch->len = 0;
    world_record(batch, 3, 5, LIMIT_RECORD);
    assert_int_equal(journal_append(world->journal, batch->data, batch->len, 2), ERR_TOO_LARGE);

    assert_int_equal(journal_head(world->journal), 2);
    assert_int_equal(world_append(world, 2, 10), ERR_OK);
    world_assert_as_told(world);
    world_assert_sound(world, 4);
}

static void test_epoch(void **state)
{
    world_t *world = *state;
    assert_int_equal(journal_epoch(world->journal), 0);
    assert_int_equal(journal_raise_epoch(world->journal, 1), ERR_OK);
    assert_int_equal(journal_raise_epoch(world->journal, 7), ERR_OK);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_epoch(world->journal), 7);

    world->batch.len = 0; /* a record's epoch counts as well */
    world_record(&world->batch, 1, 9, 10);
    assert_int_equal(journal_append(world->journal, world->batch.data, world->batch.len, 0),
                     ERR_OK);
    assert_int_equal(journal_epoch(world->journal), 9);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_epoch(world->journal), 9);
}

/* How high it was raised since the last record nobody knows: the next is far above. */
static void s_assert_leap(world_t *world, uint64_t before)
{
    scratch_hush();
    assert_int_equal(world_open_again(world), ERR_OK);
    scratch_speak();
    assert_true(journal_epoch(world->journal) > before + 1000000);
}

static void test_lost_epoch(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/epoch", world->path);
    assert_int_equal(journal_raise_epoch(world->journal, 7), ERR_OK);
    assert_int_equal(world_append(world, 1, 10), ERR_OK);
    assert_int_equal(journal_raise_epoch(world->journal, 8), ERR_OK);
    journal_close(&world->journal);
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "6", 1, 19), 1);
    close(fd);
    s_assert_leap(world, 8);
    journal_close(&world->journal);
    assert_int_equal(unlink(path), 0);
    s_assert_leap(world, 8);
    world_assert_as_told(world);
}

static void test_one_owner(void **state)
{
    world_t *world = *state;
    journal_t *second = NULL;
    scratch_hush();
    assert_int_equal(journal_open(world->path, &world->options, &second), ERR_UNAVAILABLE);
    scratch_speak();
    assert_null(second);
}

static void test_existing_only(void **state)
{
    world_t *world = *state;
    journal_t *journal = NULL;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/elsewhere", world->folder);
    journal_options_t options = {.existing = true};
    assert_int_equal(journal_open(path, &options, &journal), ERR_NOT_FOUND);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(journal_open(path, &options, &journal), ERR_NOT_FOUND);
    assert_int_equal(rmdir(path), 0); /* still empty */
}

/* ---- segments ---- */

static void s_grow_small_segments(world_t *world, size_t records)
{
    world->options.segment_bytes = SMALL_SEGMENT;
    assert_int_equal(world_open_again(world), ERR_OK);
    for (size_t i = 0; i < records; i++)
        assert_int_equal(world_append(world, 1, 500), ERR_OK);
}

static size_t s_open_databases(const world_t *world)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char target[PATH_SIZE] = "";
        ssize_t len = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        count += len > 0 && strstr(target, world->path) != NULL && strstr(target, "/LOCK") != NULL;
    }
    closedir(folder);
    return count;
}

static void test_roll(void **state)
{
    world_t *world = *state;
    uint64_t firsts[64];
    s_grow_small_segments(world, 64);
    size_t count = world_segments(world, firsts, COUNT_OF(firsts));
    assert_in_range(count, 6, 20);
    world_assert_as_told(world);
    world_assert_sound(world, 64);
    assert_int_equal(s_open_databases(world), 4);

    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(s_open_databases(world), 1);
    world_assert_as_told(world);
    world_assert_sound(world, 64);
}

static void test_stats(void **state)
{
    world_t *world = *state;
    journal_stats_t stats;
    assert_int_equal(journal_stats(world->journal, &stats), ERR_OK);
    assert_int_equal(stats.records, 0);
    s_grow_small_segments(world, 20);
    assert_int_equal(journal_raise_epoch(world->journal, 3), ERR_OK);
    assert_int_equal(journal_stats(world->journal, &stats), ERR_OK);
    assert_int_equal(stats.records, 20);
    assert_int_equal(stats.first, 1);
    assert_int_equal(stats.last, 20);
    assert_int_equal(stats.epoch, 3);
    assert_int_equal(stats.first_time, 1700000000000001);
    assert_int_equal(stats.last_time, 1700000000000020);
    assert_in_range(stats.bytes, world->told.len, 4 * world->told.len);
    assert_in_range(stats.segments, 2, 5);
}

/* Retention removes the oldest folders. */
static void test_too_old(void **state)
{
    world_t *world = *state;
    uint64_t firsts[64], next;
    int64_t time;
    uint8_t hash[HASH_SIZE];
    audit_report_t report;
    s_grow_small_segments(world, 40);
    assert_true(world_segments(world, firsts, COUNT_OF(firsts)) > 3);
    audit_mark_t cut = {firsts[1] - 1, hash, "cut.json"};
    assert_int_equal(journal_second(world->journal), firsts[1]);
    assert_int_equal(journal_look(world->journal, cut.seq, hash, &time), ERR_OK);
    assert_int_equal(time, 1700000000000000 + (int64_t)cut.seq);
    assert_int_equal(journal_cut(world->journal), ERR_OK);
    for (int i = 0; i < 2; i++) { /* before its files are swept, and after that */
        assert_int_equal(world_open_again(world), ERR_OK);
        world_audit(world, &(audit_options_t){.clean = true, .cut = &cut}, &report);
        assert_string_equal((const char *)world->flaws.data, "");
        while (journal_sweep(world->journal))
            continue;
    }
    assert_int_equal(journal_first(world->journal), firsts[1]);
    buf_t *out = &world->read;
    assert_int_equal(journal_read(world->journal, firsts[1] - 1, 1, out, &next), ERR_TOO_OLD);
    assert_int_equal(journal_read(world->journal, firsts[1], 1, out, &next), ERR_OK);
    assert_int_equal(report.records, 41 - firsts[1]);
    hash[0] ^= 1;
    world_audit(world, &(audit_options_t){.clean = true, .cut = &cut}, &report);
    assert_int_equal(report.damages, 1);
    world_audit(world, &(audit_options_t){.clean = true}, &report);
    assert_int_equal(report.damages, 1); /* nobody has said that it may be gone */
    cut.seq--;
    world_audit(world, &(audit_options_t){.clean = true, .cut = &cut}, &report);
    assert_int_equal(report.damages, 1);
}

static void test_lost_segment(void **state)
{
    world_t *world = *state;
    uint64_t firsts[64], next;
    char path[PATH_SIZE];
    audit_report_t report;
    s_grow_small_segments(world, 40);
    assert_true(world_segments(world, firsts, COUNT_OF(firsts)) > 3);
    journal_close(&world->journal);
    world_segment_path(world, firsts[1], path);
    assert_int_equal(level_destroy(path), ERR_OK);

    assert_int_equal(world_open_again(world), ERR_OK);
    scratch_hush();
    world->read.len = 0; /* all before the hole is read, then the hole is told */
    assert_int_equal(journal_read(world->journal, 1, 1 << 20, &world->read, &next), ERR_OK);
    assert_int_equal(next, firsts[1]);
    assert_int_equal(journal_read(world->journal, next, 1, &world->read, &next), ERR_CORRUPT);
    scratch_speak();
    world_audit(world, &(audit_options_t){0}, &report);
    snprintf(path, sizeof path, "!%llu-%llu ", (unsigned long long)firsts[1],
             (unsigned long long)firsts[2] - 1);
    assert_non_null(strstr((const char *)world->flaws.data, path));
    assert_int_equal(report.damages, 1);
}

static void test_all_segments_lost(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    assert_int_equal(journal_raise_epoch(world->journal, 1), ERR_OK);
    assert_int_equal(world_append(world, 2, 10), ERR_OK);
    journal_close(&world->journal);
    world_segment_path(world, 1, path);
    assert_int_equal(level_destroy(path), ERR_OK);
    scratch_hush(); /* beginning again at 1 would contradict every projection */
    assert_int_equal(world_open_again(world), ERR_CORRUPT);
    scratch_speak();
}

/* A crash after a new segment was named and before anything was written to it. */
static void test_crash_before_first_record(void **state)
{
    world_t *world = *state;
    assert_int_equal(world_append(world, 3, 10), ERR_OK);
    journal_close(&world->journal);
    assert_int_equal(segment_create(world->path, 4), ERR_OK);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_head(world->journal), 3);
    assert_int_equal(world_append(world, 3, 10), ERR_OK);
    world_assert_as_told(world);
    world_assert_sound(world, 6);
}

/* A crash while a new segment was being made. */
static void test_crash_in_creation(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    level_t *level = NULL;
    snprintf(path, sizeof path, "%s/new", world->path);
    assert_int_equal(level_open(path, &(level_options_t){.create = true}, &level), ERR_OK);
    level_close(&level);
    strcat(path, "/CURRENT");
    assert_int_equal(unlink(path), 0);
    s_grow_small_segments(world, 20);
    world_assert_as_told(world);
    world_assert_sound(world, 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_append_and_read),
        TEST(test_open_again),
        TEST(test_refusals),
        TEST(test_epoch),
        TEST(test_lost_epoch),
        TEST(test_one_owner),
        TEST(test_existing_only),
        TEST(test_roll),
        TEST(test_stats),
        TEST(test_too_old),
        TEST(test_lost_segment),
        TEST(test_all_segments_lost),
        TEST(test_crash_before_first_record),
        TEST(test_crash_in_creation),
    };
    if (crypto_start() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
