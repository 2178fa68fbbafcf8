/* veil.h - fields that only some may see, taken out before anybody outside sees them.
 *
 * A client id is its sender's own affair: in what others read it is empty. */
#ifndef ACTORS_VEIL_H
#define ACTORS_VEIL_H

#include "schema/arena.h"
#include "schema/type.h"

/* An answer as `account` may see it: the object itself, or a veiled copy. */
const void *veil_answer(const call_type_t *type, const void *answer, uint64_t account,
                        arena_t *arena);

/* The account whose own doing the event is; 0 if it is nobody's. */
uint64_t veil_author(const event_type_t *type, const void *event);

/* The account that sees more of this event than others do; 0 if all see the same. */
uint64_t veil_owner(const event_type_t *type, const void *event);

/* An event as all others see it. */
const void *veil_event(const event_type_t *type, const void *event, arena_t *arena);

#endif
