/* index_test.c - reads against a model that looks at every record. */
#include "broker/index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/level.h"
#include "tests/unit/scratch.h"

enum { RECORDS = 20000, KEYS = 40 };

/* What the model knows of each record: its keys, under its sequence. */
typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 8];
    index_t *index;
    uint64_t room[RECORDS + 1];
    uint64_t account[RECORDS + 1];
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    scratch_make(world->folder);
    snprintf(world->path, sizeof world->path, "%s/index", world->folder);
    assert_int_equal(index_open(world->path, 0, &world->index), ERR_OK);
    srandom(1);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    index_close(&world->index);
    scratch_remove(world->folder);
    mem_free(world);
    return 0;
}

static err_t s_open_again(world_t *world, uint64_t head)
{
    index_close(&world->index);
    return index_open(world->path, head, &world->index);
}

static uint64_t s_random(uint64_t below)
{
    return (uint64_t)random() % below;
}

/* Add the records up to `last`; about a third has no room, a half no account. */
static void s_grow(world_t *world, uint64_t last)
{
    for (uint64_t seq = index_applied(world->index) + 1; seq <= last; seq++) {
        world->room[seq] = s_random(3) > 0 ? 1 + s_random(KEYS) : 0;
        world->account[seq] = s_random(2) > 0 ? 1 + s_random(KEYS) : 0;
        record_t record = {.seq = seq, .room = world->room[seq], .account = world->account[seq]};
        assert_int_equal(index_add(world->index, &record), ERR_OK);
    }
}

static void s_assert_read(world_t *world, ids_t rooms, ids_t accounts, uint64_t from, size_t limit)
{
    ids_t seqs;
    size_t count = 0;
    assert_int_equal(index_read(world->index, rooms, accounts, from, limit, &seqs), ERR_OK);
    for (uint64_t seq = from; seq <= index_applied(world->index) && count < limit; seq++) {
        if (!ids_have(rooms, world->room[seq]) && !ids_have(accounts, world->account[seq]))
            continue;
        assert_true(count < seqs.count);
        assert_int_equal(seqs.items[count], seq);
        count++;
    }
    assert_int_equal(seqs.count, count);
}

static void test_reads(void **state)
{
    world_t *world = *state;
    uint64_t rooms[KEYS / 2], accounts[KEYS / 2];
    s_grow(world, RECORDS / 2);
    for (int i = 0; i < 200; i++) {
        size_t room_count = s_random(COUNT_OF(rooms)), account_count = s_random(8);
        for (size_t k = 0; k < room_count; k++)
            rooms[k] = 1 + s_random(KEYS + 2); /* some are empty, some are named twice */
        for (size_t k = 0; k < account_count; k++)
            accounts[k] = 1 + s_random(KEYS + 2);
        s_assert_read(world, (ids_t){rooms, room_count}, (ids_t){accounts, account_count},
                      1 + s_random(RECORDS / 2), 1 + s_random(i % 2 ? 50 : RECORDS));
        if (i % 20 == 0)
            s_grow(world, index_applied(world->index) + s_random(500));
    }
}

static void test_nothing(void **state)
{
    world_t *world = *state;
    uint64_t room = 1;
    s_assert_read(world, (ids_t){&room, 1}, (ids_t){0}, 1, 10);
    s_grow(world, 100);
    s_assert_read(world, (ids_t){0}, (ids_t){0}, 1, 10);
    s_assert_read(world, (ids_t){&room, 1}, (ids_t){0}, 101, 10);
    room = KEYS + 1;
    s_assert_read(world, (ids_t){&room, 1}, (ids_t){0}, 1, 10);
}

static void test_applied(void **state)
{
    world_t *world = *state;
    uint64_t room = 3;
    assert_int_equal(index_applied(world->index), 0);
    s_grow(world, 1000);
    assert_int_equal(index_flush(world->index), ERR_OK);
    s_grow(world, 1010); /* not flushed: forgotten, to be fed again */
    assert_int_equal(s_open_again(world, 1010), ERR_OK);
    assert_int_equal(index_applied(world->index), 1000);
    s_grow(world, 1010);
    s_assert_read(world, (ids_t){&room, 1}, (ids_t){0}, 1, 2000);
}

