/* keeper_test.c - nothing of the journal goes but behind snapshots that are kept, whatever the
 * settings say, and wherever it was killed. */
#include "broker/keeper.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/level.h"
#include "actors/snapshots.h"
#include "broker/anchor.h"
#include "tests/unit/broker/journal_world.h"

enum { RECORDS = 60 };

static const int64_t s_second = 1000 * 1000;
static const int64_t s_time = 1700000000000000; /* of record 0 */

typedef struct scene {
    world_t *world;
    keeper_t *keeper;
    arena_t *arena;
    int64_t now; /* monotonic */
    bool wanted; /* a snapshot, since the last look */
} scene_t;

static void s_open(scene_t *scene, const keeper_options_t *options)
{
    keeper_close(&scene->keeper);
    scratch_hush();
    assert_int_equal(keeper_open(scene->world->folder, options, &scene->keeper), ERR_OK);
    scratch_speak();
}

static int s_setup(void **state)
{
    scene_t *scene = mem_new(scene_t);
    assert_int_equal(world_setup((void **)&scene->world), 0);
    scene->world->options.segment_bytes = 2000;
    assert_int_equal(world_open_again(scene->world), ERR_OK);
    scene->arena = arena_new();
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(world_append(scene->world, 1, 100), ERR_OK);
    *state = scene;
    return 0;
}

static int s_teardown(void **state)
{
    scene_t *scene = *state;
    void *world = scene->world;
    keeper_close(&scene->keeper);
    arena_destroy(&scene->arena);
    mem_free(scene);
    return world_teardown(&world);
}

/* All that it has to do. */
static void s_work(scene_t *scene)
{
    scene->wanted = false;
    scratch_hush();
    for (int rests = 0; rests < 3;) {
        keeper_turn_t turn =
            keeper_turn(scene->keeper, scene->world->journal, scene->now, s_time + 100 * s_second);
        rests = turn == KEEPER_RESTS ? rests + 1 : 0;
        scene->wanted = scene->wanted || turn == KEEPER_WANTS;
        scene->now += 2 * s_second;
    }
    scratch_speak();
}

static void s_copy(const scene_t *scene, const char *actor)
{
    char path[PATH_MAX];
    level_t *level = NULL;
    snapshots_path_new(path, scene->world->folder, actor);
    assert_int_equal(level_open(path, &(level_options_t){.create = true}, &level), ERR_OK);
    level_close(&level);
}

static err_t s_keep(scene_t *scene, uint64_t one, uint64_t other, const snapshot_t **ret_snapshot)
{
    static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const snapshot_part_t parts[] = {
        {.actor = SLICE_LIT("room"), .seq = one, .base = one, .digest = slice_of(digest)},
        {.actor = SLICE_LIT("notifier"), .seq = one, .base = other, .digest = slice_of(digest)},
    };
    const snapshot_t taken = {.number = 1, .parts = {parts, COUNT_OF(parts)}};
    scratch_hush();
    err_t err =
        keeper_keep(scene->keeper, scene->world->journal, &taken, 77, scene->arena, ret_snapshot);
    scratch_speak();
    return err;
}

static const snapshot_t *s_snapshot(scene_t *scene, uint64_t one, uint64_t other)
{
    const snapshot_t *snapshot = NULL;
    assert_int_equal(keeper_prepare(scene->keeper), ERR_OK);
    s_copy(scene, "room");
    s_copy(scene, "notifier");
    assert_int_equal(s_keep(scene, one, other, &snapshot), ERR_OK);
    return snapshot;
}

static snapshots_t s_list(scene_t *scene)
{
    snapshots_t all;
    assert_int_equal(snapshots_read(scene->world->folder, scene->arena, &all), ERR_OK);
    return all;
}

/* Where the journal would begin if all behind `base` were cut. */
static uint64_t s_start_before(scene_t *scene, uint64_t base)
{
    uint64_t firsts[64], start = 1;
    size_t count = world_segments(scene->world, firsts, COUNT_OF(firsts));
    for (size_t i = 0; i < count; i++)
        if (firsts[i] <= base + 1)
            start = firsts[i];
    return start;
}

