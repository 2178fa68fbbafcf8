/* hopefuls.h - who has a ticket of the matchmaker that ends when they go offline.
 *
 *   'w' account   empty: they have one; kept from the matching actor's events
 *
 * Whoever of them goes offline is said to have been seen last, however shortly after the time
 * before, since the matching actor closes tickets by that.  Who is not online when the ticket
 * is opened, or after a restart of this actor, is given a while to come. */
#ifndef ACTORS_SESSION_HOPEFULS_H
#define ACTORS_SESSION_HOPEFULS_H

#include "actors/actor.h"

apply_fn hopefuls_apply_opened, hopefuls_apply_closed, hopefuls_apply_made;
react_fn hopefuls_react_opened, hopefuls_react_closed, hopefuls_react_made;

/* Whether this person is one; not if the row cannot be read. */
bool hopefuls_have(turn_t *turn, uint64_t account);

/* All of them are given a while, for the actor's row; there is no more to do. */
bool hopefuls_warm(turn_t *turn);

/* The next one whose while is over and who is not online; 0 if there is none. */
uint64_t hopefuls_absent(turn_t *turn);

#endif
