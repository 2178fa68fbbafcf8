/* tree.h - files and folders, made and removed so that a power cut cannot undo it.
 *
 * What fails has been told on stderr, with its path. */
#ifndef TOOLS_KITH_TREE_H
#define TOOLS_KITH_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "actors/crypto.h"

/* "kith: <path>: <what errno says>" on stderr; gives false. */
bool tree_complain(const char *path);

/* `name` in the folder, `name` possibly with further folders; false when it is too long. */
bool tree_join(char ret_path[PATH_MAX], const char *folder, const char *name);

/* Whether there is nothing in the folder but perhaps something called `spared`; a folder that
 * is missing is empty. */
bool tree_is_empty(const char *folder, const char *spared);

/* Make the folder, and those above it that are missing, for its owner only. */
bool tree_make(const char *folder);

/* Remove what is there, whatever it is, with all that is in it. */
bool tree_remove(const char *path);

/* Wait until all names in the folder, and in those in it, are on disk. */
bool tree_sync(const char *folder);

/* Call `each` with the path of every regular file, as it is below the folder, until it gives
 * false.  A folder that is missing has none.  True when all were seen. */
typedef bool tree_each_fn(void *ctx, const char *name, uint64_t bytes);
bool tree_each(const char *folder, tree_each_fn *each, void *ctx);

/* What became of a file that was copied. */
typedef struct tree_copied {
    uint64_t bytes;
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
} tree_copied_t;

/* Make `to` a file with the first `most` bytes that the descriptor gives, synced, for its owner
 * only; what was there is replaced.  Folders are made. */
bool tree_copy(int fd, uint64_t most, const char *to, tree_copied_t *ret_copied);

/* The same, but where both lie on one disk `to` becomes another name of `from`, which nobody
 * may ever change.  `fd` is `from`, open. */
bool tree_link(int fd, const char *from, const char *to, tree_copied_t *ret_copied);

/* Make `to` a file of these bytes, in the same way. */
bool tree_write(slice_t bytes, const char *to, tree_copied_t *ret_copied);

/* Make `to` the same file as `from`, which is on the same disk: another name, or a copy where a
 * file has one only. */
bool tree_same(const char *from, const char *to);

/* Size and hash of a file. */
bool tree_measure(const char *path, tree_copied_t *ret_copied);

#endif
