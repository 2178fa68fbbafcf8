/* level_set.h - the files that make up a LevelDB at one moment, all of them open.
 *
 * A server may be writing meanwhile: tables are merged and deleted, logs become tables.  So
 * all files are opened first, and if the MANIFEST has changed by then, all over again: an
 * open file stays readable, and what one MANIFEST names is a whole database.  Tables never
 * change; logs and the MANIFEST grow until there is a new one. */
#ifndef ACTORS_LEVEL_SET_H
#define ACTORS_LEVEL_SET_H

#include "actors/level_manifest.h"
#include "schema/buf.h"
#include "schema/err.h"

enum { LEVEL_NAME_SIZE = 64 };

typedef struct level_file {
    char name[LEVEL_NAME_SIZE];
    uint64_t number;
    const level_named_t *named; /* as the MANIFEST has it; NULL: it is a log */
    int fd;                     /* -1: it is missing */
} level_file_t;

typedef struct level_set {
    const char *path; /* borrowed */
    char manifest_name[LEVEL_NAME_SIZE];
    buf_t manifest_bytes;
    level_manifest_t manifest;
    level_file_t *files; /* tables, then logs, in the order of reading */
    size_t count;
    size_t size;
} level_set_t;

/* Open the database in the folder `path`, which is kept.  ERR_NOT_FOUND: there is none.
 * ERR_CORRUPT: CURRENT does not name a list of files that is there.  ERR_STORAGE: the disk, or
 * the right to read it, refuses.  Close it in any case. */
MUST_CHECK err_t level_set_open(const char *path, level_set_t *ret_set);
void level_set_close(level_set_t *set);

/* All of a file that is there into `out`; one that is not a file, or far too large, reads as
 * empty. */
MUST_CHECK err_t level_set_read(const level_set_t *set, const level_file_t *file, buf_t *out);

#endif
