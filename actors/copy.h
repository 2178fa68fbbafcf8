/* copy.h - the rows of a projection: their digest, and a copy of them that is made while the
 * actor goes on.
 *
 * A copy is what the rows were when it was begun: LevelDB keeps them for the one who walks
 * them.  It has a thread of its own; the one that began it must end it before the source is
 * closed.  What has become of it is believed only once it was read back from the disk. */
#ifndef ACTORS_COPY_H
#define ACTORS_COPY_H

#include "actors/crypto.h"
#include "actors/level.h"

/* First byte of the keys that are the store's own: in no digest. */
enum { COPY_OWN = 0x00 };

/* BLAKE2b-256 over all rows but the store's own, in order: equal digests mean equal
 * projections. */
MUST_CHECK err_t copy_digest(level_t *level, uint8_t ret_hash[CRYPTO_BLAKE256_SIZE]);

typedef struct copy_report {
    err_t err; /* ERR_CORRUPT: what was read back is not what was written */
    uint64_t rows;
    uint64_t bytes;
    uint8_t digest[CRYPTO_BLAKE256_SIZE];
    int64_t took_us;
} copy_report_t;

/* A row of an older format, as rows of the present one: puts them into `to`. */
typedef void copy_convert_fn(level_t *to, slice_t key, slice_t value);

typedef struct copy copy_t;

/* Copy all that is in `from` now into a new database at `path`, in whose place an older one
 * goes; its parent must exist.  `convert` makes other rows of them; NULL: the same. */
MUST_CHECK err_t copy_begin(level_t *from, const char *path, copy_convert_fn *convert,
                            copy_t **ret_copy);

/* Whether it has come to its end, so that ending it takes no time. */
bool copy_ended(const copy_t *copy);

/* Give it up: from here on the source may be closed. */
void copy_cancel(copy_t *copy);

/* Wait until it is at its end, and tell what became of it; all is on disk if that is ERR_OK. */
void copy_end(copy_t **copy_p, copy_report_t *ret_report);

#endif
