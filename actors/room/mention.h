/* mention.h - whom a text mentions.
 *
 * `@login` mentions a person who is in the room, `@everyone` and `@room` all of it, if
 * whoever writes may call all. */
#ifndef ACTORS_ROOM_MENTION_H
#define ACTORS_ROOM_MENTION_H

#include "actors/actor.h"

typedef struct mentions {
    ids_t accounts; /* each once, in the order of the text; in the turn's arena */
    bool everyone;
} mentions_t;

MUST_CHECK err_t mention_find(turn_t *turn, uint64_t room, slice_t text, bool calls_all,
                              mentions_t *ret_mentions);

/* ---- for apply: the rows by which a person's mentions are found ---- */

void mention_put(turn_t *turn, const message_t *message);
void mention_delete(turn_t *turn, const message_t *message);

/* ---- for queries ---- */

/* How many messages of a room behind `seq` mention the account, or everyone. */
MUST_CHECK err_t mention_count(turn_t *turn, uint64_t room, uint64_t account, uint64_t seq,
                               uint64_t *ret_count);

#endif
