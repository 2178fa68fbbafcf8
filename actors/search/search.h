/* search.h - the search actor's functions, one a call or event; search.c lists them. */
#ifndef ACTORS_SEARCH_SEARCH_H
#define ACTORS_SEARCH_SEARCH_H

#include "actors/actor.h"
#include "actors/search/rows.h"

apply_fn search_apply_posted, search_apply_edited, search_apply_deleted, search_apply_joined,
    search_apply_left, search_apply_banned, search_apply_room_deleted;
apply_fn search_apply_created, search_apply_blocked, search_apply_unblocked; /* pair.c */

decide_fn search_query_messages;

/* Put all messages of a segment, which lie in entries, into postings and the column. */
void search_seal(turn_t *turn, uint32_t segment);

#endif
