/* elliptic.c - OpenSSL's own interface (EVP), nothing below it.
 *
 * It fails only for want of memory, by our mistake, or because a key from outside is none; the
 * last alone is an answer.  Its queue of errors is emptied then, or what one key left behind
 * would be taken for the fault of the next. */
#include "actors/elliptic.h"

#include <assert.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "schema/mem.h"

struct elliptic {
    EVP_PKEY *key;
};

static const char CURVE[] = "P-256";
enum { DER_SIZE_MAX = 80 /* of a signature as OpenSSL writes it */ };

static void s_must(bool done)
{
    assert(done);
}

/* ---- memory ---- */

static void *s_grow(void *ptr, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (size > 0)
        return mem_grow(ptr, size);
    mem_free(ptr);
    return NULL;
}

static void *s_take(size_t size, const char *file, int line)
{
    return s_grow(NULL, size, file, line);
}

static void s_release(void *ptr, const char *file, int line)
{
    (void)file;
    (void)line;
    mem_free(ptr);
}

void elliptic_start(void)
{
    s_must(CRYPTO_set_mem_functions(s_take, s_grow, s_release) == 1);
}

/* ---- keys as OpenSSL has them ---- */

/* The key of a point, and of its number where that is ours; NULL if they are none.  It is
 * OpenSSL that looks whether the point lies on the curve. */
static EVP_PKEY *s_import(slice_t point, const BIGNUM *number)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
    s_must(ctx != NULL && parts != NULL);
    s_must(OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) == 1);
    s_must(OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, point.ptr, point.len) ==
           1);
    s_must(number == NULL || OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(parts);
    s_must(params != NULL && EVP_PKEY_fromdata_init(ctx) == 1);
    int kind = number != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    if (EVP_PKEY_fromdata(ctx, &key, kind, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(parts);
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return key;
}

/* Only the uncompressed form: the point at infinity and the short forms are no keys here. */
static EVP_PKEY *s_import_point(slice_t point)
{
    bool whole = point.len == ELLIPTIC_POINT_SIZE && point.ptr[0] == POINT_CONVERSION_UNCOMPRESSED;
    return whole ? s_import(point, NULL) : NULL;
}

/* The point that belongs to a number of the curve; false if it is none. */
static bool s_multiply(const BIGNUM *number, uint8_t point[ELLIPTIC_POINT_SIZE])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *product = EC_POINT_new(group);
    s_must(product != NULL);
    bool good = !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0;
    if (good) {
        s_must(EC_POINT_mul(group, product, number, NULL, NULL, NULL) == 1);
        s_must(EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, point,
                                  ELLIPTIC_POINT_SIZE, NULL) == ELLIPTIC_POINT_SIZE);
    }
    EC_POINT_free(product);
    EC_GROUP_free(group);
    return good;
}

/* ---- pairs ---- */

static elliptic_t *s_adopt(EVP_PKEY *key)
{
    elliptic_t *pair = mem_new(elliptic_t);
    pair->key = key;
    return pair;
}

elliptic_t *elliptic_new(void)
{
    EVP_PKEY *key = EVP_EC_gen(CURVE);
    s_must(key != NULL);
    return s_adopt(key);
}

err_t elliptic_of(slice_t number, elliptic_t **ret_pair)
{
    uint8_t point[ELLIPTIC_POINT_SIZE];
    if (number.len != ELLIPTIC_NUMBER_SIZE)
        return ERR_INVALID;
    BIGNUM *big = BN_bin2bn(number.ptr, ELLIPTIC_NUMBER_SIZE, BN_secure_new());
    s_must(big != NULL);
    BN_set_flags(big, BN_FLG_CONSTTIME);
    EVP_PKEY *key = s_multiply(big, point) ? s_import(slice_new(point, sizeof point), big) : NULL;
    BN_clear_free(big);
    if (key == NULL)
        return ERR_INVALID;
    *ret_pair = s_adopt(key);
    return ERR_OK;
}

void elliptic_destroy(elliptic_t **pair_p)
{
    elliptic_t *pair = *pair_p;
    if (pair == NULL)
        return;
    *pair_p = NULL;
    EVP_PKEY_free(pair->key);
    mem_free(pair);
}

