/* token.c - what our tokens say, and the key that signs them, which comes from a file.
 *
 * A key that was made here is text and ends with its own CRC: one that is damaged would make every
 * token a forgery, and say nothing.  All of the file is the key.
 *
 * A token is good only if its own header says HS256, whatever its signature is. */
#include "actors/token.h"

#include <ctype.h>
#include <stdio.h>

#include "actors/crypto.h"
#include "actors/jwt.h"
#include "actors/key_file.h"
#include "actors/log.h"
#include "schema/envelope.h"
#include "schema/text.h"

enum {
    KEY_SIZE = 64, /* "kith ", 50 letters, the CRC of those in hexadecimal, and a newline */
    LETTERS_AT = 5,
    SUM_AT = 55,
    RANDOM_SIZE = 39, /* bytes: 52 letters */
    PATH_SIZE = 4096,
    DIGITS_MAX = 19, /* of an id */
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

static bool s_is_ours(slice_t key)
{
    return slice_starts(key, slice_of(s_begin)) && s_sum_holds(key);
}

static bool s_is_letter(uint8_t byte)
{
    return isalnum(byte) || byte == '-' || byte == '_' || byte == '\n';
}

/* Whether half of it or more could stand where it does in one of ours: of random bytes a quarter
 * could. */
static bool s_resembles_ours(slice_t key)
{
    size_t alike = 0;
    for (size_t at = 0; at < key.len; at++)
        alike += at < LETTERS_AT ? key.ptr[at] == s_begin[at] : s_is_letter(key.ptr[at]);
    return alike >= key.len / 2;
}

/* Whether half of it or more is the same byte: what is left of a key where zeros were written. */
static bool s_is_dull(slice_t key)
{
    size_t counts[UINT8_MAX + 1] = {0}, most = 0;
    for (size_t at = 0; at < key.len; at++)
        if (++counts[key.ptr[at]] > most)
            most = counts[key.ptr[at]];
    return most >= key.len / 2;
}

/* One of somebody's own making, or 64 random bytes, as the first versions made them, but not what
 * has become of one of ours. */
static bool s_is_own(slice_t key)
{
    bool ours = key.len == KEY_SIZE ? s_resembles_ours(key) : slice_starts(key, slice_of(s_begin));
    return !ours && key.len <= KEY_SIZE && !s_is_dull(key);
}

static const char *s_fault(slice_t key)
{
    if (key.len < MINT_KEY_MIN)
        return "has fewer than 32 bytes";
    return s_is_ours(key) || s_is_own(key) ? NULL : "is damaged, or no 32 to 63 bytes of your own";
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

static slice_t s_key(const mint_t *mint)
{
    return slice_new(mint->key, mint->key_len);
}

/* ---- making ---- */

static const int64_t s_second = 1000000; /* µs */

static void s_put_number(buf_t *claims, const char *name, int64_t number)
{
    json_put_key(claims, name);
    json_put_i64(claims, number);
}

/* Numbers that others' libraries want to be texts. */
static void s_put_id(buf_t *claims, const char *name, uint64_t id)
{
    json_put_key(claims, name);
    buf_printf(claims, "\"%llu\"", (unsigned long long)id);
}

/* Close the claims; the token of them. */
static slice_t s_sign(const mint_t *mint, buf_t *claims, arena_t *arena)
{
    buf_t text = {0};
    buf_append_byte(claims, '}');
    jwt_sign(&text, buf_slice(claims), s_key(mint));
    slice_t token = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    buf_free(claims);
    return token;
}

slice_t token_make(const mint_t *mint, const signed_in_t *session, uint32_t via, int64_t now_us,
                   arena_t *arena)
{
    const account_t *account = session->account;
    buf_t claims = {0};
    buf_append_byte(&claims, '{');
    s_put_id(&claims, "sub", account->id);
    s_put_number(&claims, "id", (int64_t)account->id);
    s_put_number(&claims, "identity", (int64_t)account->id);
    if (account->email.len > 0)
        json_put_text_member(&claims, "email", account->email);
    if (session->scopes.len > 0)
        json_put_text_member(&claims, "scope", session->scopes);
    if (via != 0)
        s_put_number(&claims, "via", via);
    s_put_id(&claims, "jti", session->session);
    s_put_number(&claims, "iat", now_us / s_second);
    s_put_number(&claims, "exp", session->expires / s_second);
    return s_sign(mint, &claims, arena);
}

slice_t token_make_link(const mint_t *mint, const account_link_t *link, arena_t *arena)
{
    buf_t claims = {0};
    buf_append_byte(&claims, '{');
    json_put_text_member(&claims, "use",
                         slice_of(choice_word(choices_purpose, (int)link->purpose)));
    s_put_id(&claims, "sub", link->account);
    json_put_text_member(&claims, "nonce", link->nonce);
    s_put_number(&claims, "exp", link->expires / s_second);
    return s_sign(mint, &claims, arena);
}

/* ---- checking ---- */

/* A claim of decimal digits only. */
static bool s_id(const jwt_t *jwt, const char *name, uint64_t *ret_id)
{
    slice_t digits = jwt_text(jwt, name);
    return digits.len > 0 && digits.ptr[0] != '0' && text_number(digits, DIGITS_MAX, ret_id);
}

/* A claim that is a whole number; 0 if there is none. */
static int64_t s_number(const jwt_t *jwt, const char *name)
{
    int64_t number;
    return json_i64(json_member(jwt->payload, name), &number) ? number : 0;
}

/* No token that we make lives beyond what µs can say. */
static bool s_is_live(const jwt_t *jwt, int64_t now_us)
{
    int64_t expires_s = s_number(jwt, "exp");
    return expires_s > now_us / s_second && expires_s <= INT64_MAX / s_second;
}

/* Most tokens do not say. */
static uint32_t s_via(const jwt_t *jwt)
{
    int64_t via = s_number(jwt, "via");
    return via > 0 && via <= UINT32_MAX ? (uint32_t)via : 0;
}

static const char *s_check_claims(const jwt_t *jwt, int64_t now_us, who_t *ret_who)
{
    who_t who;
    if (json_member(jwt->payload, "use") != NULL || !s_id(jwt, "sub", &who.account) ||
        !s_id(jwt, "jti", &who.session))
        return "token has invalid claims";
    if (!s_is_live(jwt, now_us))
        return "token is expired";
    who.expires = s_number(jwt, "exp") * s_second;
    who.scopes = scopes_set(jwt_text(jwt, "scope"));
    who.via = s_via(jwt);
    *ret_who = who;
    return NULL;
}

/* Read what carries our signature, whatever it says and however old it is; NULL, or what is wrong.
 * The caller frees it, on errors too. */
static const char *s_open(const mint_t *mint, slice_t token, jwt_t *ret_jwt)
{
    *ret_jwt = (jwt_t){0};
    if (token.len > TOKEN_SIZE_MAX || jwt_read(token, ret_jwt) != ERR_OK)
        return "token is malformed";
    if (!jwt_was_signed(ret_jwt, s_key(mint)))
        return "signature is invalid";
    return jwt_is_hs256(ret_jwt) ? NULL : "signing method is invalid";
}

err_t token_check(const mint_t *mint, slice_t token, int64_t now_us, who_t *ret_who,
                  const char **ret_why)
{
    jwt_t jwt;
    const char *why = s_open(mint, token, &jwt);
    if (why == NULL)
        why = s_check_claims(&jwt, now_us, ret_who);
    jwt_free(&jwt);
    if (why == NULL)
        return ERR_OK;
    *ret_why = why;
    return ERR_UNAUTHENTICATED;
}

static err_t s_read_link(const jwt_t *jwt, purpose_t purpose, arena_t *arena,
                         account_link_t *ret_link)
{
    slice_t nonce = jwt_text(jwt, "nonce");
    account_link_t link = {.purpose = purpose};
    if (!slice_is(jwt_text(jwt, "use"), choice_word(choices_purpose, (int)purpose)) ||
        nonce.ptr == NULL || !s_id(jwt, "sub", &link.account))
        return ERR_UNAUTHENTICATED;
    link.nonce = arena_copy(arena, nonce);
    link.expires = s_number(jwt, "exp") * s_second;
    *ret_link = link;
    return ERR_OK;
}

err_t token_check_link(const mint_t *mint, slice_t id, purpose_t purpose, int64_t now_us,
                       arena_t *arena, account_link_t *ret_link)
{
    jwt_t jwt;
    bool good = s_open(mint, id, &jwt) == NULL && s_is_live(&jwt, now_us);
    err_t err = good ? s_read_link(&jwt, purpose, arena, ret_link) : ERR_UNAUTHENTICATED;
    jwt_free(&jwt);
    return err;
}
