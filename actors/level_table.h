/* level_table.h - a table file of LevelDB (*.ldb), every byte of it looked at.
 *
 *   file    data blocks, one behind the other; the block about filters; the index; 48 bytes
 *   block   entries; where every 16th begins, u32 each; their number u32
 *           and behind it its type (0: as it is) and the CRC of all that
 *   entry   bytes shared with the key before, key bytes, value bytes, then those bytes
 *   index   an entry a data block: its place and length
 *   end     place and length of the two last blocks, zeros, a magic number
 *
 * Only what the journal's tables are is understood: neither compressed nor with filters. */
#ifndef ACTORS_LEVEL_TABLE_H
#define ACTORS_LEVEL_TABLE_H

#include "schema/slice.h"

typedef struct level_table_eyes {
    void *ctx;
    /* An entry in order of keys; a value of NULL: the key was deleted.  False ends it. */
    bool (*row)(void *ctx, slice_t key, slice_t value);
    /* What is there cannot be read; the rest goes on. */
    void (*flaw)(void *ctx, size_t at, const char *words);
} level_table_eyes_t;

/* False when `row` ended it. */
bool level_table_read(slice_t file, const level_table_eyes_t *eyes);

#endif
