/* tables.h - the same people for a database: what the actor's committed rows say, in the
 * text format of PostgreSQL's COPY.
 *
 *   people.copy  a line each, as the actor tells people apart, with the words of their profile
 *   apart.copy   who is not recommended to whom */
#ifndef TESTS_BENCH_MATCHING_TABLES_H
#define TESTS_BENCH_MATCHING_TABLES_H

#include "tests/bench/matching/world.h"

void tables_write(world_t *world, const char *folder);

#endif