/* ---- settings ---- */

static void test_sizes_and_ages_are_read(void **state)
{
    static const char *const wrong[] = {"",    "1",   "M",  "-1M",      "1.5M",
                                        "1MM", "1 M", "1x", "99999999T"};
    uint64_t bytes;
    int64_t us;
    (void)state;
    assert_int_equal(keeper_read_size("512K", &bytes), ERR_OK);
    assert_int_equal(bytes, 512 * 1024);
    assert_int_equal(keeper_read_size("2G", &bytes), ERR_OK);
    assert_int_equal(bytes, 2ull << 30);
    assert_int_equal(keeper_read_size("off", &bytes), ERR_OK);
    assert_int_equal(bytes, 0);
    assert_int_equal(keeper_read_age("90d", &us), ERR_OK);
    assert_true(us == 90ll * 86400 * s_second);
    assert_int_equal(keeper_read_age("0", &us), ERR_OK);
    assert_true(us == 0);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(keeper_read_size(wrong[i], &bytes), ERR_INVALID);
        assert_int_equal(keeper_read_age(wrong[i], &us), ERR_INVALID);
    }
}

/* ---- policy ---- */

static void test_nothing_goes_unless_it_is_set(void **state)
{
    scene_t *scene = *state;
    s_open(scene, &(keeper_options_t){0});
    s_snapshot(scene, 50, 50);
    s_work(scene);
    assert_false(scene->wanted);
    assert_int_equal(journal_first(scene->world->journal), 1);
}

static void test_nothing_goes_without_a_snapshot(void **state)
{
    scene_t *scene = *state;
    s_open(scene, &(keeper_options_t){.bytes = 1});
    s_work(scene);
    assert_true(scene->wanted);
    assert_int_equal(journal_first(scene->world->journal), 1);
}

static void test_size_cuts_to_the_oldest_snapshot_and_no_further(void **state)
{
    scene_t *scene = *state;
    s_open(scene, &(keeper_options_t){.bytes = 1, .snapshots = 2});
    s_snapshot(scene, 40, 33);
    uint64_t start = s_start_before(scene, 33);
    assert_in_range(start, 2, 34);
    s_snapshot(scene, 60, 60);
    s_work(scene);
    assert_int_equal(journal_first(scene->world->journal), start);
    s_snapshot(scene, 60, 60); /* the first one goes, and with it its reason */
    start = s_start_before(scene, 60);
    s_work(scene);
    assert_int_equal(journal_first(scene->world->journal), start);
    assert_int_equal(s_list(scene).count, 2);
}

static void test_the_last_segment_stays_whatever_is_set(void **state)
{
    scene_t *scene = *state;
    uint64_t firsts[64];
    size_t count = world_segments(scene->world, firsts, COUNT_OF(firsts));
    s_open(scene, &(keeper_options_t){.bytes = 1});
    s_snapshot(scene, RECORDS, RECORDS);
    s_work(scene);
    assert_int_equal(journal_first(scene->world->journal), firsts[count - 1]);
    assert_int_equal(world_read_all(scene->world, 1000), ERR_OK);
}

static void test_a_size_that_is_not_reached_cuts_nothing(void **state)
{
    scene_t *scene = *state;
    s_open(scene, &(keeper_options_t){.bytes = 1 << 30});
    s_snapshot(scene, RECORDS, RECORDS);
    s_work(scene);
    assert_false(scene->wanted);
    assert_int_equal(journal_first(scene->world->journal), 1);
}

/* Record n is of the nth microsecond; it is 100 seconds later. */
static void test_age_cuts_what_is_older(void **state)
{
    scene_t *scene = *state;
    s_open(scene, &(keeper_options_t){.age_us = 100 * s_second - 30});
    s_snapshot(scene, RECORDS, RECORDS);
    uint64_t start = s_start_before(scene, 29);
    assert_in_range(start, 2, 30);
    s_work(scene);
    assert_int_equal(journal_first(scene->world->journal), start);
}

