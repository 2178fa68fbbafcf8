/* issuer.h - tokens of a foreign issuer, which the app's own backend may have made.
 *
 * A token is a JWT (RFC 7519) in compact form, signed with HS256, RS256 or EdDSA by a key
 * of the issuer (issuer_keys.h).  It counts if `iss` is the issuer's name, `sub` is there,
 * `exp` is not over and `nbf` has come, give or take a minute, and `aud` names us: where
 * no audience is set, a token may have none. */
#ifndef WS_EDGE_ISSUER_H
#define WS_EDGE_ISSUER_H

#include "schema/arena.h"
#include "schema/err.h"
#include "schema/type.h"
#include "ws-edge/edge.h"

typedef struct issuer issuer_t;

/* NULL for options without a name.  ERR_INVALID, and the log says what is wrong. */
MUST_CHECK err_t issuer_open(const issuer_options_t *options, issuer_t **ret_issuer);
void issuer_close(issuer_t **issuer_p);

/* What the token says of its bearer, but for the device; in the arena.  ERR_UNAUTHENTICATED,
 * and *ret_why in a few words. */
MUST_CHECK err_t issuer_check(const issuer_t *issuer, slice_t token, int64_t now_us, arena_t *arena,
                              session_adopt_call_t *ret_adopt, const char **ret_why);

#endif
