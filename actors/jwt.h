/* jwt.h - JSON Web Tokens in three parts (RFC 7515, 7519), ours and others': each part is read
 * strictly, and once.
 *
 * This says what a token says and whether a signature of HS256 is one; what counts, and for whom, is
 * for those who read: token.h for our own, ws-edge/issuer.h for others'. */
#ifndef ACTORS_JWT_H
#define ACTORS_JWT_H

#include "schema/json.h"

typedef struct jwt {
    slice_t covered;            /* by the signature: header and payload as they came */
    const json_node_t *header;  /* an object … */
    const json_node_t *payload; /* … as this */
    buf_t signature;
} jwt_t;

/* Take a token apart; texts of the trees live until jwt_free, which is for the caller on errors too.
 * ERR_MALFORMED.  How long a token may be is for the caller to say. */
MUST_CHECK err_t jwt_read(slice_t token, jwt_t *ret_jwt);
void jwt_free(jwt_t *jwt);

/* A claim that is a text; the zero slice if there is none. */
slice_t jwt_text(const jwt_t *jwt, const char *name);

/* Whether its header says HS256, and whether it was signed so with this key. */
bool jwt_is_hs256(const jwt_t *jwt);
bool jwt_was_signed(const jwt_t *jwt, slice_t key);

/* Append the token of these claims, a JSON object, signed with HS256. */
void jwt_sign(buf_t *out, slice_t claims, slice_t key);

#endif
