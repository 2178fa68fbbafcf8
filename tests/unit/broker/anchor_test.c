/* anchor_test.c - what is noted of a journal's end, and what becomes of a note that it belies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/bus.h"
#include "actors/crypto.h"
#include "actors/level.h"
#include "broker/anchor.h"
#include "broker/folder.h"
#include "broker/scribe.h"
#include "tests/unit/broker/journal_world.h"

static const anchor_t *s_read(const world_t *world, const char *file, arena_t *arena)
{
    const anchor_t *anchor = NULL;
    assert_int_equal(anchor_read(world->folder, file, arena, &anchor), ERR_OK);
    return anchor;
}

static void test_what_is_noted_is_the_head(void **state)
{
    world_t *world = *state;
    uint8_t hash[HASH_SIZE];
    arena_t *arena = arena_new();
    assert_int_equal(world_append(world, 7, 10), ERR_OK);
    assert_int_equal(anchor_write(world->folder, world->journal, 1234, true), ERR_OK);
    const anchor_t *anchor = s_read(world, anchor_file, arena);
    assert_int_equal(anchor->seq, 7);
    assert_int_equal(anchor->time, 1234);
    assert_true(anchor->clean);
    assert_true(anchor_hash(anchor->hash, hash));
    assert_memory_equal(hash, journal_hash(world->journal), HASH_SIZE);
    arena_destroy(&arena);
}

static void test_what_is_no_anchor_is_refused(void **state)
{
    char no_hash[128];
    snprintf(no_hash, sizeof no_hash, "{\"seq\":1,\"hash\":\"z%063d\"}", 0);
    const char *const texts[] = {"", "{}", "[1]", "{\"seq\":1,\"hash\":\"00\"}", no_hash};
    const world_t *world = *state;
    const anchor_t *anchor = NULL;
    arena_t *arena = arena_new();
    assert_int_equal(anchor_read(world->folder, anchor_file, arena, &anchor), ERR_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(folder_put(world->folder, anchor_file, slice_of(texts[i])), ERR_OK);
        assert_int_equal(anchor_read(world->folder, anchor_file, arena, &anchor), ERR_CORRUPT);
    }
    arena_destroy(&arena);
}

static err_t s_check(world_t *world, bool unsynced)
{
    scratch_hush();
    err_t err = anchor_check(world->folder, world->journal, unsynced, 1);
    scratch_speak();
    return err;
}

/* A journal that was put back, or cut: nobody goes on with it without having said so. */
static void test_a_cut_end_is_refused(void **state)
{
    world_t *world = *state;
    char path[PATH_SIZE];
    arena_t *arena = arena_new();
    assert_int_equal(world_append(world, 7, 10), ERR_OK);
    assert_int_equal(anchor_write(world->folder, world->journal, 1, true), ERR_OK);
    assert_int_equal(s_check(world, false), ERR_OK);
    assert_int_equal(s_read(world, anchor_file, arena)->seq, 7);

    journal_close(&world->journal);
    world_segment_path(world, 1, path);
    assert_int_equal(level_destroy(path), ERR_OK);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(world_append(world, 6, 10), ERR_OK);
    assert_int_equal(s_check(world, false), ERR_CORRUPT);
    assert_int_equal(s_read(world, anchor_file, arena)->seq, 7);
    assert_int_equal(s_check(world, true), ERR_OK); /* it was known that the end might go */
    assert_int_equal(s_read(world, anchor_refuted_file, arena)->seq, 7);
    assert_int_equal(s_check(world, false), ERR_OK);

    assert_int_equal(world_append(world, 1, 11), ERR_OK); /* as long, but another */
    assert_int_equal(folder_rename(world->folder, anchor_refuted_file, anchor_file), ERR_OK);
    assert_int_equal(s_check(world, false), ERR_CORRUPT);
    assert_int_equal(folder_put(world->folder, anchor_file, SLICE_LIT("no anchor")), ERR_OK);
    assert_int_equal(s_check(world, false), ERR_OK); /* it will be made anew */
    arena_destroy(&arena);
}

