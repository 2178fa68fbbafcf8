/* deposit.h - a folder that holds one backup, and is replaced by the next one as a whole.
 *
 *     FOLDER/backup.json      the entity `backup`, written last: without it nothing here counts
 *            digests          every other file and its hash (digests.h)
 *            journal/ files/ anchor.json token.key …    laid out as a data folder is
 *            incoming/        the next backup, while it is being made
 *            outgoing/        the last one, while the next takes its place
 *
 * Until the next backup is whole the last one stays as it was; for the moment in which they
 * change places there is no backup.json.  Whoever makes one holds the folder's lock.
 *
 * What fails has been told on stderr. */
#ifndef TOOLS_KITH_DEPOSIT_H
#define TOOLS_KITH_DEPOSIT_H

#include <stdbool.h>

#include "schema/type.h"
#include "tools/kith/digests.h"
#include "tools/kith/tree.h"

extern const char deposit_file[];

typedef struct deposit deposit_t;

/* ---- a whole backup ---- */

/* Open it to be looked at, held against being replaced meanwhile.  False also when it is none:
 * there is no backup.json, or that does not fit `digests`. */
bool deposit_open(const char *folder, deposit_t **ret_deposit);
void deposit_close(deposit_t **deposit_p);

/* What backup.json says, and what there is; NULL and nothing before the first backup. */
const backup_t *deposit_backup(const deposit_t *deposit);
const digests_t *deposit_files(const deposit_t *deposit);

/* ---- the next one ---- */

/* Begin it; the folder is made if it is missing, and what is left of a broken-off one goes. */
bool deposit_begin(const char *folder, deposit_t **ret_deposit);

/* The folder in which it is made. */
const char *deposit_incoming(const deposit_t *deposit);

/* Whether the next backup has such a file already. */
bool deposit_has(const deposit_t *deposit, const char *path);

/* Put the same file as in the last backup, if that has one of this name and size.  For files
 * that never change. */
bool deposit_keep(deposit_t *deposit, const char *path, uint64_t bytes);

/* Put the file `from`, which is open as `fd`; `lasting`: it never changes, so another name for
 * it will do.  Put a file with these bytes. */
bool deposit_take(deposit_t *deposit, int fd, const char *from, const char *path, bool lasting);
bool deposit_put(deposit_t *deposit, const char *path, slice_t bytes);

/* How much was not there before. */
uint64_t deposit_fresh(const deposit_t *deposit);

/* Let it take the place of the last one; what has been put is counted here. */
bool deposit_commit(deposit_t *deposit, backup_t *backup);

#endif
