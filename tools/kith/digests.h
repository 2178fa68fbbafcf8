/* digests.h - the files of a folder and their hashes, as a file that `b2sum --check` reads.
 *
 * A line a file: the BLAKE2b-256 in hexadecimal, two blanks, the path below the folder. */
#ifndef TOOLS_KITH_DIGESTS_H
#define TOOLS_KITH_DIGESTS_H

#include "schema/buf.h"
#include "schema/err.h"
#include "schema/envelope.h"

extern const char digests_file[];

typedef struct digest {
    char *path;
    uint8_t hash[HASH_SIZE];
} digest_t;

typedef struct digests {
    digest_t *items;
    size_t count;
    size_t size;
} digests_t;

/* Add a file; false when no line can hold its name. */
bool digests_add(digests_t *digests, const char *path, const uint8_t hash[HASH_SIZE]);

/* By ascending path, as digests_find wants them. */
void digests_sort(digests_t *digests);

/* NULL if there is none of that name. */
const digest_t *digests_find(const digests_t *digests, const char *path);

/* Append the lines. */
void digests_put(buf_t *out, const digests_t *digests);

/* Read the lines.  ERR_CORRUPT: they are none, or a path leads out of the folder. */
MUST_CHECK err_t digests_read(slice_t text, digests_t *ret_digests);
void digests_free(digests_t *digests);

#endif
