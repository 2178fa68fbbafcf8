/* links.h - links that reach a person by mail: one proves the e-mail, one resets the
 * password.
 *
 * An account has at most one open link of each purpose.  Its nonce stands in the row and
 * in the event link.asked; whoever presents it has it from an id with our signature
 * (actors/token.h).  It is spent when it has served, and asked for again while it is
 * open it is the same one, so that the link in an earlier mail goes on to work: nobody
 * can spoil another's link by asking for more.  A reset is good for an hour, a proof for
 * a week. */
#ifndef ACTORS_SESSION_LINKS_H
#define ACTORS_SESSION_LINKS_H

#include "actors/actor.h"

/* The account's link of this purpose; without a nonce if none is open. */
account_link_t links_open(const turn_t *turn, const account_row_t *row, purpose_t purpose);

/* Emit link.asked. */
void links_ask(turn_t *turn, const account_row_t *row, purpose_t purpose);

/* The account whose open link has this nonce.  Refuses in the same words whatever is
 * wrong with it. */
MUST_CHECK err_t links_find(turn_t *turn, uint64_t account, purpose_t purpose, slice_t nonce,
                            const account_row_t **ret_row);

/* What link.asked does to the row. */
void links_put(account_row_t *row, const link_asked_event_t *event);

#endif
