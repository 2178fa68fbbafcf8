/* jwt_test.c - which texts are tokens, and whose signature one carries. */
#include "actors/jwt.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "actors/crypto.h"

/* RFC 7515, appendix A.1. */
static const char s_token[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
    "cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char s_key[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

static void test_the_standards_own_example_is_read(void **state)
{
    jwt_t jwt;
    buf_t key = {0};
    (void)state;
    assert_int_equal(crypto_base64url_read(slice_of(s_key), &key), ERR_OK);
    assert_int_equal(jwt_read(slice_of(s_token), &jwt), ERR_OK);
    assert_true(jwt_is_hs256(&jwt));
    assert_true(jwt_was_signed(&jwt, buf_slice(&key)));
    assert_true(slice_is(jwt_text(&jwt, "iss"), "joe"));
    assert_int_equal(jwt_text(&jwt, "exp").len, 0);
    assert_int_equal(jwt_text(&jwt, "sub").len, 0);
    key.data[0] ^= 1;
    assert_false(jwt_was_signed(&jwt, buf_slice(&key)));
    jwt_free(&jwt);
    buf_free(&key);
}

static void test_what_is_signed_here_is_read_here(void **state)
{
    static const char begin[] = "before ";
    slice_t key = SLICE_LIT("a key of thirty-two bytes, or so.");
    buf_t text = {0};
    jwt_t jwt;
    (void)state;
    buf_append_text(&text, begin);
    jwt_sign(&text, SLICE_LIT("{\"sub\":\"7\"}"), key);
    slice_t token = slice_from(buf_slice(&text), sizeof begin - 1);
    assert_int_equal(jwt_read(token, &jwt), ERR_OK);
    assert_true(jwt_is_hs256(&jwt));
    assert_true(jwt_was_signed(&jwt, key));
    assert_true(slice_is(jwt_text(&jwt, "sub"), "7"));
    jwt_free(&jwt);
    buf_free(&text);
}

/* {} is e30, [] is W10. */
static void test_nothing_else_is_a_token(void **state)
{
    static const struct {
        const char *text;
        err_t err;
    } rows[] = {
        {"e30.e30.", ERR_OK},
        {"e30.e30.AAAA", ERR_OK},
        {"", ERR_MALFORMED},
        {"..", ERR_MALFORMED},
        {"e30", ERR_MALFORMED},
        {"e30.e30", ERR_MALFORMED},
        {"e30.e30.AAAA.AAAA", ERR_MALFORMED},
        {"e30.e30.AAAA.", ERR_MALFORMED},
        {".e30.e30.AAAA", ERR_MALFORMED},
        {"W10.e30.AAAA", ERR_MALFORMED},
        {"e30.W10.AAAA", ERR_MALFORMED},
        {"e30=.e30.AAAA", ERR_MALFORMED},
        {"e30.e30.AA+A", ERR_MALFORMED},
        {" e30.e30.AAAA", ERR_MALFORMED},
        {"e30.e30.AAAA\n", ERR_MALFORMED},
        {"e30.eyJhIjoxLCJhIjoxfQ.AAAA", ERR_MALFORMED}, /* a claim twice */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        jwt_t jwt;
        assert_int_equal(jwt_read(slice_of(rows[i].text), &jwt), rows[i].err);
        assert_false(rows[i].err == ERR_OK && jwt_is_hs256(&jwt));
        jwt_free(&jwt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_standards_own_example_is_read),
        cmocka_unit_test(test_what_is_signed_here_is_read_here),
        cmocka_unit_test(test_nothing_else_is_a_token),
    };
    return crypto_start() == ERR_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
