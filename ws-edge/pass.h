/* pass.h - what an API key may, for REST and WebSocket alike.
 *
 * The only place where a key is held to its scopes.  What the account itself may is the
 * actors' affair. */
#ifndef WS_EDGE_PASS_H
#define WS_EDGE_PASS_H

#include "actors/token.h"

/* ERR_FORBIDDEN, and *ret_detail in a text of the arena, if `who` is a key whose scopes
 * the call is not in. */
MUST_CHECK err_t pass_call(const who_t *who, uint16_t call, arena_t *arena,
                           const char **ret_detail);

/* The same for hearing what happens: that takes the scope in which messages are read. */
MUST_CHECK err_t pass_hear(const who_t *who, arena_t *arena, const char **ret_detail);

#endif