/* A power cut may take from the journal what the index has seen. */
static void test_ahead_of_journal(void **state)
{
    world_t *world = *state;
    s_grow(world, 1000);
    assert_int_equal(index_flush(world->index), ERR_OK);
    scratch_hush();
    assert_int_equal(s_open_again(world, 999), ERR_OK);
    scratch_speak();
    assert_int_equal(index_applied(world->index), 0);
}

static void test_damaged(void **state)
{
    world_t *world = *state;
    char path[SCRATCH_PATH_SIZE + 32];
    s_grow(world, 1000);
    assert_int_equal(index_flush(world->index), ERR_OK);
    index_close(&world->index);
    snprintf(path, sizeof path, "%s/CURRENT", world->path);
    assert_int_equal(remove(path), 0);
    scratch_hush();
    assert_int_equal(s_open_again(world, 1000), ERR_OK);
    scratch_speak();
    assert_int_equal(index_applied(world->index), 0);
    s_grow(world, 1000);
}

/* One bit of each table turned over: reads tell, and a reopen starts again. */
static void test_damaged_table(void **state)
{
    world_t *world = *state;
    uint64_t rooms[KEYS];
    ids_t seqs;
    for (uint64_t i = 0; i < KEYS; i++)
        rooms[i] = i + 1;
    s_grow(world, RECORDS);
    assert_int_equal(index_flush(world->index), ERR_OK);
    assert_int_equal(s_open_again(world, RECORDS), ERR_OK); /* from the log to a table */
    assert_int_equal(index_applied(world->index), RECORDS);
    index_close(&world->index);
    scratch_flip(world->path, ".ldb", 8000); /* among the rows of rooms */
    assert_int_equal(s_open_again(world, RECORDS), ERR_OK);
    scratch_hush();
    err_t err = index_read(world->index, (ids_t){rooms, KEYS}, (ids_t){0}, 1, RECORDS, &seqs);
    scratch_speak();
    assert_int_equal(err, ERR_CORRUPT);
    assert_int_equal(index_reopen(world->index, RECORDS), ERR_OK);
    assert_int_equal(index_applied(world->index), 0);
    s_grow(world, RECORDS);
    s_assert_read(world, (ids_t){rooms, KEYS}, (ids_t){0}, 1, RECORDS);
}

static void test_failed_write(void **state)
{
    world_t *world = *state;
    err_t err = ERR_OK;
    ids_t seqs;
    scratch_hush();
    scratch_bound_files(64 * 1024);
    for (uint64_t seq = 1; err == ERR_OK && seq <= 10 * RECORDS; seq++)
        err = index_add(world->index, &(record_t){.seq = seq, .room = 1});
    scratch_bound_files(0);
    assert_int_equal(err, ERR_STORAGE);
    assert_int_equal(index_read(world->index, (ids_t){0}, (ids_t){0}, 1, 1, &seqs), ERR_STORAGE);
    scratch_speak();
    assert_int_equal(index_reopen(world->index, 10 * RECORDS), ERR_OK);
    assert_true(index_applied(world->index) < RECORDS);
    s_grow(world, index_applied(world->index) + 10);
    assert_int_equal(index_flush(world->index), ERR_OK);
}

/* Retention cut the journal: what follows is all there is to add. */
static void test_skip(void **state)
{
    world_t *world = *state;
    uint64_t room = 3;
    index_skip(world->index, 500);
    assert_int_equal(index_applied(world->index), 500);
    s_grow(world, 1000);
    s_assert_read(world, (ids_t){&room, 1}, (ids_t){0}, 1, 2000);
    index_skip(world->index, 10); /* behind it: nothing to skip */
    assert_int_equal(index_applied(world->index), 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reads),   TEST(test_nothing),
        TEST(test_applied), TEST(test_ahead_of_journal),
        TEST(test_damaged), TEST(test_failed_write),
        TEST(test_skip),    TEST(test_damaged_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
