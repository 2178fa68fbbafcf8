/* tree.h - one hash for a whole history, of which a single record can be proven.
 *
 * The tree of RFC 6962, with BLAKE2b-256 in place of SHA-256: leaves are the hashes of the
 * records, as the chain has them; a node is the hash of the byte 1 and its two children.  A
 * record never begins with that byte, so no node passes for a record.  Leaves come one by
 * one, and only the roots of whole subtrees are kept. */
#ifndef BROKER_TREE_H
#define BROKER_TREE_H

#include "schema/envelope.h"

enum { TREE_DEEPEST = 64 };

/* The way from a leaf to the root: at each step, what stands beside. */
typedef struct tree_step {
    bool left; /* it stands to the left */
    uint8_t hash[HASH_SIZE];
} tree_step_t;

typedef struct tree_path {
    tree_step_t steps[2 * TREE_DEEPEST];
    size_t count;
} tree_path_t;

typedef struct tree {
    uint64_t leaves;
    uint8_t peaks[TREE_DEEPEST][HASH_SIZE]; /* roots of whole subtrees, the largest first */
    size_t count;
    uint64_t wanted; /* the leaf, from 1, whose path is kept; 0: none */
    size_t held;     /* the peak that it is under */
    tree_path_t path;
} tree_t;

void tree_add(tree_t *tree, const uint8_t leaf[HASH_SIZE]);

/* The root over all leaves so far, which ends the wanted leaf's path; zeros for no leaf. */
void tree_root(tree_t *tree, uint8_t ret_root[HASH_SIZE]);

/* Whether a path of these sides is that of leaf number `leaf`, from 1, in a tree of so many. */
bool tree_path_fits(const tree_path_t *path, uint64_t leaf, uint64_t leaves);

/* Where a path leads from a leaf. */
void tree_climb(const uint8_t leaf[HASH_SIZE], const tree_path_t *path,
                uint8_t ret_root[HASH_SIZE]);

#endif
