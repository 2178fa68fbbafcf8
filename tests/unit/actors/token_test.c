/* token_test.c - what is a token and what is not, and the file of the key. */
#include "actors/token.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/scratch.h"

static const int64_t s_now = INT64_C(1790000000) * 1000000;

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 16];
    mint_t *mint;
    arena_t *arena;
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    scratch_hush();
    scratch_make(world->folder);
    snprintf(world->path, sizeof world->path, "%s/token.key", world->folder);
    world->arena = arena_new();
    assert_int_equal(mint_open(world->folder, &world->mint), ERR_OK);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    mint_close(&world->mint);
    scratch_remove(world->folder);
    scratch_speak();
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

static slice_t s_token(const world_t *world)
{
    account_t account = {.id = 7, .login = SLICE_LIT("ann"), .email = SLICE_LIT("a@b.c")};
    signed_in_t session = {.session = 70, .expires = s_now + 1000000, .account = &account};
    return token_make(world->mint, &session, 0, s_now, world->arena);
}

static err_t s_check(const world_t *world, slice_t token, int64_t now, const char **ret_why)
{
    who_t who = {0};
    err_t err = token_check(world->mint, token, now, &who, ret_why);
    if (err == ERR_OK)
        assert_true(who.account == 7 && who.session == 70);
    return err;
}

static void test_a_token_is_good_until_it_expires(void **state)
{
    world_t *world = *state;
    const char *why = NULL;
    slice_t token = s_token(world);
    assert_int_equal(s_check(world, token, s_now, &why), ERR_OK);
    assert_int_equal(s_check(world, token, s_now + 1000000, &why), ERR_UNAUTHENTICATED);
    assert_string_equal(why, "token is expired");
}

static void test_a_keys_token_has_its_scopes(void **state)
{
    world_t *world = *state;
    const char *why;
    who_t who;
    account_t system = {.id = 7, .login = SLICE_LIT("system")};
    signed_in_t key = {
        .session = 70,
        .expires = s_now + 1000000,
        .account = &system,
        .scopes = SLICE_LIT("rooms tokens"),
    };
    slice_t token = token_make(world->mint, &key, 0, s_now, world->arena);
    assert_int_equal(token_check(world->mint, token, s_now, &who, &why), ERR_OK);
    assert_int_equal(who.scopes, scopes_set(key.scopes));
    assert_true(scopes_allow(who.scopes, CALL_session_mint));
    assert_false(scopes_allow(who.scopes, CALL_room_post));
    assert_int_equal(token_check(world->mint, s_token(world), s_now, &who, &why), ERR_OK);
    assert_int_equal(who.scopes, 0);
}

static void test_a_token_says_via_which_dialect(void **state)
{
    world_t *world = *state;
    const char *why;
    who_t who;
    account_t account = {.id = 7, .login = SLICE_LIT("ann")};
    signed_in_t session = {.session = 70, .expires = s_now + 1000000, .account = &account};
    for (uint32_t via = 0; via < 3; via++) {
        slice_t token = token_make(world->mint, &session, via, s_now, world->arena);
        assert_int_equal(token_check(world->mint, token, s_now, &who, &why), ERR_OK);
        assert_int_equal(who.via, via);
    }
}

/* Any one character of it changed. */
static void test_a_changed_token_is_none(void **state)
{
    world_t *world = *state;
    const char *why;
    slice_t token = s_token(world);
    for (size_t i = 0; i + 1 < token.len; i++) { /* the last one has bits that do not count */
        slice_t forged = arena_copy(world->arena, token);
        uint8_t *at = (uint8_t *)(uintptr_t)(forged.ptr + i);
        *at = *at == 'A' ? 'B' : 'A';
        assert_int_equal(s_check(world, forged, s_now, &why), ERR_UNAUTHENTICATED);
    }
    for (size_t len = 0; len < token.len; len++)
        assert_int_equal(s_check(world, slice_new(token.ptr, len), s_now, &why),
                         ERR_UNAUTHENTICATED);
}

static void s_sign(buf_t *out, const char *head, const char *claims, slice_t key)
{
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    crypto_base64url(out, slice_of(head));
    buf_append_byte(out, '.');
    crypto_base64url(out, slice_of(claims));
    crypto_hmac(key, buf_slice(out), hmac);
    buf_append_byte(out, '.');
    crypto_base64url(out, slice_new(hmac, sizeof hmac));
}

static void s_read_key(const world_t *world, uint8_t key[64])
{
    int fd = open(world->path, O_RDONLY);
    assert_int_equal(read(fd, key, 64), 64);
    close(fd);
}

