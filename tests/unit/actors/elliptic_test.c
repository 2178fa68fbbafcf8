/* elliptic_test.c - keys that are some and keys that are none, agreements, signatures, seals. */
#include "actors/elliptic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "actors/crypto.h"

/* The private keys 1 and 2: the curve's base point is the public one of the first. */
static const uint8_t BASE[ELLIPTIC_POINT_SIZE] = {
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
    0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
    0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
    0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
    0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

static elliptic_t *s_pair(uint8_t last_byte)
{
    uint8_t number[ELLIPTIC_NUMBER_SIZE] = {0};
    elliptic_t *pair;
    number[sizeof number - 1] = last_byte;
    assert_int_equal(elliptic_of(slice_new(number, sizeof number), &pair), ERR_OK);
    return pair;
}

static void test_a_number_has_its_point(void **state)
{
    uint8_t point[ELLIPTIC_POINT_SIZE], number[ELLIPTIC_NUMBER_SIZE];
    elliptic_t *pair = s_pair(1);
    (void)state;
    elliptic_point(pair, point);
    assert_memory_equal(point, BASE, sizeof point);
    elliptic_number(pair, number);
    assert_int_equal(number[0], 0);
    assert_int_equal(number[ELLIPTIC_NUMBER_SIZE - 1], 1);
    elliptic_destroy(&pair);
    assert_null(pair);
    elliptic_destroy(&pair);
}

static void test_no_number(void **state)
{
    uint8_t number[ELLIPTIC_NUMBER_SIZE] = {0};
    elliptic_t *pair;
    (void)state;
    assert_int_equal(elliptic_of(slice_new(number, sizeof number), &pair), ERR_INVALID);
    assert_int_equal(elliptic_of(slice_new(BASE, 31), &pair), ERR_INVALID);
    memset(number, 0xff, sizeof number); /* above the order of the curve */
    assert_int_equal(elliptic_of(slice_new(number, sizeof number), &pair), ERR_INVALID);
}

static void test_no_point(void **state)
{
    uint8_t point[ELLIPTIC_POINT_SIZE], secret[ELLIPTIC_SECRET_SIZE];
    elliptic_t *pair = s_pair(2);
    (void)state;
    assert_true(elliptic_is_point(slice_new(BASE, sizeof BASE)));
    assert_false(elliptic_is_point(slice_new(BASE, sizeof BASE - 1)));
    assert_false(elliptic_is_point((slice_t){0}));
    for (size_t i = 0; i < sizeof point; i += 8) { /* the form, and bits of either coordinate */
        memcpy(point, BASE, sizeof point);
        point[i] ^= 1;
        assert_false(elliptic_is_point(slice_new(point, sizeof point)));
        assert_int_equal(elliptic_agree(pair, slice_new(point, sizeof point), secret), ERR_INVALID);
    }
    memset(point + 1, 0xff, sizeof point - 1); /* beyond the field */
    point[0] = 4;
    assert_false(elliptic_is_point(slice_new(point, sizeof point)));
    memcpy(point, BASE, sizeof point);
    point[0] = 2; /* the short form */
    assert_false(elliptic_is_point(slice_new(point, 33)));
    point[0] = 0; /* infinity */
    assert_false(elliptic_is_point(slice_new(point, 1)));
    elliptic_destroy(&pair);
}

static void test_two_agree(void **state)
{
    uint8_t points[2][ELLIPTIC_POINT_SIZE], secrets[2][ELLIPTIC_SECRET_SIZE];
    elliptic_t *pairs[] = {elliptic_new(), elliptic_new()};
    (void)state;
    for (size_t i = 0; i < 2; i++)
        elliptic_point(pairs[i], points[i]);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            elliptic_agree(pairs[i], slice_new(points[1 - i], ELLIPTIC_POINT_SIZE), secrets[i]),
            ERR_OK);
    assert_memory_equal(secrets[0], secrets[1], ELLIPTIC_SECRET_SIZE);
    assert_memory_not_equal(points[0], points[1], ELLIPTIC_POINT_SIZE);
    elliptic_destroy(&pairs[0]);
    elliptic_destroy(&pairs[1]);
}

/* ---- signatures, as a stranger checks them ---- */

static EVP_PKEY *s_public(const uint8_t point[ELLIPTIC_POINT_SIZE])
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point,
                                          ELLIPTIC_POINT_SIZE),
        OSSL_PARAM_construct_end(),
    };
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static bool s_verify(EVP_PKEY *key, slice_t bytes, const uint8_t signature[ELLIPTIC_SIGNATURE_SIZE])
{
    uint8_t *der = NULL;
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    ECDSA_SIG_set0(numbers, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL));
    int len = i2d_ECDSA_SIG(numbers, &der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    bool fits = EVP_DigestVerify(ctx, der, (size_t)len, bytes.ptr, bytes.len) == 1;
    EVP_MD_CTX_free(ctx);
    ECDSA_SIG_free(numbers);
    OPENSSL_free(der);
    return fits;
}

/* Many, since one in 128 has a number that begins with a zero byte. */
static void test_a_signature_holds(void **state)
{
    uint8_t point[ELLIPTIC_POINT_SIZE], signature[ELLIPTIC_SIGNATURE_SIZE];
    elliptic_t *pair = elliptic_new();
    (void)state;
    elliptic_point(pair, point);
    EVP_PKEY *key = s_public(point);
    for (int i = 0; i < 1000; i++) {
        slice_t bytes = slice_new(&i, sizeof i);
        elliptic_sign(pair, bytes, signature);
        assert_true(s_verify(key, bytes, signature));
    }
    assert_false(s_verify(key, SLICE_LIT("other words"), signature));
    EVP_PKEY_free(key);
    elliptic_destroy(&pair);
}

/* Test case 2 of the specification of GCM (McGrew, Viega). */
static void test_a_seal(void **state)
{
    const uint8_t key[ELLIPTIC_KEY_SIZE] = {0}, nonce[ELLIPTIC_NONCE_SIZE] = {0};
    const uint8_t plain[16] = {0};
    buf_t out = {0}, hex = {0};
    (void)state;
    buf_append_text(&out, ">");
    elliptic_seal(key, nonce, slice_new(plain, sizeof plain), &out);
    crypto_hex(&hex, slice_from(buf_slice(&out), 1));
    assert_true(slice_is(buf_slice(&hex),
                         "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"));
    buf_free(&out);
    buf_free(&hex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_has_its_point),
        cmocka_unit_test(test_no_number),
        cmocka_unit_test(test_no_point),
        cmocka_unit_test(test_two_agree),
        cmocka_unit_test(test_a_signature_holds),
        cmocka_unit_test(test_a_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
