/* push_row.h - rows of Web Push: a person's browsers, and those for which something waits.
 *
 * What waits lies in the row of the browser that it is for, so that one that is slow or dead
 * keeps nobody else's waiting.  The browsers for which something waits stand in the waiting
 * room, on places without gaps: whoever leaves, the last one takes their place. */
#ifndef ACTORS_NOTIFIER_PUSH_ROW_H
#define ACTORS_NOTIFIER_PUSH_ROW_H

#include "actors/notifier/rows.h"

/* ERR_NOT_FOUND: there is no such subscription. */
MUST_CHECK err_t push_row_get(turn_t *turn, uint64_t id, const push_row_t **ret_row);

/* The person's, the one renewed last at the end. */
MUST_CHECK err_t push_row_ids(turn_t *turn, uint64_t account, ids_t *ret_ids);

/* The one with this endpoint, whosever it is; 0: there is none. */
MUST_CHECK err_t push_row_of(turn_t *turn, slice_t endpoint, uint64_t *ret_id);

/* The number of the next. */
MUST_CHECK err_t push_row_next(turn_t *turn, uint64_t *ret_id);

/* The waiting room: how many are in it, and who is on a place, from 1 on. */
MUST_CHECK err_t push_row_crowd(turn_t *turn, uint64_t *ret_count);
MUST_CHECK err_t push_row_at(turn_t *turn, uint64_t place, uint64_t *ret_id);

/* ---- for apply ---- */

/* Put a subscription, at the end of its person's. */
void push_row_join(turn_t *turn, const push_row_t *row);

/* Put one that is there; by what waits in it it comes into the waiting room, or leaves it. */
void push_row_put(turn_t *turn, const push_row_t *row);

/* It is gone with all that leads to it. */
void push_row_remove(turn_t *turn, const push_row_t *row);

#endif
