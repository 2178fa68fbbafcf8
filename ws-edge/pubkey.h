/* pubkey.h - public keys of others, and whether they have signed something.
 *
 * The door of libcrypto. */
#ifndef WS_EDGE_PUBKEY_H
#define WS_EDGE_PUBKEY_H

#include "schema/err.h"
#include "schema/slice.h"

typedef struct pubkey pubkey_t;

typedef enum pubkey_kind {
    PUBKEY_RSA,     /* signs with RSASSA-PKCS1-v1_5 and SHA-256 (RS256); 2,048 bits or more */
    PUBKEY_ED25519, /* signs by RFC 8032 (EdDSA) */
} pubkey_kind_t;

/* From a PEM file's text (`BEGIN PUBLIC KEY`).  ERR_INVALID for what is no such key, or
 * one of another kind, or too weak. */
MUST_CHECK err_t pubkey_from_pem(slice_t text, pubkey_t **ret_key);

/* From the numbers of a JSON Web Key (RFC 7518, RFC 8037), big-endian.  ERR_INVALID. */
MUST_CHECK err_t pubkey_from_rsa(slice_t modulus, slice_t exponent, pubkey_t **ret_key);
MUST_CHECK err_t pubkey_from_ed25519(slice_t point, pubkey_t **ret_key);

void pubkey_destroy(pubkey_t **key_p);

pubkey_kind_t pubkey_kind(const pubkey_t *key);

/* Whether `signature` is the key's, over these bytes. */
bool pubkey_signed(const pubkey_t *key, slice_t bytes, slice_t signature);

#endif
