/* specimen.h - objects of any shape, made from its table: within every bound. */
#ifndef TESTS_UNIT_SCHEMA_SPECIMEN_H
#define TESTS_UNIT_SCHEMA_SPECIMEN_H

#include "schema/arena.h"
#include "schema/type.h"

typedef enum specimen {
    SPECIMEN_LEAST,  /* only what must be there, as small as it may be */
    SPECIMEN_RANDOM, /* anything in between; texts of all kinds of characters */
    SPECIMEN_MOST,   /* every field, as large as it may be, lists of three items */
} specimen_t;

void *specimen_new(const shape_t *shape, specimen_t how, arena_t *arena);

/* Equal in every field, by value; hidden and secret ones only if `all`. */
bool specimen_equal(const shape_t *shape, const void *a, const void *b, bool all);

/* A text of so many code points, of one, two, three and four bytes. */
slice_t specimen_text(size_t length, arena_t *arena);

/* The next number of a fixed row, below `bound`. */
uint64_t specimen_dice(uint64_t bound);

typedef void specimen_each_fn(const shape_t *shape);

/* Call `each` for every shape of the schema. */
void specimen_each_shape(specimen_each_fn *each);

#endif
