/* issuer_test.c - tokens of a foreign issuer with a secret: what counts, byte by byte.
 *
 * Public keys are in tests/e2e/foreign_tokens.test.mjs, where something else signs. */
#include "ws-edge/issuer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/scratch.h"

static const int64_t s_now = INT64_C(1790000000) * 1000000; /* µs */
static const char s_secret[] = "a secret of more than thirty-two bytes";
static const char s_header[] = "{\"alg\":\"HS256\"}";
static const char s_claims[] = "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":\"u1\",\"exp\":1790000060,"
                               "\"name\":\"Ann\",\"email\":\"a@b.c\"}";

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 16];
    issuer_t *issuer;
    arena_t *arena;
    const char *why;
} world_t;

static void s_write(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static issuer_options_t s_options(const world_t *world)
{
    return (issuer_options_t){.name = "them", .audience = "us", .secret_file = world->path};
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    scratch_make(world->folder);
    scratch_hush();
    snprintf(world->path, sizeof world->path, "%s/secret", world->folder);
    s_write(world->path, "a secret of more than thirty-two bytes\n", 0600);
    world->arena = arena_new();
    issuer_options_t options = s_options(world);
    *state = world;
    return issuer_open(&options, &world->issuer) == ERR_OK ? 0 : -1;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    scratch_speak();
    scratch_remove(world->folder);
    issuer_close(&world->issuer);
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

/* ---- tokens ---- */

static void s_encode(buf_t *out, const char *text)
{
    crypto_base64url(out, slice_of(text));
}

static slice_t s_token(const world_t *world, const char *header, const char *claims)
{
    buf_t text = {0};
    uint8_t signature[CRYPTO_HMAC_SIZE];
    s_encode(&text, header);
    buf_append_byte(&text, '.');
    s_encode(&text, claims);
    crypto_hmac(slice_of(s_secret), buf_slice(&text), signature);
    buf_append_byte(&text, '.');
    crypto_base64url(&text, slice_new(signature, sizeof signature));
    slice_t token = arena_copy(world->arena, buf_slice(&text));
    buf_free(&text);
    return token;
}

static err_t s_check(world_t *world, slice_t token, session_adopt_call_t *ret_adopt)
{
    return issuer_check(world->issuer, token, s_now, world->arena, ret_adopt, &world->why);
}

static void s_assert_refused(world_t *world, slice_t token)
{
    session_adopt_call_t adopt;
    assert_int_equal(s_check(world, token, &adopt), ERR_UNAUTHENTICATED);
    assert_non_null(world->why);
}

/* ---- what counts ---- */

static void test_a_token_says_who_its_bearer_is(void **state)
{
    world_t *world = *state;
    session_adopt_call_t adopt;
    assert_int_equal(s_check(world, s_token(world, s_header, s_claims), &adopt), ERR_OK);
    assert_true(slice_is(adopt.issuer, "them"));
    assert_true(slice_is(adopt.subject, "u1"));
    assert_true(slice_is(adopt.username, "Ann"));
    assert_true(slice_is(adopt.email, "a@b.c"));
    assert_int_equal(adopt.expires, s_now + INT64_C(120) * 1000000); /* and a minute */
}

static void test_a_name_that_is_too_long_is_left_out(void **state)
{
    world_t *world = *state;
    session_adopt_call_t adopt;
    slice_t token =
        s_token(world, s_header,
                "{\"iss\":\"them\",\"aud\":[\"x\",\"us\"],\"sub\":\"u1\","
                "\"exp\":1790000060,\"email_verified\":false,\"email\":\"a@b.c\","
                "\"username\":\"x2345678901234567890123456789012345678901234567890x\"}");
    assert_int_equal(s_check(world, token, &adopt), ERR_OK);
    assert_int_equal(adopt.username.len, 0);
    assert_int_equal(adopt.email.len, 0);
}

/* Some issuers say it in a text. */
static void test_an_address_that_is_not_proven_is_left_out(void **state)
{
    static const struct {
        const char *verified;
        bool counts;
    } rows[] = {
        {"true", true},       {"\"true\"", true}, {"false", false},
        {"\"false\"", false}, {"null", false},    {"1", false},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        session_adopt_call_t adopt;
        slice_t claims = arena_printf(world->arena,
                                      "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":\"u1\","
                                      "\"exp\":1790000060,\"email\":\"a@b.c\","
                                      "\"email_verified\":%s}",
                                      rows[i].verified);
        slice_t token = s_token(world, s_header, (const char *)claims.ptr);
        assert_int_equal(s_check(world, token, &adopt), ERR_OK);
        assert_int_equal(adopt.email.len > 0, rows[i].counts);
    }
}

/* ---- what does not ---- */

/* Any one character of it changed, left out or put in. */
static void test_a_changed_token_is_none(void **state)
{
    world_t *world = *state;
    slice_t token = s_token(world, s_header, s_claims);
    uint8_t *copy = arena_alloc(world->arena, token.len + 1);
    for (size_t i = 0; i < token.len; i++) {
        memcpy(copy, token.ptr, token.len);
        copy[i] = copy[i] == 'A' ? 'B' : 'A';
        s_assert_refused(world, slice_new(copy, token.len));
        memmove(copy + i, token.ptr + i + 1, token.len - i - 1);
        s_assert_refused(world, slice_new(copy, token.len - 1));
        memcpy(copy + i + 1, token.ptr + i, token.len - i);
        copy[i] = '=';
        s_assert_refused(world, slice_new(copy, token.len + 1));
    }
    for (size_t len = 0; len < token.len; len++)
        s_assert_refused(world, slice_new(token.ptr, len));
}

static void test_a_header_asks_for_nothing_else(void **state)
{
    world_t *world = *state;
    static const char *const wrong[] = {
        "{}",
        "[]",
        "7",
        "{\"alg\":\"none\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":[\"HS256\"]}",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"kid\":7}",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        s_assert_refused(world, s_token(world, wrong[i], s_claims));
}

static void test_claims_of_the_wrong_kind_are_none(void **state)
{
    world_t *world = *state;
    static const char *const wrong[] = {
        "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":\"u1\",\"exp\":1790000060.5}",
        "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":\"u1\",\"exp\":-1}",
        "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":\"u1\",\"exp\":9223372036854775807}",
        "{\"iss\":\"them\",\"aud\":{\"us\":1},\"sub\":\"u1\",\"exp\":1790000060}",
        "{\"iss\":\"them\",\"aud\":[],\"sub\":\"u1\",\"exp\":1790000060}",
        "{\"iss\":[\"them\"],\"aud\":\"us\",\"sub\":\"u1\",\"exp\":1790000060}",
        "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":null,\"exp\":1790000060}",
        "not json",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        s_assert_refused(world, s_token(world, s_header, wrong[i]));
}

static void test_without_an_audience_a_token_may_have_none(void **state)
{
    world_t *world = *state;
    session_adopt_call_t adopt;
    issuer_options_t options = s_options(world);
    options.audience = "";
    issuer_close(&world->issuer);
    assert_int_equal(issuer_open(&options, &world->issuer), ERR_OK);
    s_assert_refused(world, s_token(world, s_header, s_claims));
    slice_t token =
        s_token(world, s_header, "{\"iss\":\"them\",\"sub\":\"u1\",\"exp\":1790000060}");
    assert_int_equal(s_check(world, token, &adopt), ERR_OK);
}

/* ---- files ---- */

static err_t s_open(const issuer_options_t *options)
{
    issuer_t *issuer = NULL;
    err_t err = issuer_open(options, &issuer);
    issuer_close(&issuer);
    return err;
}

static void test_exactly_one_file_is_wanted(void **state)
{
    world_t *world = *state;
    issuer_options_t options = s_options(world);
    options.key_file = world->path;
    assert_int_equal(s_open(&options), ERR_INVALID);
    options.key_file = options.secret_file = NULL;
    assert_int_equal(s_open(&options), ERR_INVALID);
    assert_int_equal(s_open(&(issuer_options_t){0}), ERR_OK); /* no issuer at all */
}

static void test_a_secret_that_everybody_can_read_is_refused(void **state)
{
    world_t *world = *state;
    issuer_options_t options = s_options(world);
    assert_int_equal(chmod(world->path, 0604), 0);
    assert_int_equal(s_open(&options), ERR_INVALID);
    assert_int_equal(chmod(world->path, 0640), 0);
    assert_int_equal(s_open(&options), ERR_OK);
}

static void test_a_key_set_that_does_not_read_is_refused(void **state)
{
    world_t *world = *state;
    static const char *const wrong[] = {
        "",
        "{",
        "[]",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[{}]}",
        "{\"keys\":[{\"kty\":\"EC\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}]}",
        ("{\"keys\":[{\"kty\":\"oct\",\"use\":\"enc\","
         "\"k\":\"YSBzZWNyZXQgb2YgbW9yZSB0aGFuIHRoaXJ0eS10d28gYnl0ZXM\"}]}"),
    };
    issuer_options_t options = {.name = "them", .jwks_file = world->path};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        s_write(world->path, wrong[i], 0600);
        assert_int_equal(s_open(&options), ERR_INVALID);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_token_says_who_its_bearer_is),
        TEST(test_a_name_that_is_too_long_is_left_out),
        TEST(test_an_address_that_is_not_proven_is_left_out),
        TEST(test_a_changed_token_is_none),
        TEST(test_a_header_asks_for_nothing_else),
        TEST(test_claims_of_the_wrong_kind_are_none),
        TEST(test_without_an_audience_a_token_may_have_none),
        TEST(test_exactly_one_file_is_wanted),
        TEST(test_a_secret_that_everybody_can_read_is_refused),
        TEST(test_a_key_set_that_does_not_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
