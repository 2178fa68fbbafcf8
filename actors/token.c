/* token.c - libjwt makes and checks; the key comes from a file.
 *
 * A key that was made here is text and ends with its own CRC: one that is damaged would make every
 * token a forgery, and say nothing.  All of the file is the key.
 *
 * libjwt takes the algorithm from the token's own header, so a token is good only if
 * that header says HS256: "none" and all others are refused after the signature was
 * looked at, not instead. */
#include "actors/token.h"

#include <assert.h>
#include <errno.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "actors/key_file.h"
#include "actors/log.h"
#include "schema/envelope.h"

enum {
    KEY_SIZE = 64, /* "kith ", 50 letters, the CRC of those in hexadecimal, and a newline */
    LETTERS_AT = 5,
    SUM_AT = 55,
    RANDOM_SIZE = 39, /* bytes: 52 letters */
    PATH_SIZE = 4096,
};

struct mint {
    uint8_t key[KEY_FILE_MAX];
    size_t key_len;
    uint8_t mask[MASK_SIZE];
};

static const char s_mask_purpose[] = "what only looks like a secret";

/* ---- the key ---- */

static const char s_begin[] = "kith ";

static void s_invent(char ret_key[KEY_SIZE + 1])
{
    uint8_t random[RANDOM_SIZE];
    buf_t letters = {0};
    crypto_random(random, sizeof random);
    crypto_base64url(&letters, slice_new(random, sizeof random));
    snprintf(ret_key, KEY_SIZE + 1, "%s%.50s", s_begin, (const char *)letters.data);
    snprintf(ret_key + SUM_AT, KEY_SIZE + 1 - SUM_AT, "%08x\n",
             crc32c(slice_new(ret_key + LETTERS_AT, SUM_AT - LETTERS_AT)));
    crypto_wipe(letters.data, letters.size);
    crypto_wipe(random, sizeof random);
    buf_free(&letters);
}

static bool s_sum_holds(slice_t key)
{
    char sum[KEY_SIZE + 1 - SUM_AT];
    if (key.len != KEY_SIZE)
        return false;
    snprintf(sum, sizeof sum, "%08x\n",
             crc32c(slice_new(key.ptr + LETTERS_AT, SUM_AT - LETTERS_AT)));
    return memcmp(key.ptr + SUM_AT, sum, KEY_SIZE - SUM_AT) == 0;
}

/* One of somebody's own making is 32 to 64 bytes of anything but one byte again and again. */
static const char *s_fault(slice_t key)
{
    if (key.len < MINT_KEY_MIN)
        return "has fewer than 32 bytes";
    if (key.len > KEY_SIZE || slice_starts(key, slice_of(s_begin)) != s_sum_holds(key) ||
        memcmp(key.ptr, key.ptr + 1, key.len - 1) == 0)
        return "is damaged";
    return NULL;
}

static err_t s_load_key(const char *path, mint_t *mint)
{
    char fresh[KEY_SIZE + 1];
    buf_t key = {0};
    s_invent(fresh);
    err_t err = key_file_read("token", path, slice_of(fresh), &key);
    const char *fault = err == ERR_OK ? s_fault(buf_slice(&key)) : NULL;
    if (fault != NULL) {
        log_error("token",
                  "%s: the key of tokens %s: restore it, or remove it and all must sign in again",
                  path, fault);
        err = ERR_INVALID;
    }
    if (err == ERR_OK)
        memcpy(mint->key, key.data, mint->key_len = key.len);
    if (key.data != NULL)
        crypto_wipe(key.data, key.size);
    crypto_wipe(fresh, sizeof fresh);
    buf_free(&key);
    return err;
}

err_t mint_open(const char *folder, mint_t **ret_mint)
{
    char path[PATH_SIZE - 16];
    mint_t *mint = mem_new(mint_t);
    snprintf(path, sizeof path, "%s/token.key", folder);
    err_t err = s_load_key(path, mint);
    if (err == ERR_OK) {
        crypto_hmac(slice_new(mint->key, mint->key_len), slice_of(s_mask_purpose), mint->mask);
        *ret_mint = TAKE(mint);
    }
    mint_close(&mint);
    return err;
}

