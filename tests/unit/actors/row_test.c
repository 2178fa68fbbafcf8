/* row_test.c - rows of numbers, and keys of two. */
#include "actors/row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/stage_parts.h"
#include "schema/mem.h"
#include "tests/unit/scratch.h"

enum { MOST = 3 };

static const actor_row_t s_actor = {.owner = owner_ROOM, .name = "rows"};

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    store_t *store;
    stage_t *stage;
    turn_t *turn;
} world_t;

static int s_setup(void **state)
{
    static world_t world;
    char path[SCRATCH_PATH_SIZE + 8];
    scratch_make(world.folder);
    snprintf(path, sizeof path, "%s/store", world.folder);
    assert_int_equal(store_open(path, &world.store), ERR_OK);
    world.stage = stage_new(&s_actor, world.store);
    world.turn = &world.stage->turn;
    *state = &world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    stage_destroy(&world->stage);
    store_close(&world->store);
    scratch_remove(world->folder);
    return 0;
}

static row_key_t s_key(void)
{
    return row_key1('n', 7);
}

static void s_expect(const world_t *world, ids_t numbers)
{
    ids_t found;
    assert_int_equal(row_get_numbers(world->turn, s_key(), &found), ERR_OK);
    assert_int_equal(found.count, numbers.count);
    for (size_t i = 0; i < numbers.count; i++)
        assert_int_equal(found.items[i], numbers.items[i]);
}

static void test_numbers_stand_side_by_side(void **state)
{
    const world_t *world = *state;
    slice_t value;
    s_expect(world, (ids_t){0});
    row_put_numbers(world->turn, s_key(), ROW_NUMBERS(1, UINT64_MAX));
    s_expect(world, ROW_NUMBERS(1, UINT64_MAX));
    assert_int_equal(row_get_bytes(world->turn, s_key(), &value), ERR_OK);
    assert_true(slice_eq(value, slice_new("\0\0\0\0\0\0\0\1\xff\xff\xff\xff\xff\xff\xff\xff", 16)));
}

static void test_a_set_has_each_number_once_and_the_last_ones(void **state)
{
    const world_t *world = *state;
    for (uint64_t number = 1; number <= MOST; number++)
        row_set_number(world->turn, s_key(), number, true, MOST);
    row_set_number(world->turn, s_key(), 1, true, MOST);
    s_expect(world, ROW_NUMBERS(2, 3, 1));
    row_set_number(world->turn, s_key(), 4, true, MOST);
    s_expect(world, ROW_NUMBERS(3, 1, 4));
    row_set_number(world->turn, s_key(), 1, false, MOST);
    s_expect(world, ROW_NUMBERS(3, 4));
}

static void test_a_set_without_numbers_is_no_row(void **state)
{
    const world_t *world = *state;
    slice_t value;
    row_set_number(world->turn, s_key(), 5, true, MOST);
    row_set_number(world->turn, s_key(), 6, false, MOST);
    row_set_number(world->turn, s_key(), 5, false, MOST);
    assert_int_equal(row_get_bytes(world->turn, s_key(), &value), ERR_NOT_FOUND);
}

/* How many of two rows a page has; the first has half of its bytes. */
static size_t s_page_of(const world_t *world, size_t second)
{
    enum { HALF = LIMIT_PAGE_BYTES / 2 };
    char *bytes = mem_zeroed(second);
    row_range_t range = row_range1('p', 0);
    ids_t found;
    store_settled_begin(world->store);
    row_put_bytes(world->turn, row_key1('p', 1), slice_new(bytes, HALF));
    row_put_bytes(world->turn, row_key1('p', 2), slice_new(bytes, second));
    store_settled_end(world->store);
    assert_int_equal(row_list_last(world->turn, &range, MOST, &found), ERR_OK);
    mem_free(bytes);
    return found.count;
}

static void test_a_page_ends_before_it_has_too_many_bytes(void **state)
{
    assert_int_equal(s_page_of(*state, LIMIT_PAGE_BYTES / 2), 2);
    assert_int_equal(s_page_of(*state, LIMIT_PAGE_BYTES / 2 + 1), 1);
}

static void test_a_list_of_none_is_an_empty_one(void **state)
{
    const world_t *world = *state;
    row_range_t range = row_range1('q', 0);
    ids_t found = {0};
    assert_int_equal(row_list_last(world->turn, &range, MOST, &found), ERR_OK);
    assert_int_equal(found.count, 0);
    assert_non_null(found.items);
}

static void test_two_have_one_key(void **state)
{
    row_key_t key = row_key_pair('p', 9, 2), same = row_key2('p', 2, 9);
    (void)state;
    assert_true(slice_eq(row_slice(&key), row_slice(&same)));
    key = row_key_pair('p', 2, 9);
    assert_true(slice_eq(row_slice(&key), row_slice(&same)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_numbers_stand_side_by_side, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_set_has_each_number_once_and_the_last_ones, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_set_without_numbers_is_no_row, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_page_ends_before_it_has_too_many_bytes, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_list_of_none_is_an_empty_one, s_setup, s_teardown),
        cmocka_unit_test(test_two_have_one_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
