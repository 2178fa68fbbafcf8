/* ticket.h - what a Socket.IO client shows when it comes back: the private id (`pid`).
 *
 * It says whose the connection was and by which id it was known, under our signature, so
 * that nothing has to be remembered and it is good at every edge and after a restart.  It
 * is as secret as the token of that session, and good for as long. */
#ifndef WS_EDGE_TICKET_H
#define WS_EDGE_TICKET_H

#include "actors/token.h"
#include "schema/buf.h"
#include "ws-edge/tunnel.h"

typedef struct ticket {
    who_t who;
    char sid[TUNNEL_SID_SIZE];
} ticket_t;

/* Append it as a text. */
void ticket_put(buf_t *out, const mint_t *mint, const ticket_t *ticket);

/* ERR_UNAUTHENTICATED for what we have not signed.  Whether it is still good is to be asked
 * besides. */
MUST_CHECK err_t ticket_read(const mint_t *mint, slice_t text, ticket_t *ret_ticket);

#endif
