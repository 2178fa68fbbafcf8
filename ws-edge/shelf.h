/* shelf.h - a folder of uploaded files or pictures, each stored once under the hash of its content.
 *
 *   FOLDER/incoming/<random>      on its way in; nobody reads it
 *   FOLDER/<2 of id>/<id>         complete and on disk; never changes
 *
 * Several edges may share a folder.  Everything here may block, and may be called from
 * any thread, but for one intake by one thread at a time. */
#ifndef WS_EDGE_SHELF_H
#define WS_EDGE_SHELF_H

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

/* Nothing of it is left unless it was kept; nulls *intake_p, accepts NULL. */
void intake_close(intake_t **intake_p);

/* ---- out ---- */

/* A descriptor to read it from; the caller closes it.  NOT_FOUND: no such file, or one of
 * another size. */
MUST_CHECK err_t shelf_find(const shelf_t *shelf, slice_t id, uint64_t size, int *ret_fd);

#endif
