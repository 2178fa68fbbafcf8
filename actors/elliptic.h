/* elliptic.h - the door of libcrypto for what Web Push asks for and libsodium does not have:
 * the curve P-256 (SEC 2; NIST SP 800-186), ECDSA on it, and AES-128-GCM.
 *
 * Points are uncompressed: 0x04, x, y.  Whatever comes from a stranger is checked to lie on the
 * curve before anything is computed with it.  Everything here may be called from any thread. */
#ifndef ACTORS_ELLIPTIC_H
#define ACTORS_ELLIPTIC_H

#include "schema/buf.h"
#include "schema/err.h"

enum {
    ELLIPTIC_NUMBER_SIZE = 32,    /* a private key */
    ELLIPTIC_POINT_SIZE = 65,     /* a public one */
    ELLIPTIC_SECRET_SIZE = 32,    /* what two keys agree on */
    ELLIPTIC_SIGNATURE_SIZE = 64, /* r and s side by side, as JWS has them (RFC 7518) */
    ELLIPTIC_KEY_SIZE = 16,       /* of AES-128 */
    ELLIPTIC_NONCE_SIZE = 12,     /* of GCM */
    ELLIPTIC_TAG_SIZE = 16,
};

/* A pair of keys. */
/* Before anything else of libcrypto: have its allocations succeed or abort, as the house's own
 * do.  It does not survive it where one fails, or says that a signature is wrong. */
void elliptic_start(void);

typedef struct elliptic elliptic_t;

/* A fresh one. */
elliptic_t *elliptic_new(void);

/* The one with this private key.  ERR_INVALID: it is none. */
MUST_CHECK err_t elliptic_of(slice_t number, elliptic_t **ret_pair);

void elliptic_destroy(elliptic_t **pair_p);

/* Its two halves. */
void elliptic_number(const elliptic_t *pair, uint8_t ret_number[ELLIPTIC_NUMBER_SIZE]);
void elliptic_point(const elliptic_t *pair, uint8_t ret_point[ELLIPTIC_POINT_SIZE]);

/* Whether these bytes are a public key. */
bool elliptic_is_point(slice_t point);

/* ECDH with somebody's public key.  ERR_INVALID: it is none. */
MUST_CHECK err_t elliptic_agree(const elliptic_t *pair, slice_t point,
                                uint8_t ret_secret[ELLIPTIC_SECRET_SIZE]);

/* ECDSA over SHA-256 (ES256). */
void elliptic_sign(const elliptic_t *pair, slice_t bytes,
                   uint8_t ret_signature[ELLIPTIC_SIGNATURE_SIZE]);

/* AES-128-GCM without further data: appends the sealed bytes and their tag.  A key seals once
 * with a nonce. */
void elliptic_seal(const uint8_t key[ELLIPTIC_KEY_SIZE], const uint8_t nonce[ELLIPTIC_NONCE_SIZE],
                   slice_t plain, buf_t *out);

#endif
