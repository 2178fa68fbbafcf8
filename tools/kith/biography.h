/* biography.h - what became of one message, from the records behind its own.
 *
 * Made in one walk, for a message that is known already: who was in the room when it was
 * posted, then who was told, who read it, what was done to it. */
#ifndef TOOLS_KITH_BIOGRAPHY_H
#define TOOLS_KITH_BIOGRAPHY_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/envelope.h"

typedef struct biography biography_t;

/* Of the message that this record posted; NULL if it posted none. */
biography_t *biography_new(const record_t *posted);
void biography_destroy(biography_t **biography_p);

/* Every record of the journal, in order. */
void biography_take(biography_t *biography, const record_t *record);

/* Append it as lines for people, or as one JSON object and a line's end. */
void biography_put(const biography_t *biography, buf_t *out);
void biography_put_json(const biography_t *biography, buf_t *out);

#endif
