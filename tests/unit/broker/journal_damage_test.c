/* journal_damage_test.c - records that somebody changed, and writes that fail. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "actors/level.h"
#include "schema/envelope.h"
#include "schema/pack.h"
#include "tests/unit/broker/journal_world.h"

/* ---- damage ---- */

/* Put other bytes in the place of a record, in a way that LevelDB finds in order. */
static void s_replace(const world_t *world, uint64_t seq, slice_t value)
{
    char path[PATH_SIZE];
    uint8_t key[8];
    level_t *level = NULL;
    world_segment_path(world, 1, path);
    assert_int_equal(level_open(path, &(level_options_t){0}, &level), ERR_OK);
    wide_put64(key, seq);
    level_put(level, slice_new(key, sizeof key), value);
    assert_int_equal(level_commit(level, false), ERR_OK);
    level_close(&level);
}

/* The bytes of record `seq`, counted from 1, among those told. */
static slice_t s_told(const world_t *world, uint64_t seq)
{
    slice_t rest = buf_slice(&world->told);
    record_t record;
    do {
        assert_int_equal(record_read(&rest, &record), ERR_OK);
    } while (record.seq < seq);
    return record.bytes;
}

/* Whoever reads it is told, and so is whoever reads its files. */
static void s_assert_fault(world_t *world, uint64_t seq)
{
    uint64_t next;
    audit_report_t report;
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_read(world->journal, seq, 1, &world->read, &next), ERR_CORRUPT);
    journal_close(&world->journal);
    world_audit(world, &(audit_options_t){.clean = true}, &report);
    assert_non_null(strchr((const char *)world->flaws.data, '!'));
}

static void test_each_byte_tampered(void **state)
{
    world_t *world = *state;
    uint8_t copy[256];
    for (int i = 0; i < 3; i++)
        assert_int_equal(world_append(world, 1, 10), ERR_OK);
    journal_close(&world->journal);
    slice_t record = s_told(world, 2);
    assert_true(record.len <= sizeof copy);

    scratch_hush();
    for (size_t at = 0; at < record.len; at++) {
        memcpy(copy, record.ptr, record.len);
        copy[at] ^= (uint8_t)(1u << at % 8);
        s_replace(world, 2, slice_new(copy, record.len));
        s_assert_fault(world, 2);
    }
    s_replace(world, 2, slice_new(record.ptr, record.len - 1));
    s_assert_fault(world, 2);
    s_replace(world, 2, s_told(world, 1));
    s_assert_fault(world, 2);
    scratch_speak();

    s_replace(world, 2, record);
    assert_int_equal(world_open_again(world), ERR_OK);
    world_assert_as_told(world);
}

/* ---- writes that fail ---- */

/* What is known after a failure: nothing acknowledged is lost, and the head is
 * whatever is really there. */
static void s_assert_recovered(world_t *world)
{
    assert_int_equal(world_read_all(world, 1 << 20), ERR_OK);
    assert_true(slice_starts(buf_slice(&world->read), buf_slice(&world->told)));
    world_assert_sound(world, journal_head(world->journal));
    world->told.len = 0; /* a record of unknown outcome may have turned up: it counts now */
    buf_append(&world->told, buf_slice(&world->read));
    assert_int_equal(world_append(world, 10, 100), ERR_OK);
    assert_int_equal(world_open_again(world), ERR_OK);
    world_assert_as_told(world);
    world_assert_sound(world, journal_head(world->journal));
}

static void s_assert_refuses_all(world_t *world)
{
    uint64_t next, firsts[2];
    journal_stats_t stats;
    for (int i = 0; i < 3; i++)
        assert_int_equal(world_append(world, 1, 10), ERR_STORAGE);
    world->read.len = 0;
    err_t err = journal_read(world->journal, 1, SIZE_MAX, &world->read, &next);
    if (err == ERR_OK)
        assert_true(slice_eq(buf_slice(&world->read), buf_slice(&world->told)));
    else /* to open another segment takes room */
        assert_true(!journal_readable(world->journal) || world_segments(world, firsts, 2) > 1);
    assert_true(err == ERR_OK || err == ERR_STORAGE);
    assert_int_equal(journal_stats(world->journal, &stats), ERR_STORAGE);
    assert_int_equal(journal_raise_epoch(world->journal, 1000), ERR_STORAGE);
}

static void test_failed_write(void **state)
{
    world_t *world = *state;
    scratch_hush();
    for (size_t batch = 1; batch <= 100; batch *= 10) {
        err_t err;
        scratch_bound_files(200 * 1024);
        while ((err = world_append(world, batch, 1000)) == ERR_OK)
            continue;
        scratch_bound_files(0);
        assert_int_equal(err, ERR_STORAGE);
        s_assert_refuses_all(world);
        assert_int_equal(journal_reopen(world->journal), ERR_OK);
        s_assert_recovered(world);
    }
    scratch_speak();
}

/* A file that takes the room of a disk of its own. */
static void s_ballast(const char *path, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(posix_fallocate(fd, 0, (off_t)size), 0);
    close(fd);
}

static void s_fill_and_free(world_t *world, const char *ballast, size_t batch)
{
    err_t err;
    s_ballast(ballast, 6 << 20);
    while ((err = world_append(world, batch, 1000)) == ERR_OK)
        continue;
    assert_int_equal(err, ERR_STORAGE);
    s_assert_refuses_all(world);
    err = journal_reopen(world->journal); /* the disk is still full */
    assert_true(err == ERR_OK || err == ERR_STORAGE);
    if (err != ERR_OK)
        s_assert_refuses_all(world);
    assert_int_equal(unlink(ballast), 0);
    assert_int_equal(journal_reopen(world->journal), ERR_OK);
    s_assert_recovered(world);
}

static void test_full_disk(void **state)
{
    world_t *world = *state;
    char ballast[PATH_SIZE];
    snprintf(ballast, sizeof ballast, "%s/ballast", world->folder);
    for (size_t batch = 1; batch <= 100; batch *= 10) {
        journal_close(&world->journal);
        world->told.len = 0;
        if (mount("tmpfs", world->folder, "tmpfs", 0, "size=9m") != 0) {
            print_message("no right to mount a small disk: not tested\n");
            return;
        }
        scratch_hush();
        world->options.segment_bytes = batch == 10 ? 256 * 1024 : 0;
        assert_int_equal(world_open_again(world), ERR_OK);
        s_fill_and_free(world, ballast, batch);
        scratch_speak();
        journal_close(&world->journal);
        assert_int_equal(umount2(world->folder, MNT_DETACH), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_byte_tampered),
        TEST(test_failed_write),
        TEST(test_full_disk),
    };
    if (crypto_start() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
