/* crypto.c - libsodium under the house's own types.
 *
 * Nothing here keeps a secret: keyed states and copies of verifiers are wiped
 * before their function returns. */
#include "actors/crypto.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

_Static_assert((int)CRYPTO_VERIFIER_SIZE == (int)crypto_pwhash_STRBYTES, "room for a verifier");

err_t crypto_start(void)
{
    return sodium_init() < 0 ? ERR_INTERNAL : ERR_OK;
}

/* ---- hashes ---- */

void crypto_blake256(slice_t bytes, uint8_t ret_hash[CRYPTO_BLAKE256_SIZE])
{
    crypto_generichash(ret_hash, CRYPTO_BLAKE256_SIZE, bytes.ptr, bytes.len, NULL, 0);
}

void crypto_blake256_pair(slice_t first, slice_t second, uint8_t ret_hash[CRYPTO_BLAKE256_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CRYPTO_BLAKE256_SIZE);
    crypto_generichash_update(&state, first.ptr, first.len);
    crypto_generichash_update(&state, second.ptr, second.len);
    crypto_generichash_final(&state, ret_hash, CRYPTO_BLAKE256_SIZE);
}

struct crypto_digest {
    crypto_generichash_state state; /* wants an alignment that calloc does not give */
};

crypto_digest_t *crypto_digest_begin(void)
{
    crypto_digest_t *digest = aligned_alloc(_Alignof(crypto_digest_t), sizeof *digest);
    if (digest == NULL)
        mem_lack(sizeof *digest);
    crypto_generichash_init(&digest->state, NULL, 0, CRYPTO_BLAKE256_SIZE);
    return digest;
}

void crypto_digest_add(crypto_digest_t *digest, slice_t bytes)
{
    crypto_generichash_update(&digest->state, bytes.ptr, bytes.len);
}

void crypto_digest_end(crypto_digest_t **digest_p, uint8_t *ret_hash)
{
    crypto_digest_t *digest = TAKE(*digest_p);
    if (digest != NULL && ret_hash != NULL)
        crypto_generichash_final(&digest->state, ret_hash, CRYPTO_BLAKE256_SIZE);
    free(digest);
}

void crypto_blake128(slice_t key, slice_t bytes, uint8_t ret_hash[CRYPTO_BLAKE128_SIZE])
{
    assert(key.len <= crypto_generichash_KEYBYTES_MAX);
    crypto_generichash(ret_hash, CRYPTO_BLAKE128_SIZE, bytes.ptr, bytes.len, key.ptr, key.len);
}

void crypto_hmac(slice_t key, slice_t bytes, uint8_t ret_hmac[CRYPTO_HMAC_SIZE])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.ptr, key.len);
    crypto_auth_hmacsha256_update(&state, bytes.ptr, bytes.len);
    crypto_auth_hmacsha256_final(&state, ret_hmac);
    sodium_memzero(&state, sizeof state);
}

/* ---- secrets ---- */

void crypto_random(uint8_t *at, size_t len)
{
    randombytes_buf(at, len);
}

bool crypto_equal(slice_t a, slice_t b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}

void crypto_wipe(void *at, size_t len)
{
    sodium_memzero(at, len);
}

/* ---- sealing ---- */

_Static_assert((int)CRYPTO_KEY_SIZE == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a key");
_Static_assert((int)CRYPTO_TAG_SIZE == (int)crypto_aead_xchacha20poly1305_ietf_ABYTES, "a tag");

enum { NONCE_SIZE = crypto_aead_chacha20poly1305_ietf_NPUBBYTES, NONCE_END = 8 };

void crypto_derive(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[16],
                   uint8_t ret_key[CRYPTO_KEY_SIZE])
{
    crypto_core_hchacha20(ret_key, nonce, key, NULL);
}

/* Four zeros, then the end of the long nonce: draft-irtf-cfrg-xchacha, section 2.3. */
static void s_nonce(const uint8_t end[NONCE_END], uint8_t ret_nonce[NONCE_SIZE])
{
    memset(ret_nonce, 0, NONCE_SIZE - NONCE_END);
    memcpy(ret_nonce + NONCE_SIZE - NONCE_END, end, NONCE_END);
}

void crypto_seal(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[8], slice_t bound,
                 slice_t plain, buf_t *out)
{
    uint8_t whole[NONCE_SIZE];
    s_nonce(nonce, whole);
    crypto_aead_chacha20poly1305_ietf_encrypt(buf_reserve(out, plain.len + CRYPTO_TAG_SIZE), NULL,
                                              plain.ptr, plain.len, bound.ptr, bound.len, NULL,
                                              whole, key);
    out->len += plain.len + CRYPTO_TAG_SIZE;
}

err_t crypto_open(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t nonce[8], slice_t bound,
                  slice_t sealed, buf_t *out)
{
    uint8_t whole[NONCE_SIZE];
    if (sealed.len < CRYPTO_TAG_SIZE)
        return ERR_CORRUPT;
    s_nonce(nonce, whole);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(buf_reserve(out, sealed.len), NULL, NULL,
                                                  sealed.ptr, sealed.len, bound.ptr, bound.len,
                                                  whole, key) != 0)
        return ERR_CORRUPT;
    out->len += sealed.len - CRYPTO_TAG_SIZE;
    return ERR_OK;
}

