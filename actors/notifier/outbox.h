/* outbox.h - where mails go while no server is set: a folder of files, one a mail. */
#ifndef ACTORS_NOTIFIER_OUTBOX_H
#define ACTORS_NOTIFIER_OUTBOX_H

#include "schema/err.h"
#include "schema/slice.h"

/* Write DATA/outbox/<number>.eml, whole or not at all, for its owner only: it has a link
 * that works.  ERR_STORAGE. */
MUST_CHECK err_t outbox_put(const char *data, uint64_t number, slice_t letter);

/* Delete it, if it is there. */
void outbox_drop(const char *data, uint64_t number);

#endif
