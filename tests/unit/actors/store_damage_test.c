/* store_damage_test.c - damage that is met at work, and projections that are not this store's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/level.h"
#include "tests/unit/actors/storing.h"

/* A row on disk that cannot be read, under `k`. */
static void s_harm(storing_t *storing)
{
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 5);
    storing_reopen(storing); /* the log's rows move to a table */
    storing_reopen(storing); /* and that is not in memory any more */
    scratch_flip(storing->path, ".ldb", 12);
}

static void test_damage_met_at_work_ends_the_store_until_it_is_made_anew(void **state)
{
    storing_t *storing = *state;
    slice_t value;
    uint8_t hash[32];
    uint64_t reacted;
    store_set_reacted(storing->store, 3);
    s_harm(storing);
    scratch_hush();
    assert_false(store_lost(storing->store));
    assert_int_equal(store_get(storing->store, slice_of("k"), storing->arena, &value), ERR_CORRUPT);
    assert_int_equal(store_get(storing->store, slice_of("k"), storing->arena, &value), ERR_CORRUPT);
    assert_int_equal(store_digest(storing->store, hash), ERR_CORRUPT);
    assert_int_equal(store_flush(storing->store, 6), ERR_CORRUPT);
    assert_int_equal(store_copy_begin(storing->store, "/nowhere"), ERR_CORRUPT);
    assert_true(store_lost(storing->store));
    assert_false(store_fits(storing->store));
    store_set_reacted(storing->store, 6); /* by what could not be read */
    assert_true(store_reacted(storing->store, &reacted));
    assert_int_equal(reacted, 3);
    assert_int_equal(store_reset(storing->store), ERR_OK);
    scratch_speak();
    assert_false(store_lost(storing->store));
    storing_expect(storing, "k", NULL);
    storing_put_settled(storing, "k", "new");
    storing_flush(storing, 1);
    storing_expect(storing, "k", "new");
}

static bool s_get_damaged(void *ctx, slice_t key, slice_t value)
{
    storing_t *storing = ctx;
    slice_t found;
    (void)key;
    (void)value;
    assert_int_equal(store_get(storing->store, slice_of("k"), storing->arena, &found), ERR_CORRUPT);
    return true;
}

/* Nothing may be closed under the walk. */
static void test_damage_met_in_the_midst_of_a_scan(void **state)
{
    storing_t *storing = *state;
    s_harm(storing);
    storing_put_settled(storing, "a", "in memory");
    scratch_hush();
    assert_int_equal(
        store_scan(storing->store, (slice_t){0}, (slice_t){0}, false, s_get_damaged, storing),
        ERR_CORRUPT);
    scratch_speak();
}

/* Put back where another was, as somebody may who restores folders by hand. */
static void test_a_store_of_another_name_is_unfit(void **state)
{
    storing_t *storing = *state;
    char other[SCRATCH_PATH_SIZE + 16];
    store_t *store = NULL;
    snprintf(other, sizeof other, "%s/other", storing->folder);
    assert_int_equal(store_expect(storing->store, 1), ERR_OK);
    storing_put_settled(storing, "k", "one");
    storing_flush(storing, 3);
    store_close(&storing->store);
    assert_int_equal(rename(storing->path, other), 0);
    assert_int_equal(store_open(other, &store), ERR_OK);
    assert_int_equal(store_expect(store, 1), ERR_OK);
    assert_false(store_fits(store));
    assert_int_equal(store_applied(store), 0);
    store_close(&store);
    assert_int_equal(rename(other, storing->path), 0);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 1), ERR_OK);
    assert_true(store_fits(storing->store));
}

/* A database that is none of ours. */
static void test_rows_of_nobody_are_unfit(void **state)
{
    storing_t *storing = *state;
    level_t *level = NULL;
    store_close(&storing->store);
    assert_int_equal(level_open(storing->path, &(level_options_t){.create = true}, &level), ERR_OK);
    level_put(level, SLICE_LIT("a"), SLICE_LIT("row"));
    assert_int_equal(level_commit(level, false), ERR_OK);
    level_close(&level);
    storing_reopen(storing);
    assert_int_equal(store_expect(storing->store, 1), ERR_OK);
    assert_false(store_fits(storing->store));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, storing_setup, storing_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_damage_met_at_work_ends_the_store_until_it_is_made_anew),
        TEST(test_damage_met_in_the_midst_of_a_scan),
        TEST(test_a_store_of_another_name_is_unfit),
        TEST(test_rows_of_nobody_are_unfit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