/* ---- what is noted ---- */

static void test_a_manifest_tells_what_a_snapshot_is(void **state)
{
    scene_t *scene = *state;
    uint8_t hash[HASH_SIZE], found[HASH_SIZE];
    int64_t time;
    s_open(scene, &(keeper_options_t){.bytes = 1});
    s_snapshot(scene, 40, 33);
    snapshots_t all = s_list(scene);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.items[0].number, 1);
    assert_int_equal(all.items[0].base, 33);
    assert_int_equal(all.items[0].time, 77);
    const snapshot_part_t *part = snapshots_part(&all.items[0], "room");
    assert_non_null(part);
    assert_null(snapshots_part(&all.items[0], "search"));
    assert_int_equal(part->seq, 40);
    assert_int_equal(part->time, s_time + 40);
    assert_int_equal(journal_look(scene->world->journal, 40, hash, &time), ERR_OK);
    assert_true(anchor_hash(part->hash, found));
    assert_memory_equal(hash, found, sizeof hash);
}

static void test_the_cut_is_noted_with_its_hash(void **state)
{
    scene_t *scene = *state;
    const anchor_t *cut;
    uint8_t hash[HASH_SIZE];
    audit_report_t report;
    s_open(scene, &(keeper_options_t){.bytes = 1});
    s_snapshot(scene, 40, 40);
    s_work(scene);
    uint64_t first = journal_first(scene->world->journal);
    assert_true(first > 1);
    assert_int_equal(anchor_read(scene->world->folder, anchor_cut_file, scene->arena, &cut),
                     ERR_OK);
    assert_int_equal(cut->seq, first - 1);
    assert_true(anchor_hash(cut->hash, hash));
    const audit_mark_t mark = {cut->seq, hash, anchor_cut_file};
    world_audit(scene->world, &(audit_options_t){.cut = &mark}, &report);
    assert_string_equal((const char *)scene->world->flaws.data, "");
}

static void test_a_copy_that_is_not_here_is_no_snapshot(void **state)
{
    scene_t *scene = *state;
    const snapshot_t *snapshot = NULL;
    s_open(scene, &(keeper_options_t){.bytes = 1});
    assert_int_equal(keeper_prepare(scene->keeper), ERR_OK);
    s_copy(scene, "room");
    assert_int_equal(s_keep(scene, 40, 40, &snapshot), ERR_NOT_FOUND);
    s_work(scene);
    assert_int_equal(s_list(scene).count, 0);
    assert_int_equal(journal_first(scene->world->journal), 1);
}

static void test_what_is_half_made_goes_at_the_next_start(void **state)
{
    scene_t *scene = *state;
    char path[PATH_MAX];
    s_open(scene, &(keeper_options_t){.bytes = 1});
    s_snapshot(scene, 40, 40);
    assert_int_equal(keeper_prepare(scene->keeper), ERR_OK);
    s_copy(scene, "room");
    s_open(scene, &(keeper_options_t){.bytes = 1});
    snapshots_path_new(path, scene->world->folder, "room");
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(s_list(scene).count, 1);
}

static void test_a_folder_without_a_manifest_is_no_snapshot(void **state)
{
    scene_t *scene = *state;
    char path[PATH_MAX];
    s_open(scene, &(keeper_options_t){.bytes = 1});
    s_snapshot(scene, 40, 40);
    snapshots_path(path, scene->world->folder, 1, snapshots_manifest);
    assert_int_equal(unlink(path), 0);
    s_open(scene, &(keeper_options_t){.bytes = 1});
    s_work(scene);
    assert_true(scene->wanted);
    assert_int_equal(journal_first(scene->world->journal), 1);
}

/* ---- redaction ---- */

