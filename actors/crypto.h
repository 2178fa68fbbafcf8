/* crypto.h - the door of libsodium: hashes, secrets, passwords.
 *
 * Everything here may be called from any thread once crypto_start has returned. */
#ifndef ACTORS_CRYPTO_H
#define ACTORS_CRYPTO_H

#include "schema/buf.h"
#include "schema/err.h"

enum {
    CRYPTO_BLAKE256_SIZE = 32,  /* BLAKE2b-256 */
    CRYPTO_BLAKE128_SIZE = 16,  /* BLAKE2b-128 */
    CRYPTO_HMAC_SIZE = 32,      /* HMAC-SHA-256 */
    CRYPTO_KEY_SIZE = 32,       /* that seals */
    CRYPTO_TAG_SIZE = 16,       /* by which what is sealed is longer */
    CRYPTO_VERIFIER_SIZE = 128, /* of an Argon2id string with its NUL, at most */
};

/* Once a process, before anything else; again does nothing.  ERR_INTERNAL when
 * the machine has no source of randomness. */
MUST_CHECK err_t crypto_start(void);

/* ---- hashes ---- */

/* BLAKE2b-256 of `bytes`, and of `first` with `second` behind it. */
void crypto_blake256(slice_t bytes, uint8_t ret_hash[CRYPTO_BLAKE256_SIZE]);
void crypto_blake256_pair(slice_t first, slice_t second, uint8_t ret_hash[CRYPTO_BLAKE256_SIZE]);

/* BLAKE2b-256 of what comes in pieces.  crypto_digest_end frees it, and with NULL for
 * the hash it does only that. */
typedef struct crypto_digest crypto_digest_t;
crypto_digest_t *crypto_digest_begin(void);
void crypto_digest_add(crypto_digest_t *digest, slice_t bytes);
void crypto_digest_end(crypto_digest_t **digest_p, uint8_t *ret_hash);

/* BLAKE2b-128 of `bytes` under a key of up to 64 bytes; the zero slice for none. */
void crypto_blake128(slice_t key, slice_t bytes, uint8_t ret_hash[CRYPTO_BLAKE128_SIZE]);

/* HMAC-SHA-256, as RFC 2104 has it. */
void crypto_hmac(slice_t key, slice_t bytes, uint8_t ret_hmac[CRYPTO_HMAC_SIZE]);

/* ---- secrets ---- */

void crypto_random(uint8_t *at, size_t len);

/* Whether both are the same; the time it takes tells only whether the lengths are. */
bool crypto_equal(slice_t a, slice_t b);

/* Overwrite a secret, in a way that the compiler keeps. */
void crypto_wipe(void *at, size_t len);

/* ---- sealing: XChaCha20-Poly1305, in its two steps ---- */

/* The key of what is sealed with a nonce that begins with these 16 bytes (HChaCha20).  Whoever
 * is given it opens that, and nothing else that `key` has sealed. */
void crypto_derive(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[16],
                   uint8_t ret_key[CRYPTO_KEY_SIZE]);

/* Seal with a derived key and the nonce's last 8 bytes; `bound` is not in it, but must be the
 * same to open it.  Appends CRYPTO_TAG_SIZE bytes more than there are. */
void crypto_seal(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[8], slice_t bound,
                 slice_t plain, buf_t *out);

/* ERR_CORRUPT, and nothing appended, when it is another key, nonce or `bound`, or is changed. */
MUST_CHECK err_t crypto_open(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[8],
                             slice_t bound, slice_t sealed, buf_t *out);

/* ---- passwords: Argon2id ---- */

typedef enum crypto_cost {
    CRYPTO_COST_INTERACTIVE, /* 64 MiB and about 70 ms of one core */
    CRYPTO_COST_TEST,        /* the least there is: tests only */
} crypto_cost_t;

/* A verifier for the password, as a NUL-ended text.  ERR_UNAVAILABLE when the
 * memory for it is not there.  Slow: for the worker pool. */
MUST_CHECK err_t crypto_password_hash(slice_t password, crypto_cost_t cost,
                                      char ret_verifier[CRYPTO_VERIFIER_SIZE]);

/* Whether the password fits; as slow as the cost in the verifier says.  What is no
 * verifier fits nothing, and quickly: for a missing account use crypto_password_nobody. */
bool crypto_password_fits(slice_t password, slice_t verifier);

/* A verifier that no password fits, for accounts that do not exist: a failed
 * sign-in takes the same time whether there is such an account or not. */
slice_t crypto_password_nobody(crypto_cost_t cost);

/* ---- bytes as text; appended to `out` ---- */

/* Two lower-case digits a byte. */
void crypto_hex(buf_t *out, slice_t bytes);

/* RFC 4648 section 4, padded. */
void crypto_base64(buf_t *out, slice_t bytes);

/* ERR_MALFORMED leaves `out` alone; missing padding and other alphabets are malformed. */
MUST_CHECK err_t crypto_base64_read(slice_t text, buf_t *out);

/* RFC 4648 section 5, without padding. */
void crypto_base64url(buf_t *out, slice_t bytes);

/* ERR_MALFORMED leaves `out` alone; padding and other alphabets are malformed. */
MUST_CHECK err_t crypto_base64url_read(slice_t text, buf_t *out);

#endif
