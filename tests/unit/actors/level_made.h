/* level_made.h - LevelDB's files as LevelDB would not write them, with checksums that hold. */
#ifndef TESTS_UNIT_ACTORS_LEVEL_MADE_H
#define TESTS_UNIT_ACTORS_LEVEL_MADE_H

#include "schema/buf.h"

enum { LEVEL_MADE_MOST = 30000 }; /* bytes that fit into a block of a log */

/* LevelDB's form of a number. */
void level_made_number(buf_t *out, uint64_t number);

/* The same of bytes: how many, and then they. */
void level_made_run(buf_t *out, slice_t bytes);

/* An entry of a block, which shares nothing with the one before, and what ends the block. */
void level_made_entry(buf_t *block, slice_t key, slice_t value);
void level_made_block_end(buf_t *block);

/* A log, or a manifest, of one record. */
void level_made_log(buf_t *file, slice_t record);

/* A table of one block of data.  `index` NULL: the one that names it. */
void level_made_table(buf_t *file, slice_t data, slice_t index);

#endif