void mint_close(mint_t **mint_p)
{
    if (*mint_p == NULL)
        return;
    crypto_wipe(*mint_p, sizeof **mint_p);
    mem_free(*mint_p);
    *mint_p = NULL;
}

void mint_sign(const mint_t *mint, const char *purpose, slice_t bytes, uint8_t *ret_hmac)
{
    uint8_t key[CRYPTO_HMAC_SIZE];
    crypto_hmac(slice_new(mint->key, mint->key_len), slice_of(purpose), key);
    crypto_hmac(slice_new(key, sizeof key), bytes, ret_hmac);
    crypto_wipe(key, sizeof key);
}

slice_t mint_mask(const mint_t *mint)
{
    return slice_new(mint->mask, sizeof mint->mask);
}

/* ---- making ---- */

static const int64_t s_second = 1000000; /* µs */

/* libjwt fails only for want of memory, or by our mistake. */
static void s_must(int fault)
{
    assert(fault == 0);
}

static const char *s_text(arena_t *arena, slice_t text)
{
    return (const char *)arena_copy(arena, text).ptr;
}

static void s_add_claims(jwt_t *jwt, const signed_in_t *session, uint32_t via, int64_t now_us,
                         arena_t *arena)
{
    const account_t *account = session->account;
    slice_t sub = arena_printf(arena, "%llu", (unsigned long long)account->id);
    slice_t jti = arena_printf(arena, "%llu", (unsigned long long)session->session);
    s_must(jwt_add_grant(jwt, "sub", (const char *)sub.ptr));
    s_must(jwt_add_grant_int(jwt, "id", (long)account->id));
    s_must(jwt_add_grant_int(jwt, "identity", (long)account->id));
    if (account->email.len > 0)
        s_must(jwt_add_grant(jwt, "email", s_text(arena, account->email)));
    if (session->scopes.len > 0)
        s_must(jwt_add_grant(jwt, "scope", s_text(arena, session->scopes)));
    if (via != 0)
        s_must(jwt_add_grant_int(jwt, "via", (long)via));
    s_must(jwt_add_grant(jwt, "jti", (const char *)jti.ptr));
    s_must(jwt_add_grant_int(jwt, "iat", now_us / s_second));
    s_must(jwt_add_grant_int(jwt, "exp", session->expires / s_second));
}

static jwt_t *s_blank(const mint_t *mint)
{
    jwt_t *jwt = NULL;
    s_must(jwt_new(&jwt));
    s_must(jwt_set_alg(jwt, JWT_ALG_HS256, mint->key, (int)mint->key_len));
    return jwt;
}

static slice_t s_sign(jwt_t *jwt, arena_t *arena)
{
    char *text = jwt_encode_str(jwt);
    assert(text != NULL);
    slice_t token = arena_copy(arena, slice_of(text));
    free(text);
    jwt_free(jwt);
    return token;
}

slice_t token_make(const mint_t *mint, const signed_in_t *session, uint32_t via, int64_t now_us,
                   arena_t *arena)
{
    jwt_t *jwt = s_blank(mint);
    s_add_claims(jwt, session, via, now_us, arena);
    return s_sign(jwt, arena);
}

slice_t token_make_link(const mint_t *mint, const account_link_t *link, arena_t *arena)
{
    jwt_t *jwt = s_blank(mint);
    slice_t sub = arena_printf(arena, "%llu", (unsigned long long)link->account);
    s_must(jwt_add_grant(jwt, "use", choice_word(choices_purpose, (int)link->purpose)));
    s_must(jwt_add_grant(jwt, "sub", (const char *)sub.ptr));
    s_must(jwt_add_grant(jwt, "nonce", s_text(arena, link->nonce)));
    s_must(jwt_add_grant_int(jwt, "exp", link->expires / s_second));
    return s_sign(jwt, arena);
}

/* ---- checking ---- */

static err_t s_bad(const char *why, const char **ret_why)
{
    *ret_why = why;
    return ERR_UNAUTHENTICATED;
}

