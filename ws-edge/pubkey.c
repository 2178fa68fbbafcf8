/* pubkey.c - libcrypto reads the keys and checks the signatures.
 *
 * Its queue of errors is emptied after each use, or what one key left behind would be
 * taken for the fault of the next. */
#include "ws-edge/pubkey.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "schema/mem.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 16384, ED25519_SIZE = 32 };

struct pubkey {
    EVP_PKEY *key;
    pubkey_kind_t kind;
};

/* ---- reading ---- */

/* Takes the key; ERR_INVALID for NULL and for what we do not want. */
static err_t s_adopt(EVP_PKEY *key, pubkey_t **ret_key)
{
    int id = key != NULL ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
    bool rsa = id == EVP_PKEY_RSA && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
    ERR_clear_error();
    if (!rsa && id != EVP_PKEY_ED25519) {
        EVP_PKEY_free(key);
        return ERR_INVALID;
    }
    pubkey_t *made = mem_new(pubkey_t);
    made->key = key;
    made->kind = rsa ? PUBKEY_RSA : PUBKEY_ED25519;
    *ret_key = made;
    return ERR_OK;
}

err_t pubkey_from_pem(slice_t text, pubkey_t **ret_key)
{
    if (text.len > INT_MAX)
        return ERR_INVALID;
    BIO *in = BIO_new_mem_buf(text.ptr, (int)text.len);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
    BIO_free(in);
    return s_adopt(key, ret_key);
}

static EVP_PKEY *s_make_rsa(const BIGNUM *modulus, const BIGNUM *exponent)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM_BLD *numbers = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (OSSL_PARAM_BLD_push_BN(numbers, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(numbers, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
        params = OSSL_PARAM_BLD_to_param(numbers);
    if (params != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(numbers);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

err_t pubkey_from_rsa(slice_t modulus, slice_t exponent, pubkey_t **ret_key)
{
    if (modulus.len > RSA_BITS_MAX / 8 || exponent.len > sizeof(uint64_t))
        return ERR_INVALID;
    BIGNUM *n = BN_bin2bn(modulus.ptr, (int)modulus.len, NULL);
    BIGNUM *e = BN_bin2bn(exponent.ptr, (int)exponent.len, NULL);
    bool odd = BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e);
    EVP_PKEY *key = odd ? s_make_rsa(n, e) : NULL;
    BN_free(n);
    BN_free(e);
    return s_adopt(key, ret_key);
}

err_t pubkey_from_ed25519(slice_t point, pubkey_t **ret_key)
{
    if (point.len != ED25519_SIZE)
        return ERR_INVALID;
    return s_adopt(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point.ptr, point.len),
                   ret_key);
}

void pubkey_destroy(pubkey_t **key_p)
{
    if (*key_p == NULL)
        return;
    EVP_PKEY_free((*key_p)->key);
    mem_free(*key_p);
    *key_p = NULL;
}

pubkey_kind_t pubkey_kind(const pubkey_t *key)
{
    return key->kind;
}

/* ---- checking ---- */

bool pubkey_signed(const pubkey_t *key, slice_t bytes, slice_t signature)
{
    mem_watch();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const EVP_MD *digest = key->kind == PUBKEY_RSA ? EVP_sha256() : NULL; /* PKCS #1 by default */
    bool fits = EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key->key) == 1 &&
                EVP_DigestVerify(ctx, signature.ptr, signature.len, bytes.ptr, bytes.len) == 1;
    if (!fits)
        mem_judge();
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return fits;
}
