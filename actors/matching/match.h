/* match.h - the matchmaker at work: from open tickets to matches, and on to the room. */
#ifndef ACTORS_MATCHING_MATCH_H
#define ACTORS_MATCHING_MATCH_H

#include "actors/matching/lobby.h"
#include "actors/matching/matching.h"

enum { MATCH_EVERY_MS = 50 };

/* All tickets that are open come in, before the first round; and a round, for the actor's row. */
void match_start(turn_t *turn);
void match_round(turn_t *turn);

/* A committed event, as the lobby takes it. */
void match_settled(lobby_t *lobby, const record_t *record);

/* For reactions: this person's account is gone, and so is their ticket. */
void match_remove(turn_t *turn, uint64_t account);

#endif
