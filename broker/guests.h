/* guests.h - who may come to the broker over tcp, and as what.
 *
 * A file with a guest a line, `role name public-key`; blank lines and those that begin
 * with `#` say nothing:
 *
 *     edge      web1     rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7
 *
 * Roles are those of bus.hello: edge, actor, operator. */
#ifndef BROKER_GUESTS_H
#define BROKER_GUESTS_H

#include "broker/peer.h"
#include "schema/err.h"

typedef struct guests guests_t;

/* What is wrong has been logged, with its line. */
MUST_CHECK err_t guests_load(const char *path, guests_t **ret_guests);
void guests_destroy(guests_t **guests_p);

/* The name of whose key this is; NULL for nobody's. */
const char *guests_name(const guests_t *guests, const char *key);

/* What the guest may be; 0 for who is none, or no longer. */
roles_t guests_roles(const guests_t *guests, const char *name);

#endif
