#include "actors/jwt.h"

#include "actors/crypto.h"

static const char s_hs256[] = "HS256";

/* ---- reading ---- */

/* Up to the next dot, which is taken too; false if there is none. */
static bool s_cut(slice_t *rest, slice_t *ret_part)
{
    const uint8_t *dot = rest->len > 0 ? memchr(rest->ptr, '.', rest->len) : NULL;
    if (dot == NULL)
        return false;
    *ret_part = slice_new(rest->ptr, (size_t)(dot - rest->ptr));
    *rest = slice_from(*rest, ret_part->len + 1);
    return true;
}

static bool s_read_object(slice_t text, const json_node_t **ret_root)
{
    buf_t json = {0};
    bool read = crypto_base64url_read(text, &json) == ERR_OK &&
                json_parse(buf_slice(&json), ret_root) == ERR_OK;
    buf_free(&json);
    return read && json_is_object(*ret_root);
}

err_t jwt_read(slice_t token, jwt_t *ret_jwt)
{
    slice_t header, payload, signature = token;
    *ret_jwt = (jwt_t){0};
    if (!s_cut(&signature, &header) || !s_cut(&signature, &payload))
        return ERR_MALFORMED;
    ret_jwt->covered = slice_new(token.ptr, header.len + 1 + payload.len);
    bool read = s_read_object(header, &ret_jwt->header) &&
                s_read_object(payload, &ret_jwt->payload) &&
                crypto_base64url_read(signature, &ret_jwt->signature) == ERR_OK;
    return read ? ERR_OK : ERR_MALFORMED;
}

void jwt_free(jwt_t *jwt)
{
    json_free(&jwt->header);
    json_free(&jwt->payload);
    buf_free(&jwt->signature);
}

slice_t jwt_text(const jwt_t *jwt, const char *name)
{
    slice_t text;
    return json_text(json_member(jwt->payload, name), &text) ? text : (slice_t){0};
}

/* ---- signatures ---- */

bool jwt_is_hs256(const jwt_t *jwt)
{
    slice_t algorithm;
    return json_text(json_member(jwt->header, "alg"), &algorithm) && slice_is(algorithm, s_hs256);
}

bool jwt_was_signed(const jwt_t *jwt, slice_t key)
{
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    crypto_hmac(key, jwt->covered, hmac);
    return crypto_equal(buf_slice(&jwt->signature), slice_new(hmac, sizeof hmac));
}

void jwt_sign(buf_t *out, slice_t claims, slice_t key)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    size_t begin = out->len;
    crypto_base64url(out, slice_of(header));
    buf_append_byte(out, '.');
    crypto_base64url(out, claims);
    crypto_hmac(key, slice_from(buf_slice(out), begin), hmac);
    buf_append_byte(out, '.');
    crypto_base64url(out, slice_new(hmac, sizeof hmac));
}
