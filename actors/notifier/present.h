/* present.h - who is connected, as far as the session actor has told lately.
 *
 * Soft state, and told as it changes: whoever came before this actor did counts as away.  So
 * it may say when somebody is told of something, but never whether. */
#ifndef ACTORS_NOTIFIER_PRESENT_H
#define ACTORS_NOTIFIER_PRESENT_H

#include "schema/envelope.h"
#include "schema/arena.h"
#include "schema/map.h"
#include "schema/type.h"

typedef struct present {
    map_t *people; /* those who are */
} present_t;

void present_open(present_t *present);
void present_close(present_t *present);

/* Something passed unrecorded. */
void present_hear(present_t *present, const record_t *record);

bool present_has(const present_t *present, uint64_t account);

/* For recordings: who is, and back. */
ids_t present_keep(const present_t *present, arena_t *arena);
void present_restore(present_t *present, ids_t accounts);

#endif
