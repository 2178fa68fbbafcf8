/* level_manifest.h - which files make up a LevelDB: what its MANIFEST says.
 *
 * A log of changes: tables that came, tables that went, and from which number on the *.log
 * files count. */
#ifndef ACTORS_LEVEL_MANIFEST_H
#define ACTORS_LEVEL_MANIFEST_H

#include "actors/level_log.h"

enum { LEVEL_KEY_MAX = 64 }; /* bytes of a key that are kept to order tables by */

typedef struct level_named {
    uint64_t number;
    uint64_t bytes;
    uint8_t least[LEVEL_KEY_MAX]; /* its first key, or how that begins */
    size_t least_len;
} level_named_t;

typedef struct level_manifest {
    level_named_t *tables; /* by ascending first key */
    size_t count;
    size_t size;
    uint64_t log;      /* logs of a lower number are done with */
    uint64_t log_more; /* but for this one; 0: none */
    level_found_t end; /* END, TORN or DAMAGED */
    size_t fault;      /* where */
} level_manifest_t;

/* Read the file's bytes; what was understood before a fault is there.  Free it. */
void level_manifest_read(slice_t file, level_manifest_t *ret_manifest);
void level_manifest_free(level_manifest_t *manifest);

#endif
