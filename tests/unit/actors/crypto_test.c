/* crypto_test.c - against vectors of the specifications and of other programs. */
#include "actors/crypto.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void s_assert_hex(slice_t bytes, const char *expected)
{
    buf_t text = {0};
    crypto_hex(&text, bytes);
    buf_append_byte(&text, '\0');
    assert_string_equal((const char *)text.data, expected);
    buf_free(&text);
}

static void test_hashes(void **state)
{
    (void)state;
    uint8_t hash[CRYPTO_BLAKE256_SIZE], again[CRYPTO_BLAKE256_SIZE], half[CRYPTO_BLAKE128_SIZE];
    crypto_blake256(SLICE_LIT("abc"), hash);
    s_assert_hex(slice_new(hash, sizeof hash),
                 "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    crypto_blake256_pair(SLICE_LIT("a"), SLICE_LIT("bc"), again);
    assert_memory_equal(hash, again, sizeof hash);
    crypto_blake128(SLICE_LIT("key"), SLICE_LIT("abc"), half);
    s_assert_hex(slice_new(half, sizeof half), "2cf02ae16ac225ee731f9d359d8a1c38");
}

/* RFC 4231, test case 2. */
static void test_hmac(void **state)
{
    (void)state;
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    crypto_hmac(SLICE_LIT("Jefe"), SLICE_LIT("what do ya want for nothing?"), hmac);
    s_assert_hex(slice_new(hmac, sizeof hmac),
                 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_secrets(void **state)
{
    (void)state;
    uint8_t one[32] = {0}, other[32] = {0};
    assert_true(crypto_equal(slice_new(one, 32), slice_new(other, 32)));
    assert_false(crypto_equal(slice_new(one, 32), slice_new(other, 31)));
    assert_true(crypto_equal((slice_t){0}, (slice_t){0}));
    crypto_random(one, sizeof one);
    assert_false(crypto_equal(slice_new(one, 32), slice_new(other, 32)));
    crypto_wipe(one, sizeof one);
    assert_true(crypto_equal(slice_new(one, 32), slice_new(other, 32)));
}

static void test_password(void **state)
{
    (void)state;
    char verifier[CRYPTO_VERIFIER_SIZE], again[CRYPTO_VERIFIER_SIZE];
    slice_t password = SLICE_LIT("correct horse");
    assert_int_equal(crypto_password_hash(password, CRYPTO_COST_TEST, verifier), ERR_OK);
    assert_int_equal(crypto_password_hash(password, CRYPTO_COST_TEST, again), ERR_OK);
    assert_string_not_equal(verifier, again); /* a salt of its own each */
    assert_true(slice_starts(slice_of(verifier), SLICE_LIT("$argon2id$")));
    assert_true(crypto_password_fits(password, slice_of(verifier)));
    assert_false(crypto_password_fits(SLICE_LIT("correct horsf"), slice_of(verifier)));
    assert_false(crypto_password_fits(SLICE_LIT(""), slice_of(verifier)));
}

static void test_no_verifier(void **state)
{
    (void)state;
    char long_text[2 * CRYPTO_VERIFIER_SIZE];
    memset(long_text, '$', sizeof long_text);
    slice_t password = SLICE_LIT("correct horse");
    assert_false(crypto_password_fits(password, (slice_t){0}));
    assert_false(crypto_password_fits(password, SLICE_LIT("plain")));
    assert_false(crypto_password_fits(password, slice_new(long_text, sizeof long_text)));
}

/* The verifier of nobody must cost what a real one does, so its parameters are equal. */
static void test_nobody(void **state)
{
    (void)state;
    char real[CRYPTO_VERIFIER_SIZE];
    slice_t password = SLICE_LIT("correct horse");
    for (int i = CRYPTO_COST_INTERACTIVE; i <= CRYPTO_COST_TEST; i++) {
        crypto_cost_t cost = (crypto_cost_t)i;
        slice_t nobody = crypto_password_nobody(cost);
        assert_int_equal(crypto_password_hash(password, cost, real), ERR_OK);
        size_t parameters = (size_t)(strstr(real, "p=1$") - real);
        assert_int_equal(nobody.len, strlen(real));
        assert_memory_equal(nobody.ptr, real, parameters);
        assert_false(crypto_password_fits(password, nobody));
    }
}

static void test_base64(void **state)
{
    (void)state;
    static const char *const refused[] = {"-_8=", "+/8", "+/8==", "A",       "AB CD",
                                          "+/9=", "=",   "+/8=A", "+\xaf+=", "\xab/8="};
    buf_t text = {0}, back = {0};
    crypto_base64(&text, SLICE_LIT("\xfb\xff"));
    assert_true(slice_is(buf_slice(&text), "+/8="));
    assert_int_equal(crypto_base64_read(buf_slice(&text), &back), ERR_OK);
    assert_true(slice_is(buf_slice(&back), "\xfb\xff"));
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_int_equal(crypto_base64_read(slice_of(refused[i]), &back), ERR_MALFORMED);
    assert_int_equal(back.len, 2);
    buf_free(&text);
    buf_free(&back);
}

static void test_base64url(void **state)
{
    (void)state;
    buf_t text = {0}, back = {0};
    uint8_t bytes[64];
    crypto_base64url(&text, SLICE_LIT("\xfb\xff"));
    assert_true(slice_is(buf_slice(&text), "-_8"));
    for (size_t len = 0; len <= sizeof bytes; len++) {
        crypto_random(bytes, len);
        text.len = back.len = 0;
        crypto_base64url(&text, slice_new(bytes, len));
        assert_int_equal(crypto_base64url_read(buf_slice(&text), &back), ERR_OK);
        assert_true(slice_eq(buf_slice(&back), slice_new(bytes, len)));
    }
    buf_free(&text);
    buf_free(&back);
}

static void test_base64url_refusals(void **state)
{
    (void)state;
    static const char *const refused[] = {"-_8=", "+/8",      "A",      "AB CD",
                                          "-_9",  "\xc3\xa9", "-\xdf-", "\xad_8"};
    buf_t back = {0};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_int_equal(crypto_base64url_read(slice_of(refused[i]), &back), ERR_MALFORMED);
    assert_int_equal(back.len, 0);
    buf_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_no_verifier),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_base64url_refusals),
    };
    if (crypto_start() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
