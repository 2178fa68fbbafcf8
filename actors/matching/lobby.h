/* lobby.h - all tickets that are open, in memory: in a line for each queue, in the order in which
 * they came, and by when each is next to be looked at.
 *
 * It holds what the committed rows have, and is made of them and of committed events alone; so
 * it may know of a ticket that is closed already, which whoever makes a match asks the rows.
 * A ticket is due when it comes, whenever it accepts more, and when it expires.  One whose match
 * is being made steps aside: whoever looks along the line does not meet those that are gone. */
#ifndef ACTORS_MATCHING_LOBBY_H
#define ACTORS_MATCHING_LOBBY_H

#include "actors/matching/waiter.h"
#include "schema/arena.h"
#include "schema/err.h"

typedef struct lobby lobby_t;

lobby_t *lobby_new(void);
void lobby_destroy(lobby_t **lobby_p);

/* A ticket is open from here on, a later one than all before; or is no longer. */
void lobby_add(lobby_t *lobby, const match_ticket_t *ticket);
void lobby_remove(lobby_t *lobby, uint64_t ticket);

size_t lobby_count(const lobby_t *lobby);

/* The first of its queue's line; NULL if nobody stands in it. */
waiter_t *lobby_oldest(const lobby_t *lobby, uint64_t queue);

/* Who is due at this time, the longest first, back in the line; NULL if nobody is. */
waiter_t *lobby_due(lobby_t *lobby, int64_t now);

/* It is to be looked at then. */
void lobby_postpone(lobby_t *lobby, waiter_t *waiter, int64_t due);

/* The same, and out of the line until then. */
void lobby_set_aside(lobby_t *lobby, waiter_t *waiter, int64_t due);

/* The first `limit` queues by name in which somebody stands, with their texts in the arena. */
list_t lobby_queues(const lobby_t *lobby, size_t limit, arena_t *arena);

/* For recordings, of each ticket what its row does not say: the ticket, when it is due, whether
 * it stands aside; and the same again.  ERR_CORRUPT: there are other tickets. */
ids_t lobby_keep(const lobby_t *lobby, arena_t *arena);
MUST_CHECK err_t lobby_restore(lobby_t *lobby, ids_t kept);

#endif
