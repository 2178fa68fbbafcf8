/* shelf.h - a folder of uploaded files or pictures, each stored once under the hash of its content.
 *
 *   FOLDER/incoming/<random>      on its way in; nobody reads it
 *   FOLDER/<2 of id>/<id>         complete and on disk; never changes
 *
 * Several edges may share a folder.  Everything here may block, and may be called from
 * any thread, but for one intake by one thread at a time. */
#ifndef WS_EDGE_SHELF_H
#define WS_EDGE_SHELF_H

#include "schema/buf.h"
#include "schema/err.h"
#include "schema/limits.h"
#include "schema/slice.h"

typedef struct shelf shelf_t;

/* Make the folder if it is missing, and clear away what crashes have left in it.
 * What is wrong has been logged: STORAGE. */
MUST_CHECK err_t shelf_open(const char *folder, shelf_t **ret_shelf);
void shelf_close(shelf_t **shelf_p);

/* ---- in ---- */

/* One file on its way in. */
typedef struct intake intake_t;

/* What it came to. */
typedef struct kept {
    char id[LIMIT_FILE_ID + 1]; /* base64url of the content's BLAKE2b-256 */
    const char *type;           /* media type, found from the content */
    uint64_t size;              /* bytes */
} kept_t;

/* STORAGE: the disk refuses. */
MUST_CHECK err_t intake_open(shelf_t *shelf, intake_t **ret_intake);
MUST_CHECK err_t intake_take(intake_t *intake, slice_t piece);

/* The media type, once the first piece was taken; `whole`: there is no other. */
const char *intake_type(const intake_t *intake, bool whole);

/* It is complete: once this returns ERR_OK it is on disk under its id. */
MUST_CHECK err_t intake_keep(intake_t *intake, kept_t *ret_kept);

/* All that it has taken; appended to `out`, so there is room for it. */
MUST_CHECK err_t intake_read(const intake_t *intake, buf_t *out);

/* Nothing of it is left unless it was kept; nulls *intake_p, accepts NULL. */
void intake_close(intake_t **intake_p);

/* Keep what is at hand already. */
MUST_CHECK err_t shelf_put(shelf_t *shelf, slice_t content, kept_t *ret_kept);

/* ---- out ---- */

/* A descriptor to read it from; the caller closes it.  NOT_FOUND: no such file, or one of
 * another size. */
MUST_CHECK err_t shelf_find(const shelf_t *shelf, slice_t id, uint64_t size, int *ret_fd);

/* Whether the file still is what its id says, to the last byte.  CORRUPT: it is not. */
MUST_CHECK err_t shelf_check(slice_t id, int fd);

/* ---- away ----
 *
 * Whoever sweeps asks the owner of the files which of the old ones nobody has, and discards
 * those.  To keep a file makes it young again, also where it is there already; so what is
 * uploaded while somebody asks is not old any more when it would be discarded. */

enum { SHELF_DRAWERS = 64 };

/* Ids, LIMIT_FILE_ID bytes each, that were last kept more than a day ago, of a drawer. */
void shelf_list_old(const shelf_t *shelf, unsigned drawer, buf_t *ids);

/* Remove it, if it still is so old. */
void shelf_discard(const shelf_t *shelf, slice_t id);

/* Clear away uploads that have been under way for more than a day. */
void shelf_clear(const shelf_t *shelf);

#endif
