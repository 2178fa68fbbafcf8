/* key_file.h - a secret in a file of its own, which is made at the first start and is for
 * nobody but its owner. */
#ifndef ACTORS_KEY_FILE_H
#define ACTORS_KEY_FILE_H

#include "schema/buf.h"
#include "schema/err.h"

enum { KEY_FILE_MAX = 1024 };

/* Append up to KEY_FILE_MAX bytes of the file; if there is none it is made with `fresh` in it,
 * whole or not at all, and of several parts that make one at the same time the first wins.
 * INVALID if it cannot be read or made, or if others can read it; what is wrong is logged in
 * the name of `part`. */
MUST_CHECK err_t key_file_read(const char *part, const char *path, slice_t fresh, buf_t *out);

#endif
