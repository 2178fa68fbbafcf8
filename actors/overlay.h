/* overlay.h - the rows of a store that memory knows better, or sooner, than the disk.
 *
 * A write enters pending or settled.  Pending writes form one queue: its oldest
 * settle when the journal has committed them, or all are forgotten.  A settled
 * value is dirty until it is on disk, and clean from then on; clean rows stay as
 * a cache of bounded size.  A deletion is a write like any other.
 *
 * Slices that are handed out live until the next call that changes the overlay. */
#ifndef ACTORS_OVERLAY_H
#define ACTORS_OVERLAY_H

#include "schema/mem.h"
#include "schema/slice.h"

typedef struct overlay overlay_t;

/* At most `clean_max` bytes of clean rows are kept. */
overlay_t *overlay_new(size_t clean_max);
void overlay_destroy(overlay_t **overlay_p);

/* The newest value of a key; the zero slice if it was deleted. */
typedef enum overlay_found {
    OVERLAY_UNKNOWN, /* only the disk can tell */
    OVERLAY_SETTLED, /* committed */
    OVERLAY_PENDING, /* not committed yet */
} overlay_found_t;
overlay_found_t overlay_get(overlay_t *overlay, slice_t key, slice_t *ret_value);

/* The same below what is pending. */
overlay_found_t overlay_get_settled(overlay_t *overlay, slice_t key, slice_t *ret_value);

/* A new value, or with the zero slice a deletion. */
void overlay_write_pending(overlay_t *overlay, slice_t key, slice_t bytes);
void overlay_write_settled(overlay_t *overlay, slice_t key, slice_t bytes);

/* No disk has ever had a row of this key, which is here: while that is so, its deletion is
 * nothing to write. */
void overlay_mark_new(overlay_t *overlay, slice_t key);

/* A row as it was read from disk, of a key that is unknown here; the zero slice: none was there. */
void overlay_keep(overlay_t *overlay, slice_t key, slice_t bytes);

/* The oldest `writes` pending writes settle; all pending writes are forgotten. */
void overlay_settle(overlay_t *overlay, size_t writes);
void overlay_forget(overlay_t *overlay);

/* Bytes of memory that dirty rows take. */
size_t overlay_dirty(const overlay_t *overlay);

/* Call `each` for every dirty row, in key order, which LevelDB takes a fifth faster
 * than any other; the zero slice stands for a deletion. */
typedef void overlay_each_fn(void *ctx, slice_t key, slice_t value);
void overlay_each_dirty(const overlay_t *overlay, overlay_each_fn *each, void *ctx);

/* What is dirty may be on disk, or not: writing it failed. */
void overlay_doubt(overlay_t *overlay);

/* What was dirty is on disk now; rows that were read stay as clean ones. */
void overlay_cleaned(overlay_t *overlay);

#endif
