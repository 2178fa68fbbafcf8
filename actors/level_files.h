/* level_files.h - the rows of a LevelDB, read from its files without LevelDB.
 *
 * LevelDB writes when it opens a database, deletes files that nothing names, and does not
 * look at every byte.  This reader changes nothing and looks at every byte, so it may read
 * what a running server writes, and say what is wrong with it.  It is for databases that
 * were written in the order of their keys, as the journal's segments are: rows come table
 * by table, then log by log, and nothing is merged. */
#ifndef ACTORS_LEVEL_FILES_H
#define ACTORS_LEVEL_FILES_H

#include "schema/err.h"
#include "schema/slice.h"

typedef enum level_flaw {
    LEVEL_FLAW_DAMAGE,  /* bytes that cannot be read */
    LEVEL_FLAW_MISSING, /* a file that ought to be there */
    LEVEL_FLAW_TORN,    /* a log that ends inside of a record: a crash, or a cut */
    LEVEL_FLAW_STRAY,   /* a file that nothing names; LevelDB would delete it */
} level_flaw_t;

typedef struct level_eyes {
    void *ctx;
    /* A row; a value of NULL: its key was deleted.  `file` is a name in the folder.  False
     * ends the reading. */
    bool (*row)(void *ctx, const char *file, slice_t key, slice_t value);
    void (*flaw)(void *ctx, level_flaw_t flaw, const char *file, size_t at, const char *words);
} level_eyes_t;

/* Read the database in the folder `path`.  ERR_OK: all of it was looked at, or `row` ended
 * it.  ERR_STORAGE: the disk, or the right to read it, refuses. */
MUST_CHECK err_t level_files_read(const char *path, const level_eyes_t *eyes);

#endif
