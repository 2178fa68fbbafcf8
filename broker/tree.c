/* tree.c - a leaf is a subtree of one; two of the same size become one of twice that. */
#include "broker/tree.h"

#include <assert.h>

#include "actors/crypto.h"

_Static_assert((int)HASH_SIZE == (int)CRYPTO_BLAKE256_SIZE, "nodes are BLAKE2b-256");

static void s_join(const uint8_t left[HASH_SIZE], const uint8_t right[HASH_SIZE],
                   uint8_t ret_node[HASH_SIZE])
{
    uint8_t bytes[1 + 2 * HASH_SIZE] = {1};
    memcpy(bytes + 1, left, HASH_SIZE);
    memcpy(bytes + 1 + HASH_SIZE, right, HASH_SIZE);
    crypto_blake256(slice_new(bytes, sizeof bytes), ret_node);
}

static void s_step(tree_path_t *path, bool left, const uint8_t hash[HASH_SIZE])
{
    assert(path->count < 2 * TREE_DEEPEST);
    tree_step_t *step = &path->steps[path->count++];
    step->left = left;
    memcpy(step->hash, hash, HASH_SIZE);
}

/* The last two peaks are of one size. */
static void s_merge(tree_t *tree)
{
    size_t right = --tree->count, left = right - 1;
    bool held = tree->wanted != 0 && tree->wanted <= tree->leaves;
    if (held && tree->held == left)
        s_step(&tree->path, false, tree->peaks[right]);
    if (held && tree->held == right) {
        s_step(&tree->path, true, tree->peaks[left]);
        tree->held = left;
    }
    s_join(tree->peaks[left], tree->peaks[right], tree->peaks[left]);
}

void tree_add(tree_t *tree, const uint8_t leaf[HASH_SIZE])
{
    assert(tree->count < TREE_DEEPEST);
    memcpy(tree->peaks[tree->count], leaf, HASH_SIZE);
    if (++tree->leaves == tree->wanted)
        tree->held = tree->count;
    tree->count++;
    for (uint64_t size = tree->leaves; (size & 1) == 0; size >>= 1)
        s_merge(tree);
}

void tree_root(tree_t *tree, uint8_t ret_root[HASH_SIZE])
{
    memset(ret_root, 0, HASH_SIZE);
    if (tree->count == 0)
        return;
    memcpy(ret_root, tree->peaks[tree->count - 1], HASH_SIZE);
    bool held = tree->wanted != 0 && tree->wanted <= tree->leaves;
    for (size_t i = tree->count - 1; i-- > 0;) {
        if (held && tree->held == i)
            s_step(&tree->path, false, ret_root);
        else if (held && tree->held > i)
            s_step(&tree->path, true, tree->peaks[i]);
        s_join(tree->peaks[i], ret_root, ret_root);
    }
}

/* A node that stands to the right has a left neighbour.  The last one of its row has none to the
 * right: then it rises by itself. */
bool tree_path_fits(const tree_path_t *path, uint64_t leaf, uint64_t leaves)
{
    if (leaf == 0 || leaf > leaves)
        return false;
    uint64_t place = leaf - 1, last = leaves - 1;
    for (size_t i = 0; i < path->count; i++) {
        while (place == last && (place & 1) == 0 && last > 0)
            place >>= 1, last >>= 1;
        if (last == 0 || path->steps[i].left != ((place & 1) == 1))
            return false;
        place >>= 1, last >>= 1;
    }
    while (last > 0 && place == last && (place & 1) == 0)
        place >>= 1, last >>= 1;
    return last == 0;
}

void tree_climb(const uint8_t leaf[HASH_SIZE], const tree_path_t *path, uint8_t ret_root[HASH_SIZE])
{
    memcpy(ret_root, leaf, HASH_SIZE);
    for (size_t i = 0; i < path->count; i++) {
        const tree_step_t *step = &path->steps[i];
        if (step->left)
            s_join(step->hash, ret_root, ret_root);
        else
            s_join(ret_root, step->hash, ret_root);
    }
}
