/* push_seal.c - from two keys, a secret and a salt to one sealed record.
 *
 *   secret     what the two keys agree on
 *   ikm        HKDF of it under `auth`, for these two public keys and no others
 *   key, nonce HKDF of that under the salt
 *
 *   body       salt 16 | record size u32 | 65 | our public key | sealed(message 0x02 0x00 …)
 *
 * No output of HKDF (RFC 5869) is longer than one hash here, so to expand is one HMAC. */
#include "actors/notifier/push_seal.h"

#include <assert.h>

#include "actors/crypto.h"

enum { HASH = CRYPTO_HMAC_SIZE, LAST_RECORD = 2, FIRST_BLOCK = 1 };

static void s_hkdf(slice_t salt, slice_t secret, slice_t info, uint8_t ret_key[HASH])
{
    uint8_t extract[HASH];
    buf_t block = {0};
    crypto_hmac(salt, secret, extract);
    buf_append(&block, info);
    buf_append_byte(&block, FIRST_BLOCK);
    crypto_hmac(slice_new(extract, sizeof extract), buf_slice(&block), ret_key);
    crypto_wipe(extract, sizeof extract);
    buf_free(&block);
}

/* RFC 8291 section 3.4. */
static err_t s_agree(const push_seal_t *seal, slice_t own_point, uint8_t ret_ikm[HASH])
{
    uint8_t secret[ELLIPTIC_SECRET_SIZE];
    buf_t info = {0};
    err_t err = elliptic_agree(seal->pair, seal->point, secret);
    if (err != ERR_OK)
        return err;
    buf_append(&info, slice_new("WebPush: info", sizeof "WebPush: info"));
    buf_append(&info, seal->point);
    buf_append(&info, own_point);
    s_hkdf(seal->auth, slice_new(secret, sizeof secret), buf_slice(&info), ret_ikm);
    crypto_wipe(secret, sizeof secret);
    buf_free(&info);
    return ERR_OK;
}

/* RFC 8188 section 2.1. */
static void s_put_head(slice_t salt, slice_t own_point, buf_t *out)
{
    uint8_t size[4] = {0, 0, PUSH_RECORD_SIZE >> 8, PUSH_RECORD_SIZE & 0xff};
    buf_append(out, salt);
    buf_append(out, slice_new(size, sizeof size));
    buf_append_byte(out, ELLIPTIC_POINT_SIZE);
    buf_append(out, own_point);
}

static void s_put_record(slice_t salt, slice_t ikm, slice_t plain, buf_t *out)
{
    uint8_t key[HASH], nonce[HASH]; /* of which the first bytes count */
    s_hkdf(salt, ikm,
           slice_new("Content-Encoding: aes128gcm", sizeof "Content-Encoding: aes128gcm"), key);
    s_hkdf(salt, ikm, slice_new("Content-Encoding: nonce", sizeof "Content-Encoding: nonce"),
           nonce);
    elliptic_seal(key, nonce, plain, out);
    crypto_wipe(key, sizeof key);
}

err_t push_seal(const push_seal_t *seal, slice_t message, size_t size, buf_t *out)
{
    uint8_t point[ELLIPTIC_POINT_SIZE], ikm[HASH];
    const slice_t own_point = slice_new(point, sizeof point);
    const slice_t salt = slice_new(seal->salt, PUSH_SALT_SIZE);
    buf_t plain = {0};
    assert(seal->auth.len == PUSH_AUTH_SIZE);
    assert(message.len <= PUSH_PLAIN_MAX && size <= PUSH_PLAIN_MAX);
    elliptic_point(seal->pair, point);
    err_t err = s_agree(seal, own_point, ikm);
    if (err != ERR_OK)
        return err;
    buf_append(&plain, message);
    buf_append_byte(&plain, LAST_RECORD);
    while (plain.len <= size)
        buf_append_byte(&plain, 0);
    s_put_head(salt, own_point, out);
    s_put_record(salt, slice_new(ikm, sizeof ikm), buf_slice(&plain), out);
    crypto_wipe(ikm, sizeof ikm);
    buf_free(&plain);
    return ERR_OK;
}
