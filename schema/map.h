/* map.h - a hash table from 64-bit numbers to pointers.
 *
 * Open addressing, linear probing, at most two thirds full; removal moves later
 * entries back, so there are no tombstones.  Iteration order is no order: never
 * let it reach an event or an answer.  Once a process has said its seed, strangers cannot
 * find numbers that crowd in one place. */
#ifndef SCHEMA_MAP_H
#define SCHEMA_MAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct map map_t;

/* Something random, said once before there is any map; 0 otherwise. */
void map_seed(uint64_t seed);

map_t *map_new(void);

/* The values stay the caller's. */
void map_destroy(map_t **map_p);

/* NULL if there is none. */
void *map_get(const map_t *map, uint64_t key);

/* Put or replace; the value may not be NULL. */
void map_put(map_t *map, uint64_t key, void *value);

/* The value that was there, or NULL. */
void *map_remove(map_t *map, uint64_t key);

size_t map_count(const map_t *map);

/* All entries, one a call: start with *at = 0; false at the end.  The map may not
 * change in between. */
_Bool map_next(const map_t *map, size_t *at, uint64_t *ret_key, void **ret_value);

#endif