static void s_redact(scene_t *scene, uint64_t seq)
{
    buf_t bytes = {0};
    record_begin(&bytes, &(record_t){.type = EVENT_account_redacted, .seq = seq, .account = 1});
    buf_append_byte(&bytes, 0x80);
    record_end(&bytes);
    assert_int_equal(keeper_heed(scene->keeper, buf_slice(&bytes)), ERR_OK);
    buf_free(&bytes);
}

static void test_a_redaction_lets_no_older_snapshot_stay(void **state)
{
    scene_t *scene = *state;
    const keeper_options_t options = {.snapshots = 5};
    s_open(scene, &options);
    s_snapshot(scene, 20, 20);
    s_snapshot(scene, 30, 30);
    s_redact(scene, 41);
    s_open(scene, &options); /* it is known after a crash, too */
    s_work(scene);
    assert_true(scene->wanted);
    s_snapshot(scene, 40, 40); /* some actor had not got so far */
    s_work(scene);
    assert_true(scene->wanted);
    assert_int_equal(s_list(scene).count, 3);
    s_snapshot(scene, 42, 42);
    s_work(scene);
    assert_false(scene->wanted);
    snapshots_t all = s_list(scene);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.items[0].base, 42);
    s_open(scene, &options);
    s_work(scene);
    assert_false(scene->wanted);
}

static bool s_is_noted_stale(const scene_t *scene)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/snapshots/stale", scene->world->folder);
    return access(path, F_OK) == 0;
}

/* A crash between a snapshot that has lost what was redacted and the end of those that have not. */
static void test_it_is_known_what_has_to_go_until_it_has_gone(void **state)
{
    scene_t *scene = *state;
    const keeper_options_t options = {.snapshots = 5};
    s_open(scene, &options);
    s_snapshot(scene, 20, 20);
    s_snapshot(scene, 30, 30);
    s_redact(scene, 41);
    s_snapshot(scene, 42, 42);
    assert_true(s_is_noted_stale(scene));
    s_open(scene, &options);
    s_work(scene);
    assert_int_equal(s_list(scene).count, 1);
    assert_false(s_is_noted_stale(scene));
}

/* It was copied before the redaction and kept behind it, and there is no other. */
static void test_a_redaction_concerns_a_snapshot_that_is_being_made(void **state)
{
    scene_t *scene = *state;
    const snapshot_t *snapshot = NULL;
    const keeper_options_t options = {.snapshots = 5};
    s_open(scene, &options);
    assert_int_equal(keeper_prepare(scene->keeper), ERR_OK);
    s_copy(scene, "room");
    s_copy(scene, "notifier");
    s_redact(scene, 41);
    assert_int_equal(s_keep(scene, 40, 40, &snapshot), ERR_OK);
    s_work(scene);
    assert_true(scene->wanted);
    s_snapshot(scene, 42, 42);
    s_work(scene);
    assert_int_equal(s_list(scene).count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
        TEST(test_sizes_and_ages_are_read),
        TEST(test_nothing_goes_unless_it_is_set),
        TEST(test_nothing_goes_without_a_snapshot),
        TEST(test_size_cuts_to_the_oldest_snapshot_and_no_further),
        TEST(test_the_last_segment_stays_whatever_is_set),
        TEST(test_a_size_that_is_not_reached_cuts_nothing),
        TEST(test_age_cuts_what_is_older),
        TEST(test_a_manifest_tells_what_a_snapshot_is),
        TEST(test_the_cut_is_noted_with_its_hash),
        TEST(test_a_copy_that_is_not_here_is_no_snapshot),
        TEST(test_what_is_half_made_goes_at_the_next_start),
        TEST(test_a_folder_without_a_manifest_is_no_snapshot),
        TEST(test_a_redaction_lets_no_older_snapshot_stay),
        TEST(test_it_is_known_what_has_to_go_until_it_has_gone),
        TEST(test_a_redaction_concerns_a_snapshot_that_is_being_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
