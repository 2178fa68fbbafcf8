/* issuer_keys.h - the keys of a foreign issuer, as a file has them.
 *
 * A key signs by one algorithm, so a token cannot choose how it is checked: an RSA key is
 * never taken for a secret. */
#ifndef WS_EDGE_ISSUER_KEYS_H
#define WS_EDGE_ISSUER_KEYS_H

#include "schema/err.h"
#include "schema/slice.h"

typedef struct issuer_keys issuer_keys_t;

enum { ISSUER_SECRET_MIN = 32, ISSUER_FILE_MAX = 1024 * 1024 };

/* A secret for HS256, bytes as they are but for a line end behind them; a public key for
 * RS256 or EdDSA in PEM; a JSON Web Key Set (RFC 7517) of RSA, Ed25519 and oct keys, of
 * which others are passed over.  ERR_INVALID, and the log says what is wrong. */
typedef enum issuer_file { ISSUER_SECRET, ISSUER_PEM, ISSUER_JWKS } issuer_file_t;
MUST_CHECK err_t issuer_keys_read(const char *path, issuer_file_t kind, issuer_keys_t **ret_keys);
void issuer_keys_destroy(issuer_keys_t **keys_p);

/* Whether `bytes` are signed so by the key that is meant: the one with this id, or any
 * where there are no ids.  `kid` is empty if the token names none. */
bool issuer_keys_signed(const issuer_keys_t *keys, slice_t algorithm, slice_t kid, slice_t bytes,
                        slice_t signature);

#endif
