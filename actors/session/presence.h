/* presence.h - who is connected, through which edges.
 *
 * Soft state: it is not in the store, and dies with the actor's thread; every edge
 * then announces its people anew.  A person is online while at least one edge has
 * them.  16 bytes a slot, at most half of the slots in use.
 *
 * Each change of the state tells who came online or went offline by it, ascending
 * by account: what is sent out must not depend on the order in a hash table.
 *
 * A zeroed presence_t is an empty one. */
#ifndef ACTORS_SESSION_PRESENCE_H
#define ACTORS_SESSION_PRESENCE_H

#include "schema/arena.h"
#include "schema/err.h"
#include "schema/map.h"
#include "schema/type.h"

enum { PRESENCE_EDGES = 64 };

typedef struct presence_person presence_person_t;

typedef struct presence {
    uint64_t edges[PRESENCE_EDGES]; /* the peer number of each; 0: free */
    presence_person_t *people;      /* hash table with open addressing */
    size_t size;                    /* its slots, a power of two */
    size_t count;                   /* slots in use */
    map_t *untold;                  /* who changed an odd number of times since presence_take */
} presence_t;

typedef struct presence_change {
    uint64_t account;
    bool online;
} presence_change_t;

/* In an arena, ascending by account. */
typedef struct presence_changes {
    const presence_change_t *items;
    size_t count;
} presence_changes_t;

/* Free the tables. */
void presence_close(presence_t *presence);

bool presence_online(const presence_t *presence, uint64_t account);

/* The edge has these people and no others.  ERR_UNAVAILABLE: there are
 * PRESENCE_EDGES others already. */
MUST_CHECK err_t presence_announce(presence_t *presence, uint64_t edge, ids_t accounts,
                                   arena_t *arena, presence_changes_t *ret_changes);

/* The edge has this person, or has them no longer. */
MUST_CHECK err_t presence_set(presence_t *presence, uint64_t edge, uint64_t account, bool online,
                              arena_t *arena, presence_changes_t *ret_changes);

/* The edge is no more. */
void presence_gone(presence_t *presence, uint64_t edge, arena_t *arena,
                   presence_changes_t *ret_changes);

/* Remember that these are to be told. */
void presence_note(presence_t *presence, const presence_changes_t *changes);

/* Who is otherwise than when they were last taken, at most `max` of them; those who
 * came and went again in between are not among them.  The rest is for the next time. */
presence_changes_t presence_take(presence_t *presence, size_t max, arena_t *arena);

/* All of it for a recording, in an order of its own; and back into an empty one.  ERR_CORRUPT:
 * that cannot have been kept. */
void presence_keep(const presence_t *presence, arena_t *arena, session_tape_t *kept);
MUST_CHECK err_t presence_restore(presence_t *presence, const session_tape_t *kept);

#endif
