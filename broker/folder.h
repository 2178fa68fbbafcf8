/* folder.h - folders and small files, changed so that a power cut cannot undo it.
 *
 * A name is on disk only when the folder that holds it was synced too.  Faults are
 * logged here and given back as ERR_STORAGE. */
#ifndef BROKER_FOLDER_H
#define BROKER_FOLDER_H

#include "schema/buf.h"
#include "schema/err.h"

/* Make the folder with mode 0700; its parent must exist, and it may. */
MUST_CHECK err_t folder_make(const char *path);

/* Wait until the names in the folder are on disk. */
MUST_CHECK err_t folder_sync(const char *path);

/* Give a complete folder or file its final name, both in the folder `path`. */
MUST_CHECK err_t folder_rename(const char *path, const char *from, const char *to);

/* Put a file of these bytes in place of an older one, whole or not at all. */
MUST_CHECK err_t folder_put(const char *path, const char *name, slice_t bytes);

/* Append the file's bytes, at most `limit` of them; ERR_NOT_FOUND without a log line. */
MUST_CHECK err_t folder_get(const char *path, const char *name, size_t limit, buf_t *out);

/* Remove one file of what lies at `path`, or its folder once it is empty.  False: nothing is there
 * any more, or it cannot be removed. */
bool folder_sweep(const char *path);

/* Bytes of the files that lie directly in the folder. */
uint64_t folder_bytes(const char *path);

#endif
