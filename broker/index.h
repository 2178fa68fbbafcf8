/* index.h - which records concern a room or an account: the way to catch up.
 *
 * A projection of the journal, owned by the journal's thread: deleted, it is
 * rebuilt.  Rows are (kind, id, sequence), so that a subscriber of some rooms reads
 * its own sequences and never other people's records.  Records that are keyed by
 * neither a room nor an account are not in it. */
#ifndef BROKER_INDEX_H
#define BROKER_INDEX_H

#include "schema/envelope.h"
#include "schema/type.h"

typedef struct index index_t;

/* Open or make the index at `path`.  One that is damaged, or that has seen more
 * than the journal's `head`, is destroyed and starts empty. */
MUST_CHECK err_t index_open(const char *path, uint64_t head, index_t **ret_index);
void index_close(index_t **index_p);

/* The last sequence that it holds on disk or in memory; feed it what follows. */
uint64_t index_applied(const index_t *index);

/* Add a committed record, the one after the last applied.  Rows gather in memory
 * and are written when they are many; unsynced, as they can be made again.
 * After ERR_STORAGE it refuses all until index_reopen. */
MUST_CHECK err_t index_add(index_t *index, const record_t *record);

/* Retention has removed the records up to `seq`: count them as applied. */
void index_skip(index_t *index, uint64_t seq);

/* The way on after any fault, of a read too; what is damaged is made again.
 * index_applied then tells where to feed it from. */
MUST_CHECK err_t index_reopen(index_t *index, uint64_t head);

/* Write what has gathered. */
MUST_CHECK err_t index_flush(index_t *index);

/* The first `limit` sequences from `from` on of records keyed by any of the rooms
 * or accounts, ascending, each once; fewer than `limit` are all there are.  They
 * lie in the index until the next call.  Memory is bounded by `limit`, time by the
 * number of keys and what they have in common with the answer. */
MUST_CHECK err_t index_read(index_t *index, ids_t rooms, ids_t accounts, uint64_t from,
                            size_t limit, ids_t *ret_seqs);

#endif