/* Three segments of which the first is gone. */
static void s_lose_beginning(world_t *world)
{
    char path[PATH_SIZE];
    world->options.segment_bytes = 1;
    assert_int_equal(world_open_again(world), ERR_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(world_append(world, 2, 10), ERR_OK);
    journal_close(&world->journal);
    world_segment_path(world, 1, path);
    assert_int_equal(level_destroy(path), ERR_OK);
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_first(world->journal), 3);
}

static void s_put_snapshot(const world_t *world, uint64_t base)
{
    char folder[PATH_SIZE], text[128];
    snprintf(folder, sizeof folder, "%s/snapshots", world->folder);
    assert_int_equal(folder_make(folder), ERR_OK);
    snprintf(folder, sizeof folder, "%s/snapshots/%020d", world->folder, 1);
    assert_int_equal(folder_make(folder), ERR_OK);
    snprintf(text, sizeof text, "{\"number\":1,\"base\":%d,\"time\":1,\"parts\":[]}", (int)base);
    assert_int_equal(folder_put(folder, "manifest.json", slice_of(text)), ERR_OK);
}

static void test_a_beginning_is_missing_unless_it_was_cut(void **state)
{
    world_t *world = *state;
    uint8_t hash[HASH_SIZE] = {7};
    s_lose_beginning(world);
    assert_int_equal(s_check(world, false), ERR_CORRUPT);
    assert_int_equal(anchor_note_cut(world->folder, 1, hash, 1), ERR_OK); /* and not all of it */
    assert_int_equal(s_check(world, false), ERR_CORRUPT);
    assert_int_equal(anchor_note_cut(world->folder, 2, hash, 1), ERR_OK);
    assert_int_equal(s_check(world, false), ERR_OK);
}

/* The note of the cut is lost, and a snapshot says that there was one. */
static void test_a_lost_note_of_a_cut_is_made_anew(void **state)
{
    world_t *world = *state;
    uint64_t next;
    uint8_t hash[HASH_SIZE];
    record_t first;
    arena_t *arena = arena_new();
    s_lose_beginning(world);
    s_put_snapshot(world, 1);
    assert_int_equal(s_check(world, false), ERR_CORRUPT);
    s_put_snapshot(world, 2);
    assert_int_equal(folder_put(world->folder, anchor_cut_file, SLICE_LIT("{")), ERR_OK);
    assert_int_equal(s_check(world, false), ERR_OK);
    const anchor_t *cut = s_read(world, anchor_cut_file, arena);
    assert_int_equal(cut->seq, 2);
    assert_int_equal(journal_read(world->journal, 3, 1, &world->read, &next), ERR_OK);
    slice_t bytes = buf_slice(&world->read);
    assert_int_equal(record_read(&bytes, &first), ERR_OK);
    assert_true(anchor_hash(cut->hash, hash));
    assert_memory_equal(hash, first.previous, HASH_SIZE);
    arena_destroy(&arena);
}

/* The scribe notes that the end is open when it starts, and where it is when it ends. */
static void test_the_scribe_notes_its_end(void **state)
{
    world_t *world = *state;
    scribe_t *scribe = NULL;
    buf_t records = {0};
    arena_t *arena = arena_new();
    bus_start();
    assert_int_equal(world_append(world, 2, 10), ERR_OK);
    assert_int_equal(scribe_start(&world->journal, world->folder, &(keeper_options_t){0}, &scribe),
                     ERR_OK);
    const anchor_t *anchor = s_read(world, anchor_file, arena);
    assert_int_equal(anchor->seq, 2);
    assert_false(anchor->clean);

    world_record(&records, 3, 0, 10);
    scribe_append(scribe, buf_slice(&records));
    scribe_stop(&scribe);
    anchor = s_read(world, anchor_file, arena);
    assert_int_equal(anchor->seq, 3);
    assert_true(anchor->clean);
    buf_free(&records);
    arena_destroy(&arena);
    bus_stop();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_noted_is_the_head),
        TEST(test_what_is_no_anchor_is_refused),
        TEST(test_a_cut_end_is_refused),
        TEST(test_a_beginning_is_missing_unless_it_was_cut),
        TEST(test_a_lost_note_of_a_cut_is_made_anew),
        TEST(test_the_scribe_notes_its_end),
    };
    if (crypto_start() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
