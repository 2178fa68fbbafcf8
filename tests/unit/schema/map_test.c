/* map_test.c - the hash table against a plain array, with keys that crowd and go. */
#include "schema/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 700, STEPS = 400 * 1000, CHECK_EVERY = 5000 };

typedef uint64_t key_fn(uint64_t index);

typedef struct world {
    map_t *map;
    key_fn *key;
    void *model[KEYS]; /* value of key(index), NULL: none */
    size_t count;
} world_t;

static uint64_t s_dense(uint64_t index)
{
    return index; /* 0 is a key like any other */
}

static uint64_t s_sparse(uint64_t index)
{
    return index << 40;
}

static uint64_t s_high(uint64_t index)
{
    return UINT64_MAX - index;
}

static void s_step(world_t *world, bool growing)
{
    size_t index = (size_t)random() % KEYS;
    uint64_t key = world->key(index);
    void *value = &world->model[(size_t)random() % KEYS];
    assert_ptr_equal(map_get(world->map, key), world->model[index]);
    if (random() % 3 < (growing ? 2 : 1)) {
        map_put(world->map, key, value);
        world->count += world->model[index] == NULL;
        world->model[index] = value;
    } else {
        assert_ptr_equal(map_remove(world->map, key), world->model[index]);
        world->count -= world->model[index] != NULL;
        world->model[index] = NULL;
    }
    assert_int_equal(map_count(world->map), world->count);
}

static size_t s_index_of(const world_t *world, uint64_t key)
{
    for (size_t index = 0; index < KEYS; index++)
        if (world->key(index) == key)
            return index;
    fail_msg("a key that was never put");
    return 0;
}

/* All keys as the model has them, and a walk meets each once. */
static void s_check(const world_t *world)
{
    bool met[KEYS] = {false};
    size_t walked = 0;
    uint64_t key;
    void *value;
    for (size_t index = 0; index < KEYS; index++)
        assert_ptr_equal(map_get(world->map, world->key(index)), world->model[index]);
    for (size_t at = 0; map_next(world->map, &at, &key, &value); walked++) {
        size_t index = s_index_of(world, key);
        assert_false(met[index]);
        met[index] = true;
        assert_ptr_equal(value, world->model[index]);
    }
    assert_int_equal(walked, world->count);
}

static void s_run(key_fn *key)
{
    world_t world = {.map = map_new(), .key = key};
    for (int i = 0; i < STEPS; i++) {
        s_step(&world, i / 20000 % 2 == 0);
        if (i % CHECK_EVERY == 0)
            s_check(&world);
    }
    s_check(&world);
    map_destroy(&world.map);
    assert_null(world.map);
    map_destroy(&world.map);
}

static void s_test_dense_keys(void **state)
{
    (void)state;
    s_run(s_dense);
}

static void s_test_sparse_keys(void **state)
{
    (void)state;
    s_run(s_sparse);
}

static void s_test_high_keys(void **state)
{
    (void)state;
    s_run(s_high);
}

/* ---- numbers that crowd ---- */

enum { CROWD = 2000, TABLE = 4096 };

/* From the first place that is taken to the last. */
static size_t s_breadth(const uint64_t *keys, size_t count)
{
    map_t *map = map_new();
    uint64_t key;
    void *value;
    size_t first = SIZE_MAX, last = 0;
    for (size_t i = 0; i < count; i++)
        map_put(map, keys[i], map);
    for (size_t at = 0; map_next(map, &at, &key, &value); last = at)
        first = first == SIZE_MAX ? at : first;
    map_destroy(&map);
    return last - first;
}

/* The inverse of the mix that is public: numbers whose low bits are all the same behind it. */
static uint64_t s_unmix(uint64_t mixed)
{
    mixed = mixed ^ mixed >> 31 ^ mixed >> 62;
    mixed *= UINT64_C(0x319642b2d24d8ec3);
    mixed = mixed ^ mixed >> 27 ^ mixed >> 54;
    mixed *= UINT64_C(0x96de1b173f119089);
    return mixed ^ mixed >> 30 ^ mixed >> 60;
}

/* In a row behind one place, each put would look at all before it; spread they lie all over. */
static void s_test_a_seed_scatters_numbers_that_crowd(void **state)
{
    static uint64_t keys[CROWD];
    (void)state;
    for (uint64_t i = 0; i < CROWD; i++)
        keys[i] = s_unmix(i << 32 | 7);
    assert_true(s_breadth(keys, CROWD) < CROWD + 8);
    map_seed(UINT64_C(0x123456789abcdef1));
    assert_true(s_breadth(keys, CROWD) > TABLE * 9 / 10);
    map_seed(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_dense_keys),
        cmocka_unit_test(s_test_sparse_keys),
        cmocka_unit_test(s_test_high_keys),
        cmocka_unit_test(s_test_a_seed_scatters_numbers_that_crowd),
    };
    srandom(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
