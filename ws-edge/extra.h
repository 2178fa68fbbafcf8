/* extra.h - what a client says with a message beyond the keys that its document knows: kept
 * with the message, and shown again by dialects whose clients look for such things. */
#ifndef WS_EDGE_EXTRA_H
#define WS_EDGE_EXTRA_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/json.h"

/* The members of `object` whose names are not among `known`, which ends with a NULL: a JSON
 * object in the arena, or the zero slice if there are none.  What is more than LIMIT_EXTRAS
 * or LIMIT_EXTRA allow is left out. */
slice_t extra_take(const json_node_t *object, const char *const *known, arena_t *arena);

/* Append them as further members, but for those that the server sets itself. */
void extra_put(buf_t *out, slice_t extra, const char *const *ours);

#endif
