/* level.h - the door of LevelDB: sorted rows of bytes in a folder, and nothing more.
 *
 * Two rules of this door are cures of measured faults.  Checksums are always
 * verified and damage is never skipped (by default LevelDB drops what it cannot
 * read and says nothing).  And after one failed write every later write fails
 * until the database is closed and opened again (by default LevelDB acknowledges
 * writes after a full disk and loses them).
 *
 * Errors: ERR_CORRUPT is damage, ERR_UNAVAILABLE somebody else's lock, ERR_STORAGE all else
 * that the disk refused.
 * LevelDB's own words are logged here, once.  A level belongs to one thread. */
#ifndef ACTORS_LEVEL_H
#define ACTORS_LEVEL_H

#include "schema/arena.h"
#include "schema/err.h"

typedef struct level level_t;

typedef struct level_options {
    size_t write_buffer; /* bytes of new rows held in memory, at times twice; 0: 4 MiB */
    size_t cache;        /* bytes of blocks kept from the disk; 0: 1 MiB */
    size_t table;        /* bytes of a file, of which 200 are held open; 0: 2 MiB */
    int bloom_bits;      /* a key, for gets of keys that are not there; 0: no filter */
    bool create;         /* when there is none; else that is ERR_NOT_FOUND */
} level_options_t;

/* Open the database in the folder `path`, made with mode 0700; its parent must
 * exist.  A database is open once at a time: a second opening is ERR_UNAVAILABLE. */
MUST_CHECK err_t level_open(const char *path, const level_options_t *options, level_t **ret_level);
void level_close(level_t **level_p);

/* Whether the disk has room for what an opening writes, once more the rows of the logs, and a right
 * and a descriptor to use it.  While there is none a database that has failed is better left open:
 * it can be read, and an opening that fails leaves files behind. */
bool level_has_room(const char *path);

/* Delete a closed database and its folder; none there is ERR_OK. */
MUST_CHECK err_t level_destroy(const char *path);

/* Bytes on disk, roughly; rows not yet moved out of memory do not count. */
uint64_t level_size(level_t *level);

/* Copy the value into the arena.  ERR_NOT_FOUND is an answer, not a fault. */
MUST_CHECK err_t level_get(level_t *level, slice_t key, arena_t *arena, slice_t *ret_value);

/* ---- writing: one batch a level, all of it or nothing ---- */

/* Add to the batch; bytes are copied. */
void level_put(level_t *level, slice_t key, slice_t value);
void level_delete(level_t *level, slice_t key);

/* Bytes of keys and values in the batch. */
size_t level_batched(const level_t *level);

/* Write the batch, and when `sync` come back only when it is on disk.  The batch
 * is empty afterwards either way.  After a failure the rows may or may not be
 * there, and all later commits fail: close, open, look. */
MUST_CHECK err_t level_commit(level_t *level, bool sync);

/* Empty the batch unwritten. */
void level_abandon(level_t *level);

/* ---- reading ranges ---- */

/* A walk over a snapshot of the rows; lives on the caller's stack, and must be
 * closed before its level is. */
typedef struct level_range {
    level_t *level;
    void *iterator;
    slice_t from; /* the least key; none: from the first row */
    slice_t to;   /* just past the last key; none: to the last row */
    bool reverse;
    bool begun;
} level_range_t;

/* Rows with from <= key < to, backwards when `reverse`.  The keys are borrowed
 * until the range is closed or moved. */
void level_range_open(level_t *level, slice_t from, slice_t to, bool reverse,
                      level_range_t *ret_range);

/* All rows, once: what is read pushes nothing out of the cache.  Another thread may walk this
 * range while the level goes on. */
void level_scan_open(level_t *level, level_range_t *ret_range);

/* On to other keys of the same snapshot; cheaper than opening anew. */
void level_range_move(level_range_t *range, slice_t from, slice_t to);

/* The next row, valid until the next call.  False at the end or at a fault. */
bool level_range_next(level_range_t *range, slice_t *ret_key, slice_t *ret_value);

/* What ended the walk: ERR_OK when it saw all rows that it was asked for. */
MUST_CHECK err_t level_range_close(level_range_t *range);

#endif
