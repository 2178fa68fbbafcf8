/* freshness.h - since when nothing in a room has changed: soft state of the room actor.
 *
 * Who has a page and asks for it again is spared it, and the actor the reading, if nothing of the
 * room is newer than the page.  A few rooms share a place, so a page may seem older than it is, and
 * never newer. */
#ifndef ACTORS_ROOM_FRESHNESS_H
#define ACTORS_ROOM_FRESHNESS_H

#include "actors/actor.h"

enum { FRESHNESS_PLACES = 8192 };

typedef struct freshness {
    uint64_t since;                     /* nothing that came before was heard; 0: nothing was */
    uint64_t changed[FRESHNESS_PLACES]; /* the newest sequence of the rooms at each place */
} freshness_t;

/* The row's `settled`. */
bool freshness_note(void *soft, const record_t *record);

/* Whether all rows of the room are what they were as of that sequence. */
bool freshness_holds(const freshness_t *freshness, uint64_t room, uint64_t as_of);

#endif