/* A claim of decimal digits only. */
static bool s_number(const char *text, uint64_t *ret_number)
{
    char *end;
    if (text == NULL || text[0] < '1' || text[0] > '9')
        return false;
    errno = 0;
    *ret_number = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static bool s_is_live(jwt_t *jwt, int64_t now_us)
{
    return jwt_get_grant_int(jwt, "exp") > now_us / s_second;
}

/* Most tokens do not say. */
static uint32_t s_via(jwt_t *jwt)
{
    long via = jwt_get_grant_int(jwt, "via");
    return via > 0 ? (uint32_t)via : 0;
}

static err_t s_check_claims(jwt_t *jwt, int64_t now_us, who_t *ret_who, const char **ret_why)
{
    who_t who;
    if (jwt_get_grant(jwt, "use") != NULL || !s_number(jwt_get_grant(jwt, "sub"), &who.account) ||
        !s_number(jwt_get_grant(jwt, "jti"), &who.session))
        return s_bad("token has invalid claims", ret_why);
    if (!s_is_live(jwt, now_us))
        return s_bad("token is expired", ret_why);
    who.expires = (int64_t)jwt_get_grant_int(jwt, "exp") * s_second;
    who.scopes = scopes_set(slice_of(jwt_get_grant(jwt, "scope")));
    who.via = s_via(jwt);
    *ret_who = who;
    return ERR_OK;
}

/* Why libjwt refused: without a key it reads what is well-formed and unsigned or signed. */
static const char *s_reason(const char *text)
{
    jwt_t *jwt = NULL;
    bool readable = jwt_decode(&jwt, text, NULL, 0) == 0;
    jwt_free(jwt);
    return readable ? "signature is invalid" : "token is malformed";
}

/* Read what carries our signature, whatever it says and however old it is.  The caller
 * frees it, on errors too. */
static err_t s_open(const mint_t *mint, slice_t token, jwt_t **ret_jwt, const char **ret_why)
{
    char text[TOKEN_SIZE_MAX + 1];
    if (token.len == 0 || token.len > TOKEN_SIZE_MAX || memchr(token.ptr, 0, token.len) != NULL)
        return s_bad("token is malformed", ret_why);
    memcpy(text, token.ptr, token.len);
    text[token.len] = '\0';
    mem_watch();
    if (jwt_decode(ret_jwt, text, mint->key, (int)mint->key_len) != 0) {
        mem_judge();
        return s_bad(s_reason(text), ret_why);
    }
    if (jwt_get_alg(*ret_jwt) != JWT_ALG_HS256)
        return s_bad("signing method is invalid", ret_why);
    return ERR_OK;
}

err_t token_check(const mint_t *mint, slice_t token, int64_t now_us, who_t *ret_who,
                  const char **ret_why)
{
    jwt_t *jwt = NULL;
    err_t err = s_open(mint, token, &jwt, ret_why);
    if (err == ERR_OK)
        err = s_check_claims(jwt, now_us, ret_who, ret_why);
    jwt_free(jwt);
    return err;
}

static bool s_is_use(jwt_t *jwt, purpose_t purpose)
{
    const char *use = jwt_get_grant(jwt, "use");
    return use != NULL && strcmp(use, choice_word(choices_purpose, (int)purpose)) == 0;
}

static err_t s_read_link(jwt_t *jwt, purpose_t purpose, arena_t *arena, account_link_t *ret_link)
{
    const char *nonce = jwt_get_grant(jwt, "nonce");
    account_link_t link = {.purpose = purpose};
    if (!s_is_use(jwt, purpose) || nonce == NULL ||
        !s_number(jwt_get_grant(jwt, "sub"), &link.account))
        return ERR_UNAUTHENTICATED;
    link.nonce = arena_copy(arena, slice_of(nonce));
    link.expires = (int64_t)jwt_get_grant_int(jwt, "exp") * s_second;
    *ret_link = link;
    return ERR_OK;
}

err_t token_check_link(const mint_t *mint, slice_t id, purpose_t purpose, int64_t now_us,
                       arena_t *arena, account_link_t *ret_link)
{
    jwt_t *jwt = NULL;
    const char *why;
    err_t err = s_open(mint, id, &jwt, &why);
    if (err == ERR_OK && !s_is_live(jwt, now_us))
        err = ERR_UNAUTHENTICATED;
    if (err == ERR_OK)
        err = s_read_link(jwt, purpose, arena, ret_link);
    jwt_free(jwt);
    return err;
}
