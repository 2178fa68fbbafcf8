/* bloom.h - whether the disk may have a row at all: a Bloom filter in memory.
 *
 * For rows that are mostly looked for in vain, such as receipts: each message has another key.
 * LevelDB would look into its own filters, several files of them, and count each look against a
 * file until it merges that early, with all that it overlaps. */
#ifndef ACTORS_BLOOM_H
#define ACTORS_BLOOM_H

#include "actors/level.h"

typedef struct bloom bloom_t;

/* For the rows whose keys begin with that letter, which is not the last there is.  All verbs accept
 * NULL, a filter that nothing concerns. */
bloom_t *bloom_new(uint8_t letter);

/* Nulls *bloom_p. */
void bloom_destroy(bloom_t **bloom_p);

/* A row of any letter is about to be written, and not deleted. */
void bloom_add(bloom_t *bloom, slice_t key);

/* Learn some more of what was on disk before.  ERR_CORRUPT or ERR_STORAGE as of level_range_close:
 * it is tried again the next time. */
MUST_CHECK err_t bloom_learn(bloom_t *bloom, level_t *level);

/* Whether no such row is on disk, for sure: never of another letter, nor before all was learned. */
bool bloom_lacks(const bloom_t *bloom, slice_t key);

#endif
