/* portrait.h - the address of a stored photo, as one person is shown it.
 *
 *     /api/photos/<id>-<account>-<viewer>-<signature>
 *
 * Pages show pictures by an address alone, so the address says who looks: it is good for whom
 * it was made for, and as long as they may see that profile.  It is the same each time, so
 * that a browser has to fetch a picture only once. */
#ifndef WS_EDGE_PORTRAIT_H
#define WS_EDGE_PORTRAIT_H

#include "actors/token.h"

/* An answer, or an event, with the photos of its profiles under addresses for `viewer`: the
 * object itself, or a copy. */
const void *portrait_answer(const mint_t *mint, const call_type_t *type, const void *answer,
                            uint64_t viewer, arena_t *arena);
const void *portrait_event(const mint_t *mint, const event_type_t *type, const void *event,
                           arena_t *arena);

/* What the name in such an address says, into the call's hidden fields; nothing if it was not
 * signed here. */
void portrait_open(const mint_t *mint, photo_show_call_t *show, arena_t *arena);

#endif