/* Signed with the right key by HMAC-SHA-256, but not as our tokens are. */
static void test_only_hs256_and_whole_claims_will_do(void **state)
{
    static const struct {
        const char *head, *claims;
        err_t err;
    } cases[] = {
        {"{\"alg\":\"HS256\"}", "{\"sub\":\"7\",\"jti\":\"70\",\"exp\":1890000000}", ERR_OK},
        {"{\"alg\":\"none\"}", "{\"sub\":\"7\",\"jti\":\"70\",\"exp\":1890000000}",
         ERR_UNAUTHENTICATED},
        {"{\"alg\":\"HS512\"}", "{\"sub\":\"7\",\"jti\":\"70\",\"exp\":1890000000}",
         ERR_UNAUTHENTICATED},
        {"{}", "{\"sub\":\"7\",\"jti\":\"70\",\"exp\":1890000000}", ERR_UNAUTHENTICATED},
        {"{\"alg\":\"HS256\"}", "{\"sub\":\"7\",\"jti\":\"70\"}", ERR_UNAUTHENTICATED},
        {"{\"alg\":\"HS256\"}", "{\"sub\":\"0\",\"jti\":\"70\",\"exp\":1890000000}",
         ERR_UNAUTHENTICATED},
        {"{\"alg\":\"HS256\"}", "{\"sub\":\"7x\",\"jti\":\"70\",\"exp\":1890000000}",
         ERR_UNAUTHENTICATED},
        {"{\"alg\":\"HS256\"}", "{\"sub\":7,\"jti\":\"70\",\"exp\":1890000000}",
         ERR_UNAUTHENTICATED},
        {"{\"alg\":\"HS256\"}", "[]", ERR_UNAUTHENTICATED},
    };
    world_t *world = *state;
    uint8_t key[64];
    s_read_key(world, key);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_t token = {0};
        const char *why;
        s_sign(&token, cases[i].head, cases[i].claims, slice_new(key, sizeof key));
        assert_int_equal(s_check(world, buf_slice(&token), s_now, &why), cases[i].err);
        buf_free(&token);
    }
}

static void test_the_reason_tells_a_bad_signature_from_nonsense(void **state)
{
    world_t *world = *state;
    buf_t token = {0};
    const char *why = NULL;
    s_sign(&token, "{\"alg\":\"HS256\"}", "{\"sub\":\"7\",\"jti\":\"70\",\"exp\":1890000000}",
           SLICE_LIT("another key of thirty-two bytes."));
    assert_int_equal(s_check(world, buf_slice(&token), s_now, &why), ERR_UNAUTHENTICATED);
    assert_string_equal(why, "signature is invalid");
    assert_int_equal(s_check(world, SLICE_LIT("a.b"), s_now, &why), ERR_UNAUTHENTICATED);
    assert_string_equal(why, "token is malformed");
    buf_free(&token);
}

/* ---- links ---- */

static slice_t s_link(const world_t *world, purpose_t purpose)
{
    account_link_t link = {7, purpose, SLICE_LIT("n0nce"), s_now + 1000000};
    return token_make_link(world->mint, &link, world->arena);
}

static err_t s_check_link(const world_t *world, slice_t id, purpose_t purpose, int64_t now)
{
    account_link_t link;
    return token_check_link(world->mint, id, purpose, now, world->arena, &link);
}

static void test_a_link_says_whose_it_is_until_it_expires(void **state)
{
    world_t *world = *state;
    account_link_t link = {0};
    slice_t id = s_link(world, purpose_RESET);
    assert_int_equal(token_check_link(world->mint, id, purpose_RESET, s_now, world->arena, &link),
                     ERR_OK);
    assert_int_equal(link.account, 7);
    assert_int_equal(link.purpose, purpose_RESET);
    assert_int_equal(link.expires, s_now + 1000000);
    assert_true(slice_is(link.nonce, "n0nce"));
    assert_int_equal(s_check_link(world, id, purpose_RESET, s_now + 1000000), ERR_UNAUTHENTICATED);
}

static void test_a_link_is_good_for_its_own_purpose_only(void **state)
{
    world_t *world = *state;
    const char *why = NULL;
    slice_t verify = s_link(world, purpose_VERIFY), reset = s_link(world, purpose_RESET);
    assert_int_equal(s_check_link(world, verify, purpose_VERIFY, s_now), ERR_OK);
    assert_int_equal(s_check_link(world, verify, purpose_RESET, s_now), ERR_UNAUTHENTICATED);
    assert_int_equal(s_check_link(world, reset, purpose_VERIFY, s_now), ERR_UNAUTHENTICATED);
    assert_int_equal(s_check_link(world, s_token(world), purpose_RESET, s_now),
                     ERR_UNAUTHENTICATED);
    assert_int_equal(s_check(world, reset, s_now, &why), ERR_UNAUTHENTICATED);
    assert_string_equal(why, "token has invalid claims");
}

/* Neither as a sign-in token nor as a link, whatever else it claims. */
static void test_a_token_with_a_use_signs_nobody_in(void **state)
{
    world_t *world = *state;
    buf_t token = {0};
    uint8_t key[64];
    const char *why;
    s_read_key(world, key);
    s_sign(&token, "{\"alg\":\"HS256\"}",
           "{\"use\":\"reset\",\"sub\":\"7\",\"jti\":\"70\",\"exp\":1890000000}",
           slice_new(key, sizeof key));
    assert_int_equal(s_check(world, buf_slice(&token), s_now, &why), ERR_UNAUTHENTICATED);
    assert_int_equal(s_check_link(world, buf_slice(&token), purpose_RESET, s_now),
                     ERR_UNAUTHENTICATED); /* it has no nonce */
    buf_free(&token);
}

