/* store.h - an actor's projection: LevelDB under an overlay of what is not yet committed.
 *
 * A value that `decide` caused is *pending*: reads see it, the disk does not.
 * When the journal has committed the event behind it, it is *settled*; settled
 * values go to disk, unsynced, in one batch with the sequence that they reflect
 * (the journal is the truth: after a power cut the projection is behind, never
 * ahead).  A store belongs to one thread. */
#ifndef ACTORS_STORE_H
#define ACTORS_STORE_H

#include "actors/copy.h"
#include "schema/arena.h"
#include "schema/err.h"

typedef struct store store_t;

/* Open or create the projection at `path`; one that is damaged is left as it is, and unfit.
 * ERR_STORAGE: another process has it, or the disk has no room. */
MUST_CHECK err_t store_open(const char *path, store_t **ret_store);
void store_close(store_t **store_p);

/* Rows laid out in another way than this format says are unfit, too.  Before anything is
 * written; 0 if never called. */
MUST_CHECK err_t store_expect(store_t *store, uint64_t format);

/* False: nothing can be done with it, and it counts as one that has applied nothing, before it
 * is made anew: by store_reset from the journal, or by store_take from a snapshot. */
bool store_fits(const store_t *store);

/* Damage was met at work: whatever is asked of it is ERR_CORRUPT from then on. */
bool store_lost(const store_t *store);

/* Start over with nothing: the journal rebuilds it. */
MUST_CHECK err_t store_reset(store_t *store);

/* Start over with the rows of a closed projection at `from`, which stays as it is; `convert`
 * if they are of an older format.  What there was before goes once all is copied. */
MUST_CHECK err_t store_take(store_t *store, const char *from, copy_convert_fn *convert);

/* The journal's sequence that the projection on disk reflects; 0 for an empty one. */
uint64_t store_applied(const store_t *store);

/* The actor's time, kept with each flush so that it goes on after a restart and
 * never back; 0 in an empty store. */
int64_t store_time(const store_t *store);
void store_set_time(store_t *store, int64_t time);

/* How far the actor has reacted to others' events, kept with each flush; false: it never
 * did, and *ret_seq is 0. */
bool store_reacted(const store_t *store, uint64_t *ret_seq);
void store_set_reacted(store_t *store, uint64_t seq);

/* The last record by which an account was redacted and of which the rows know: they were made
 * of records that had lost what was personal.  Kept with each flush; 0 in an empty store. */
uint64_t store_sifted(const store_t *store);
void store_set_sifted(store_t *store, uint64_t seq);

/* The last sequence that it will never ask the journal for: applied, and reacted to. */
uint64_t store_base(const store_t *store);

/* Rows whose keys begin with that letter are mostly looked for in vain: a filter in memory (bloom.h)
 * says so sooner than the disk.  Zero: there are none. */
void store_filter(store_t *store, uint8_t letter);

/* A million rows are about to come: open anew with a write buffer that takes up to
 * 128 MB, until the store is closed.  Nothing may wait in memory. */
MUST_CHECK err_t store_hurry(store_t *store);

/* ---- reading ---- */

/* The newest value, pending or not, copied into the arena.  ERR_NOT_FOUND is an answer. */
MUST_CHECK err_t store_get(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value);

/* From here on `watch` is told of every row that a get asks for, with the zero slice if there
 * is none; NULL: no longer. */
typedef void store_watch_fn(void *ctx, slice_t key, slice_t value);
void store_watch(store_t *store, store_watch_fn *watch, void *ctx);

/* Whether any get since the last store_rest_begin met a pending value: then an
 * answer that rests on it must wait for that commit. */
void store_rest_begin(store_t *store);
bool store_rests(const store_t *store);

/* Until the next store_rest_begin, gets see committed rows only, as scans do. */
void store_committed_begin(store_t *store);

/* Rows with `from` <= key < `to`, in order or in reverse, until `each` returns false.  Sees
 * committed rows only: for queries.  It is quickest after a flush, when they are all on disk. */
typedef bool store_each_fn(void *ctx, slice_t key, slice_t value);
MUST_CHECK err_t store_scan(store_t *store, slice_t from, slice_t to, bool reverse,
                            store_each_fn *each, void *ctx);

/* ---- writing: by `apply` only ---- */

void store_put(store_t *store, slice_t key, slice_t value);
void store_delete(store_t *store, slice_t key);

/* Put a row whose key was never used before: deleted before it is flushed, it is no work for
 * the disk. */
void store_put_new(store_t *store, slice_t key, slice_t value);

/* Puts and deletes between the two settle at once: committed events of others, or
 * of one's own past. */
void store_settled_begin(store_t *store);
void store_settled_end(store_t *store);

/* The number of writes since the last mark: one event's, kept by the caller. */
size_t store_mark(store_t *store);

/* The oldest `writes` pending writes have been committed. */
void store_settle(store_t *store, size_t writes);

/* Write all that is settled to disk with the sequence that it reflects.  After
 * ERR_STORAGE (a full disk) it waits in memory, reads go on, and a later flush tries
 * again. */
MUST_CHECK err_t store_flush(store_t *store, uint64_t applied);

/* The last flush failed: what is settled waits in memory. */
bool store_failed(const store_t *store);

/* Drop everything pending: it will never be committed. */
void store_forget(store_t *store);

/* Settled values that wait for a flush, in bytes. */
size_t store_waiting(const store_t *store);

/* Copy what is on disk to a closed projection at `path` while work goes on (copy.h), one at a
 * time.  False while that is not at its end; ERR_UNAVAILABLE in the report if the store had to be
 * opened anew meanwhile. */
MUST_CHECK err_t store_copy_begin(store_t *store, const char *path);
bool store_copy_end(store_t *store, copy_report_t *ret_report);

/* BLAKE2b-256 over all rows on disk but the store's own, in order: equal digests
 * mean equal projections.  Flush first. */
MUST_CHECK err_t store_digest(store_t *store, uint8_t ret_hash[32]);

/* The same of a closed projection, which stays as it is even if it is damaged, and
 * the sequence that it reflects.  ERR_NOT_FOUND when there is none. */
MUST_CHECK err_t store_inspect(const char *path, uint64_t *ret_applied, uint8_t ret_hash[32]);

/* That sequence alone. */
MUST_CHECK err_t store_peek(const char *path, uint64_t *ret_applied);

#endif