void elliptic_number(const elliptic_t *pair, uint8_t ret_number[ELLIPTIC_NUMBER_SIZE])
{
    BIGNUM *big = NULL;
    s_must(EVP_PKEY_get_bn_param(pair->key, OSSL_PKEY_PARAM_PRIV_KEY, &big) == 1);
    s_must(BN_bn2binpad(big, ret_number, ELLIPTIC_NUMBER_SIZE) == ELLIPTIC_NUMBER_SIZE);
    BN_clear_free(big);
}

void elliptic_point(const elliptic_t *pair, uint8_t ret_point[ELLIPTIC_POINT_SIZE])
{
    size_t len;
    s_must(EVP_PKEY_get_octet_string_param(pair->key, OSSL_PKEY_PARAM_PUB_KEY, ret_point,
                                           ELLIPTIC_POINT_SIZE, &len) == 1);
    s_must(len == ELLIPTIC_POINT_SIZE && ret_point[0] == POINT_CONVERSION_UNCOMPRESSED);
}

bool elliptic_is_point(slice_t point)
{
    EVP_PKEY *key = s_import_point(point);
    EVP_PKEY_free(key);
    return key != NULL;
}

/* ---- what keys do ---- */

err_t elliptic_agree(const elliptic_t *pair, slice_t point,
                     uint8_t ret_secret[ELLIPTIC_SECRET_SIZE])
{
    size_t len = ELLIPTIC_SECRET_SIZE;
    EVP_PKEY *other = s_import_point(point);
    if (other == NULL)
        return ERR_INVALID;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pair->key, NULL);
    s_must(ctx != NULL && EVP_PKEY_derive_init(ctx) == 1);
    s_must(EVP_PKEY_derive_set_peer(ctx, other) == 1);
    s_must(EVP_PKEY_derive(ctx, ret_secret, &len) == 1 && len == ELLIPTIC_SECRET_SIZE);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    return ERR_OK;
}

/* OpenSSL gives DER; the two numbers in it have a fixed width here. */
static void s_flatten(const uint8_t *der, size_t len, uint8_t signature[ELLIPTIC_SIGNATURE_SIZE])
{
    ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &der, (long)len);
    s_must(numbers != NULL);
    s_must(BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature, ELLIPTIC_NUMBER_SIZE) > 0);
    s_must(BN_bn2binpad(ECDSA_SIG_get0_s(numbers), signature + ELLIPTIC_NUMBER_SIZE,
                        ELLIPTIC_NUMBER_SIZE) > 0);
    ECDSA_SIG_free(numbers);
}

void elliptic_sign(const elliptic_t *pair, slice_t bytes,
                   uint8_t ret_signature[ELLIPTIC_SIGNATURE_SIZE])
{
    uint8_t der[DER_SIZE_MAX];
    size_t len = sizeof der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    s_must(ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pair->key) == 1);
    s_must(EVP_DigestSign(ctx, der, &len, bytes.ptr, bytes.len) == 1);
    EVP_MD_CTX_free(ctx);
    s_flatten(der, len, ret_signature);
}

void elliptic_seal(const uint8_t key[ELLIPTIC_KEY_SIZE], const uint8_t nonce[ELLIPTIC_NONCE_SIZE],
                   slice_t plain, buf_t *out)
{
    int len, rest;
    uint8_t *sealed = buf_reserve(out, plain.len + ELLIPTIC_TAG_SIZE);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    s_must(ctx != NULL && EVP_EncryptInit_ex2(ctx, EVP_aes_128_gcm(), key, nonce, NULL) == 1);
    s_must(EVP_EncryptUpdate(ctx, sealed, &len, plain.ptr, (int)plain.len) == 1);
    s_must(EVP_EncryptFinal_ex(ctx, sealed + len, &rest) == 1 && (size_t)len == plain.len);
    s_must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, ELLIPTIC_TAG_SIZE, sealed + len) == 1);
    EVP_CIPHER_CTX_free(ctx);
    out->len += plain.len + ELLIPTIC_TAG_SIZE;
}
