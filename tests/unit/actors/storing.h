/* storing.h - a store in a folder of its own, for the tests of it. */
#ifndef TESTS_UNIT_ACTORS_STORING_H
#define TESTS_UNIT_ACTORS_STORING_H

#include "actors/store.h"
#include "tests/unit/scratch.h"

typedef struct storing {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 8]; /* of the store, in the folder */
    store_t *store;
    arena_t *arena;
} storing_t;

/* For cmocka: an empty store, and its end. */
int storing_setup(void **state);
int storing_teardown(void **state);

void storing_reopen(storing_t *storing);

void storing_put(storing_t *storing, const char *key, const char *value);
void storing_put_settled(storing_t *storing, const char *key, const char *value);
void storing_flush(storing_t *storing, uint64_t applied);

/* The key has that value; NULL: none. */
void storing_expect(storing_t *storing, const char *key, const char *value);

void storing_digest(storing_t *storing, uint8_t ret_hash[32]);

#endif
