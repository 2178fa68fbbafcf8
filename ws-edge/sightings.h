/* sightings.h - what became of one message at this edge, as far as it remembers. */
#ifndef WS_EDGE_SIGHTINGS_H
#define WS_EDGE_SIGHTINGS_H

#include "schema/arena.h"
#include "schema/type.h"
#include "ws-edge/diary.h"

/* `here`: the connections that are there, with their accounts, and whether each hears the room
 * that is asked about.  The answer lives in the arena. */
const edge_trace_t *sightings_make(const diary_t *diary, const bus_asked_event_t *question,
                                   const visit_note_t *here, size_t here_count, arena_t *arena);

#endif