static void test_a_link_of_another_key_is_none(void **state)
{
    world_t *world = *state;
    buf_t id = {0};
    s_sign(&id, "{\"alg\":\"HS256\"}",
           "{\"use\":\"reset\",\"sub\":\"7\",\"nonce\":\"n\",\"exp\":1890000000}",
           SLICE_LIT("another key of thirty-two bytes."));
    assert_int_equal(s_check_link(world, buf_slice(&id), purpose_RESET, s_now),
                     ERR_UNAUTHENTICATED);
    assert_int_equal(s_check_link(world, (slice_t){0}, purpose_RESET, s_now), ERR_UNAUTHENTICATED);
    assert_int_equal(s_check_link(world, SLICE_LIT("a.b.c"), purpose_RESET, s_now),
                     ERR_UNAUTHENTICATED);
    buf_free(&id);
}

/* ---- the key ---- */

static void test_the_key_outlives_a_restart_and_is_its_owners(void **state)
{
    world_t *world = *state;
    struct stat facts;
    const char *why;
    slice_t token = s_token(world);
    assert_int_equal(stat(world->path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    mint_close(&world->mint);
    assert_int_equal(mint_open(world->folder, &world->mint), ERR_OK);
    assert_int_equal(s_check(world, token, s_now, &why), ERR_OK);
}

static void test_a_short_or_open_key_is_refused(void **state)
{
    world_t *world = *state;
    mint_t *mint = NULL;
    assert_int_equal(chmod(world->path, 0640), 0);
    assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
    assert_int_equal(chmod(world->path, 0600), 0);
    assert_int_equal(truncate(world->path, 31), 0);
    assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
    assert_int_equal(truncate(world->path, 0), 0);
    assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
    assert_null(mint);
}

/* One that was made here shows whether it is what it was. */
static void test_a_damaged_key_is_refused(void **state)
{
    world_t *world = *state;
    mint_t *mint = NULL;
    uint8_t key[64];
    s_read_key(world, key);
    int fd = open(world->path, O_RDWR);
    for (size_t at = 0; at < sizeof key; at++) {
        const uint8_t other = key[at] ^ 2;
        assert_int_equal(pwrite(fd, &other, 1, (off_t)at), 1);
        assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
        assert_int_equal(pwrite(fd, &key[at], 1, (off_t)at), 1);
    }
    assert_int_equal(pwrite(fd, "noise", 5, 0), 5); /* it says no longer that it is ours */
    assert_int_equal(pwrite(fd, "more noise", 10, sizeof key - 10), 10);
    assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
    memset(key, 0, sizeof key);
    assert_int_equal(pwrite(fd, key, sizeof key - 1, 1), sizeof key - 1);
    assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
    assert_int_equal(pwrite(fd, key, sizeof key, 0), sizeof key);
    assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
    assert_int_equal(pwrite(fd, key, sizeof key, sizeof key),
                     sizeof key); /* another file's bytes */
    assert_int_equal(mint_open(world->folder, &mint), ERR_INVALID);
    close(fd);
    assert_null(mint);
}

static void test_a_key_of_ones_own(void **state)
{
    world_t *world = *state;
    mint_t *mint = NULL;
    int fd = open(world->path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "thirty-two letters of one's own!", 32), 32);
    assert_int_equal(mint_open(world->folder, &mint), ERR_OK);
    mint_close(&mint);
    uint8_t random[64]; /* as the first versions made them */
    for (size_t at = 0; at < sizeof random; at++)
        random[at] = (uint8_t)(at * 167 + 13);
    assert_int_equal(pwrite(fd, random, sizeof random, 0), sizeof random);
    assert_int_equal(mint_open(world->folder, &mint), ERR_OK);
    mint_close(&mint);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_token_is_good_until_it_expires),
        TEST(test_a_keys_token_has_its_scopes),
        TEST(test_a_token_says_via_which_dialect),
        TEST(test_a_changed_token_is_none),
        TEST(test_only_hs256_and_whole_claims_will_do),
        TEST(test_the_reason_tells_a_bad_signature_from_nonsense),
        TEST(test_a_link_says_whose_it_is_until_it_expires),
        TEST(test_a_link_is_good_for_its_own_purpose_only),
        TEST(test_a_token_with_a_use_signs_nobody_in),
        TEST(test_a_link_of_another_key_is_none),
        TEST(test_the_key_outlives_a_restart_and_is_its_owners),
        TEST(test_a_short_or_open_key_is_refused),
        TEST(test_a_damaged_key_is_refused),
        TEST(test_a_key_of_ones_own),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
