/* push_vapid.c - the pair of keys, and a JWT (RFC 7519) for each push.
 *
 * The token says for which push service it is, so that none can use it at another, and is good
 * for half of the day that the standard allows. */
#include "actors/notifier/push_vapid.h"

#include <stdio.h>

#include "actors/crypto.h"
#include "actors/elliptic.h"
#include "actors/key_file.h"
#include "actors/log.h"
#include "schema/json.h"
#include "schema/mem.h"

enum { PATH_SIZE = 4096, LIFE_S = 12 * 3600 };

static const char HEADER[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";

struct vapid {
    elliptic_t *pair;
    buf_t key; /* the public one, as base64url */
    char *contact;
};

/* ---- the pair ---- */

static void s_put_point(const elliptic_t *pair, buf_t *out)
{
    uint8_t point[ELLIPTIC_POINT_SIZE];
    elliptic_point(pair, point);
    crypto_base64url(out, slice_new(point, sizeof point));
}

/* What a new file has in it: the private key, and the public one, which shows whether the two are
 * what they were. */
static void s_invent(buf_t *out)
{
    uint8_t number[ELLIPTIC_NUMBER_SIZE];
    elliptic_t *pair = elliptic_new();
    elliptic_number(pair, number);
    crypto_base64url(out, slice_new(number, sizeof number));
    buf_append_byte(out, ' ');
    s_put_point(pair, out);
    buf_append_byte(out, '\n');
    crypto_wipe(number, sizeof number);
    elliptic_destroy(&pair);
}

static void s_wipe(buf_t *secret)
{
    if (secret->data != NULL)
        crypto_wipe(secret->data, secret->size);
    buf_free(secret);
}

static err_t s_read_number(slice_t word, elliptic_t **ret_pair)
{
    buf_t number = {0};
    err_t err = crypto_base64url_read(word, &number);
    if (err == ERR_OK)
        err = elliptic_of(buf_slice(&number), ret_pair);
    s_wipe(&number);
    return err == ERR_OK ? ERR_OK : ERR_INVALID;
}

/* The public key may be missing: there are other programs that make pairs. */
static err_t s_parse(slice_t text, elliptic_t **ret_pair)
{
    buf_t point = {0};
    while (text.len > 0 && text.ptr[text.len - 1] <= ' ')
        text.len--;
    const uint8_t *blank = text.len > 0 ? memchr(text.ptr, ' ', text.len) : NULL;
    size_t len = blank != NULL ? (size_t)(blank - text.ptr) : text.len;
    err_t err = s_read_number(slice_new(text.ptr, len), ret_pair);
    if (err != ERR_OK || blank == NULL)
        return err;
    s_put_point(*ret_pair, &point);
    bool same = slice_eq(slice_from(text, len + 1), buf_slice(&point));
    buf_free(&point);
    if (!same)
        elliptic_destroy(ret_pair);
    return same ? ERR_OK : ERR_INVALID;
}

static err_t s_load(const char *folder, elliptic_t **ret_pair)
{
    char path[PATH_SIZE];
    buf_t fresh = {0}, text = {0};
    snprintf(path, sizeof path, "%s/push.key", folder);
    s_invent(&fresh);
    err_t err = key_file_read("push", path, buf_slice(&fresh), &text);
    if (err == ERR_OK && s_parse(buf_slice(&text), ret_pair) != ERR_OK) {
        log_error(
            "push",
            "%s: is damaged, or no private key of P-256 as base64url: restore it, or remove it "
            "and all browsers must subscribe again",
            path);
        err = ERR_INVALID;
    }
    s_wipe(&fresh);
    s_wipe(&text);
    return err;
}

err_t vapid_open(const char *folder, const char *contact, vapid_t **ret_vapid)
{
    elliptic_t *pair;
    err_t err = s_load(folder, &pair);
    if (err != ERR_OK)
        return err;
    vapid_t *vapid = mem_new(vapid_t);
    vapid->pair = pair;
    vapid->contact = mem_text(contact);
    s_put_point(pair, &vapid->key);
    *ret_vapid = vapid;
    return ERR_OK;
}

void vapid_close(vapid_t **vapid_p)
{
    vapid_t *vapid = *vapid_p;
    if (vapid == NULL)
        return;
    *vapid_p = NULL;
    elliptic_destroy(&vapid->pair);
    buf_free(&vapid->key);
    mem_free(vapid->contact);
    mem_free(vapid);
}

slice_t vapid_key(const vapid_t *vapid)
{
    return buf_slice(&vapid->key);
}

/* ---- tokens ---- */

static void s_put_claims(const vapid_t *vapid, const char *origin, int64_t now_s, buf_t *out)
{
    buf_append_text(out, "{\"aud\":");
    json_put_text(out, slice_of(origin));
    buf_append_text(out, ",\"exp\":");
    json_put_i64(out, now_s + LIFE_S);
    if (*vapid->contact != '\0') {
        buf_append_text(out, ",\"sub\":");
        json_put_text(out, slice_of(vapid->contact));
    }
    buf_append_byte(out, '}');
}

void vapid_put(const vapid_t *vapid, const char *origin, int64_t now_s, buf_t *out)
{
    uint8_t signature[ELLIPTIC_SIGNATURE_SIZE];
    buf_t claims = {0}, token = {0};
    s_put_claims(vapid, origin, now_s, &claims);
    crypto_base64url(&token, slice_of(HEADER));
    buf_append_byte(&token, '.');
    crypto_base64url(&token, buf_slice(&claims));
    elliptic_sign(vapid->pair, buf_slice(&token), signature);
    buf_append_text(out, "vapid t=");
    buf_append(out, buf_slice(&token));
    buf_append_byte(out, '.');
    crypto_base64url(out, slice_new(signature, sizeof signature));
    buf_append_text(out, ", k=");
    buf_append(out, vapid_key(vapid));
    buf_free(&claims);
    buf_free(&token);
}
