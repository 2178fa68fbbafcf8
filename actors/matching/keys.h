/* keys.h - which API keys may see to reports: a bot is no moderator, but an admin has given its
 * key a scope that is for that. */
#ifndef ACTORS_MATCHING_KEYS_H
#define ACTORS_MATCHING_KEYS_H

#include "actors/matching/rows.h"

/* Whether the session is that of such a key. */
MUST_CHECK err_t keys_moderate(turn_t *turn, uint64_t session, bool *ret_moderates);

/* For apply: what a session may; empty if it is no key's. */
void keys_note(turn_t *turn, uint64_t session, slice_t scopes);

#endif
