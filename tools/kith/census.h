/* census.h - the numbers of one moment, as /metrics has them, and what lies between two. */
#ifndef TOOLS_KITH_CENSUS_H
#define TOOLS_KITH_CENSUS_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/type.h"

/* Zeroed: empty.  Texts are those of the lists that it was made of. */
typedef struct census {
    buf_t counts; /* see census.c */
} census_t;

/* Add a list of families and their numbers. */
void census_take(census_t *census, list_t metrics);
void census_free(census_t *census);

/* The number of that name and these labels ("" for none); 0 if there is none. */
uint64_t census_value(const census_t *census, const char *name, slice_t labels);

/* The labels of the family's numbers, one a call: start with *at = 0; false at the end. */
bool census_next(const census_t *census, const char *name, size_t *at, slice_t *ret_labels);

/* What stands between the quotes of labels such as actor="room". */
slice_t census_label(slice_t labels);

/* By how much it has grown; a counter that began anew counts from 0. */
uint64_t census_growth(const census_t *now, const census_t *before, const char *name,
                       slice_t labels);

/* Of what a histogram has counted in between, the value below which `part` of it lies, as far
 * as its buckets tell; 0 if it is nothing. */
double census_quantile(const census_t *now, const census_t *before, const char *name, double part);

#endif
