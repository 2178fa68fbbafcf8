/* ticket.h - rows of the matchmaker's tickets, and what is told of them.
 *
 * A person has one ticket: the last.  While it is open none else can be opened, and one match
 * closes it, so nobody is in two. */
#ifndef ACTORS_MATCHING_TICKET_H
#define ACTORS_MATCHING_TICKET_H

#include "actors/matching/rows.h"

/* ERR_NOT_FOUND: they never had one. */
MUST_CHECK err_t ticket_get(turn_t *turn, uint64_t account, const match_ticket_t **ret_ticket);

/* Whether this ticket is open, as far as is decided. */
MUST_CHECK err_t ticket_is_open(turn_t *turn, uint64_t ticket, bool *ret_open);

void ticket_emit_closed(turn_t *turn, uint64_t account, uint64_t ticket, ticket_reason_t reason);

#endif
