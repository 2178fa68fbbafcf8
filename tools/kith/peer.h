/* peer.h - a running server, met on its bus as an operator.
 *
 * Calls are made one at a time; records that arrive while one is waited for are
 * passed over, as a page of bus.read has them too. */
#ifndef TOOLS_KITH_PEER_H
#define TOOLS_KITH_PEER_H

#include "schema/envelope.h"
#include "schema/type.h"

typedef struct peer peer_t;

/* Connect and present oneself, over tcp with the operator's keys of the folder; NULL:
 * data/keys.  ERR_UNAVAILABLE when nobody answers. */
MUST_CHECK err_t peer_connect(const char *endpoint, const char *keys, peer_t **ret_peer);
void peer_close(peer_t **peer_p);

/* Ask, and wait for the answer, which lives until the next call. */
MUST_CHECK err_t peer_call(peer_t *peer, call_number_t type, const void *body,
                           const void **ret_answer);

/* The same of what may take minutes: for as long as the server answers pings meanwhile. */
MUST_CHECK err_t peer_call_long(peer_t *peer, call_number_t type, const void *body,
                                const void **ret_answer);

/* What the last refused call was told beyond its error; the zero slice for nothing. */
slice_t peer_detail(const peer_t *peer);

/* The next live record; its bytes live until the next call.  ERR_NOT_FOUND when
 * there was none for a while, ERR_UNAVAILABLE when the server has gone silent or
 * does not know this peer any more: connect anew. */
MUST_CHECK err_t peer_record(peer_t *peer, record_t *ret_record);

#endif
