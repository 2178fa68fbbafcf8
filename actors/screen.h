/* screen.h - between two of whom one blocks the other: what of an event one of them is not told.
 *
 * Live, only what passes unrecorded needs it, for the actors make nothing else that would go
 * across a block.  What is resumed may have happened before the block. */
#ifndef ACTORS_SCREEN_H
#define ACTORS_SCREEN_H

#include "schema/type.h"

/* The accounts that are not told of it. */
ids_t screen_untold(const event_type_t *type, const void *event);

/* Of an event that tells an account of somebody else: of whom; 0: of nobody. */
uint64_t screen_other(const event_type_t *type, const void *event);

#endif