/* ---- passwords ---- */

/* What one hash costs, and a verifier of that cost whose password, 32 random
 * bytes, was thrown away. */
static const struct {
    unsigned long long passes;
    size_t memory; /* bytes */
    const char *nobody;
} s_costs[] = {
    [CRYPTO_COST_INTERACTIVE] = {crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                 crypto_pwhash_MEMLIMIT_INTERACTIVE,
                                 "$argon2id$v=19$m=65536,t=2,p=1$4yohh83f9+pilehvxdc9Zw$"
                                 "nPI1HphYl5PfEjzVLE1QqlIh/tg0l+nrbOu+bHDnkOI"},
    [CRYPTO_COST_TEST] = {crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN,
                          "$argon2id$v=19$m=8,t=1,p=1$fvnqkfVj2qN0hwaJwceYQw$"
                          "0wSysS80DPxGssfmO/N6rSXVnojODn1GX+bfgFNAlCI"},
};

err_t crypto_password_hash(slice_t password, crypto_cost_t cost,
                           char ret_verifier[CRYPTO_VERIFIER_SIZE])
{
    assert(cost < COUNT_OF(s_costs));
    int failed = crypto_pwhash_str(ret_verifier, (const char *)password.ptr, password.len,
                                   s_costs[cost].passes, s_costs[cost].memory);
    return failed ? ERR_UNAVAILABLE : ERR_OK;
}

bool crypto_password_fits(slice_t password, slice_t verifier)
{
    char text[CRYPTO_VERIFIER_SIZE] = {0};
    if (verifier.len == 0 || verifier.len >= sizeof text)
        return false;
    memcpy(text, verifier.ptr, verifier.len);
    int differs = crypto_pwhash_str_verify(text, (const char *)password.ptr, password.len);
    sodium_memzero(text, sizeof text);
    return differs == 0;
}

slice_t crypto_password_nobody(crypto_cost_t cost)
{
    assert(cost < COUNT_OF(s_costs));
    return slice_of(s_costs[cost].nobody);
}

/* ---- bytes as text ---- */

void crypto_hex(buf_t *out, slice_t bytes)
{
    size_t size = bytes.len * 2 + 1;
    sodium_bin2hex((char *)buf_reserve(out, size), size, bytes.ptr, bytes.len);
    out->len += size - 1;
}

/* The alphabets and their padding. */
enum {
    BASE64 = sodium_base64_VARIANT_ORIGINAL,
    BASE64URL = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

static void s_base64(buf_t *out, slice_t bytes, int variant)
{
    size_t size = sodium_base64_encoded_len(bytes.len, variant);
    sodium_bin2base64((char *)buf_reserve(out, size), size, bytes.ptr, bytes.len, variant);
    out->len += size - 1;
}

/* To libsodium 1.0.18 the last two letters of an alphabet are the same with their high bit set. */
static bool s_is_ascii(slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] > 0x7f)
            return false;
    return true;
}

static err_t s_base64_read(slice_t text, buf_t *out, int variant)
{
    size_t room = text.len / 4 * 3 + 3, len = 0;
    uint8_t *at = buf_reserve(out, room);
    if (!s_is_ascii(text) || sodium_base642bin(at, room, (const char *)text.ptr, text.len, NULL,
                                               &len, NULL, variant) != 0)
        return ERR_MALFORMED;
    out->len += len;
    return ERR_OK;
}

void crypto_base64(buf_t *out, slice_t bytes)
{
    s_base64(out, bytes, BASE64);
}

err_t crypto_base64_read(slice_t text, buf_t *out)
{
    return s_base64_read(text, out, BASE64);
}

void crypto_base64url(buf_t *out, slice_t bytes)
{
    s_base64(out, bytes, BASE64URL);
}

err_t crypto_base64url_read(slice_t text, buf_t *out)
{
    return s_base64_read(text, out, BASE64URL);
}
