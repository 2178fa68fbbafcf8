/* tree_test.c - the root against the definition, and every leaf's path against the root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "broker/tree.h"
#include "schema/mem.h"

enum { LEAVES = 70 };

static uint8_t s_leaves[LEAVES][HASH_SIZE];

static int s_setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEAVES; i++)
        crypto_blake256(slice_new(&i, sizeof i), s_leaves[i]);
    return 0;
}

/* RFC 6962, section 2.1, as it is written there. */
static void s_define(size_t from, size_t count, uint8_t ret_root[HASH_SIZE])
{
    uint8_t bytes[1 + 2 * HASH_SIZE] = {1};
    size_t half = 1;
    if (count == 1) {
        memcpy(ret_root, s_leaves[from], HASH_SIZE);
        return;
    }
    while (half * 2 < count)
        half *= 2;
    s_define(from, half, bytes + 1);
    s_define(from + half, count - half, bytes + 1 + HASH_SIZE);
    crypto_blake256(slice_new(bytes, sizeof bytes), ret_root);
}

static void s_grow(size_t leaves, uint64_t wanted, tree_t *ret_tree, uint8_t ret_root[HASH_SIZE])
{
    *ret_tree = (tree_t){.wanted = wanted};
    for (size_t i = 0; i < leaves; i++)
        tree_add(ret_tree, s_leaves[i]);
    tree_root(ret_tree, ret_root);
}

static void test_root_is_as_defined(void **state)
{
    (void)state;
    tree_t tree;
    uint8_t root[HASH_SIZE], defined[HASH_SIZE], none[HASH_SIZE] = {0};
    s_grow(0, 0, &tree, root);
    assert_memory_equal(root, none, HASH_SIZE);
    for (size_t leaves = 1; leaves <= LEAVES; leaves++) {
        s_grow(leaves, 0, &tree, root);
        s_define(0, leaves, defined);
        assert_memory_equal(root, defined, HASH_SIZE);
    }
}

static void test_each_leaf_climbs_to_the_root(void **state)
{
    (void)state;
    tree_t tree;
    uint8_t root[HASH_SIZE], reached[HASH_SIZE];
    for (size_t leaves = 1; leaves <= LEAVES; leaves++)
        for (uint64_t wanted = 1; wanted <= leaves; wanted++) {
            s_grow(leaves, wanted, &tree, root);
            tree_climb(s_leaves[wanted - 1], &tree.path, reached);
            assert_memory_equal(reached, root, HASH_SIZE);
            assert_true(tree_path_fits(&tree.path, wanted, leaves));
            assert_false(tree_path_fits(&tree.path, wanted, 2 * leaves + 1));
            assert_false(tree_path_fits(&tree.path, leaves + 1, leaves));
        }
}

static void test_no_other_leaf_does(void **state)
{
    (void)state;
    tree_t tree;
    uint8_t root[HASH_SIZE], reached[HASH_SIZE];
    s_grow(LEAVES, 12, &tree, root);
    for (size_t i = 0; i < LEAVES; i++) {
        assert_int_equal(tree_path_fits(&tree.path, i + 1, LEAVES), i == 11);
        tree_climb(s_leaves[i], &tree.path, reached);
        assert_int_equal(memcmp(reached, root, HASH_SIZE) == 0, i == 11);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_root_is_as_defined),
        cmocka_unit_test(test_each_leaf_climbs_to_the_root),
        cmocka_unit_test(test_no_other_leaf_does),
    };
    if (crypto_start() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, s_setup, NULL);
}
