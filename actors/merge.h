/* merge.h - a walk over rows on disk and over those that the disk has not taken yet.
 *
 * While the disk is full, what is settled waits in memory, and queries must see it all the
 * same.  What is pending they must not see, as ever. */
#ifndef ACTORS_MERGE_H
#define ACTORS_MERGE_H

#include "actors/level.h"
#include "actors/overlay.h"

/* Rows with `from` <= key < `to` in order or in reverse, until `each` returns false, which must
 * not write.  Dirty rows of the overlay stand for those of the level with the same key. */
typedef bool merge_each_fn(void *ctx, slice_t key, slice_t value);
MUST_CHECK err_t merge_scan(level_t *level, const overlay_t *overlay, slice_t from, slice_t to,
                            bool reverse, merge_each_fn *each, void *ctx);

#endif
