/* biography.h - what became of one message, from the records behind its own and from what the
 * edges remember.
 *
 * Made in one walk, for a message that is known already: who was in the room when it was
 * posted, then who was told, who read it, what was done to it.  Then the edges are asked. */
#ifndef TOOLS_KITH_BIOGRAPHY_H
#define TOOLS_KITH_BIOGRAPHY_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/envelope.h"
#include "tools/kith/edges.h"

typedef struct biography biography_t;

/* Of the message that this record posted; NULL if it posted none. */
biography_t *biography_new(const record_t *posted);
void biography_destroy(biography_t **biography_p);

const message_t *biography_message(const biography_t *biography);
const record_t *biography_record(const biography_t *biography);

/* Every record of the journal, in order. */
void biography_take(biography_t *biography, const record_t *record);

/* Who was in the room, in order; behind the walk.  The caller's to free. */
ids_t biography_members(const biography_t *biography);

/* The edges were asked, or could not be; and what one of them has seen, which lives on. */
void biography_asked(biography_t *biography, edges_count_t count);
void biography_unasked(biography_t *biography, const char *why);
void biography_see(biography_t *biography, uint64_t edge, const edge_trace_t *trace);

/* Append it, in the order of time, as lines for people, or as one JSON object and a line's
 * end. */
void biography_put(biography_t *biography, buf_t *out);
void biography_put_json(biography_t *biography, buf_t *out);

#endif
