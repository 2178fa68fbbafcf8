#include "ws-edge/issuer_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "schema/json.h"
#include "schema/mem.h"
#include "ws-edge/pubkey.h"

enum { KEYS_MAX = 64, KID_SIZE = 256 };

typedef struct issuer_key {
    char kid[KID_SIZE]; /* empty: it has none */
    pubkey_t *public;   /* NULL: a secret */
    buf_t secret;
} issuer_key_t;

struct issuer_keys {
    issuer_key_t items[KEYS_MAX];
    size_t count;
};

static err_t s_fault(const char *path, const char *what)
{
    log_error("edge", "%s: %s", path, what);
    return ERR_INVALID;
}

/* ---- secrets ---- */

static void s_free_secret(buf_t *secret)
{
    if (secret->data != NULL)
        crypto_wipe(secret->data, secret->len);
    buf_free(secret);
}

static const char s_too_short[] = "a secret has at least 32 bytes";
static const char s_too_open[] = "everybody can read the secret in it: chmod o= it";

/* ---- a JSON Web Key ---- */

/* A member in base64url.  ERR_INVALID. */
static err_t s_bytes(const json_node_t *jwk, const char *name, buf_t *out)
{
    slice_t text;
    if (!json_text(json_member(jwk, name), &text) || crypto_base64url_read(text, out) != ERR_OK)
        return ERR_INVALID;
    return ERR_OK;
}

static err_t s_read_rsa(const json_node_t *jwk, issuer_key_t *key)
{
    buf_t modulus = {0}, exponent = {0};
    err_t err = s_bytes(jwk, "n", &modulus);
    if (err == ERR_OK)
        err = s_bytes(jwk, "e", &exponent);
    if (err == ERR_OK)
        err = pubkey_from_rsa(buf_slice(&modulus), buf_slice(&exponent), &key->public);
    buf_free(&modulus);
    buf_free(&exponent);
    return err;
}

static err_t s_read_ed25519(const json_node_t *jwk, issuer_key_t *key)
{
    slice_t curve;
    buf_t point = {0};
    if (!json_text(json_member(jwk, "crv"), &curve) || !slice_is(curve, "Ed25519"))
        return ERR_NOT_FOUND;
    err_t err = s_bytes(jwk, "x", &point);
    if (err == ERR_OK)
        err = pubkey_from_ed25519(buf_slice(&point), &key->public);
    buf_free(&point);
    return err;
}

static err_t s_read_oct(const json_node_t *jwk, issuer_key_t *key)
{
    err_t err = s_bytes(jwk, "k", &key->secret);
    return err == ERR_OK && key->secret.len < ISSUER_SECRET_MIN ? ERR_INVALID : err;
}

static const struct {
    const char *kty;
    const char *algorithm;
    err_t (*read)(const json_node_t *jwk, issuer_key_t *key);
} s_kinds[] = {
    {"RSA", "RS256", s_read_rsa},
    {"OKP", "EdDSA", s_read_ed25519},
    {"oct", "HS256", s_read_oct},
};

/* Whether a member is missing, or has this value. */
static bool s_is(const json_node_t *jwk, const char *name, const char *value)
{
    slice_t text;
    const json_node_t *member = json_member(jwk, name);
    return member == NULL || (json_text(member, &text) && slice_is(text, value));
}

/* ERR_NOT_FOUND for a key that is none of our business, ERR_INVALID for a bad one. */
static err_t s_read_jwk(const json_node_t *jwk, issuer_key_t *key)
{
    slice_t kty, kid;
    if (!json_text(json_member(jwk, "kty"), &kty))
        return ERR_INVALID;
    if (json_text(json_member(jwk, "kid"), &kid)) {
        if (kid.len >= KID_SIZE)
            return ERR_INVALID;
        memcpy(key->kid, kid.ptr, kid.len);
    }
    for (size_t i = 0; i < COUNT_OF(s_kinds); i++)
        if (slice_is(kty, s_kinds[i].kty) && s_is(jwk, "use", "sig") &&
            s_is(jwk, "alg", s_kinds[i].algorithm))
            return s_kinds[i].read(jwk, key);
    return ERR_NOT_FOUND;
}

/* ---- files ---- */

static void s_free_key(issuer_key_t *key)
{
    pubkey_destroy(&key->public);
    s_free_secret(&key->secret);
    *key = (issuer_key_t){0};
}

/* A key that is none of our business is passed over. */
static err_t s_add_jwk(const char *path, const json_node_t *jwk, issuer_keys_t *keys)
{
    issuer_key_t key = {0};
    if (keys->count == KEYS_MAX)
        return s_fault(path, "has more than 64 keys");
    err_t err = s_read_jwk(jwk, &key);
    if (err == ERR_OK) {
        keys->items[keys->count++] = key;
        return ERR_OK;
    }
    s_free_key(&key);
    return err == ERR_NOT_FOUND ? ERR_OK : s_fault(path, "has a key that is damaged, or too weak");
}

static err_t s_read_set(const char *path, slice_t text, issuer_keys_t *keys)
{
    const json_node_t *root;
    if (json_parse(text, &root) != ERR_OK)
        return s_fault(path, "is no JSON");
    const json_node_t *list = json_member(root, "keys");
    err_t err = ERR_OK;
    for (size_t i = 0; i < json_count(list) && err == ERR_OK; i++)
        err = s_add_jwk(path, json_item(list, i), keys);
    json_free(&root);
    return err == ERR_OK && keys->count == 0 ? s_fault(path, "has no key that can be used") : err;
}

static err_t s_read_secret(const char *path, slice_t text, issuer_keys_t *keys)
{
    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len < ISSUER_SECRET_MIN)
        return s_fault(path, s_too_short);
    buf_append(&keys->items[keys->count++].secret, text);
    return ERR_OK;
}

static err_t s_read_pem(const char *path, slice_t text, issuer_keys_t *keys)
{
    err_t err = pubkey_from_pem(text, &keys->items[0].public);
    keys->count = 1;
    return err == ERR_OK ? ERR_OK
                         : s_fault(path, "is no public key in PEM, of RSA with at least 2,048 "
                                         "bits or Ed25519");
}

static err_t s_read_file(const char *path, buf_t *out, mode_t *ret_mode)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0) {
        err_t err = s_fault(path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return err;
    }
    ssize_t len = read(fd, buf_reserve(out, ISSUER_FILE_MAX), ISSUER_FILE_MAX);
    close(fd);
    if (len < 0)
        return s_fault(path, strerror(errno));
    out->len = (size_t)len;
    *ret_mode = facts.st_mode;
    return ERR_OK;
}

static bool s_has_secret(const issuer_keys_t *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].public == NULL)
            return true;
    return false;
}

err_t issuer_keys_read(const char *path, issuer_file_t kind, issuer_keys_t **ret_keys)
{
    static err_t (*const readers[])(const char *, slice_t, issuer_keys_t *) = {
        [ISSUER_SECRET] = s_read_secret,
        [ISSUER_PEM] = s_read_pem,
        [ISSUER_JWKS] = s_read_set,
    };
    buf_t text = {0};
    mode_t mode = 0;
    issuer_keys_t *keys = mem_new(issuer_keys_t);
    err_t err = s_read_file(path, &text, &mode);
    if (err == ERR_OK)
        err = readers[kind](path, buf_slice(&text), keys);
    if (err == ERR_OK && s_has_secret(keys) && (mode & S_IRWXO) != 0)
        err = s_fault(path, s_too_open);
    if (err == ERR_OK)
        *ret_keys = TAKE(keys);
    s_free_secret(&text);
    issuer_keys_destroy(&keys);
    return err;
}

void issuer_keys_destroy(issuer_keys_t **keys_p)
{
    if (*keys_p == NULL)
        return;
    for (size_t i = 0; i < (*keys_p)->count; i++)
        s_free_key(&(*keys_p)->items[i]);
    mem_free(*keys_p);
    *keys_p = NULL;
}

/* ---- checking ---- */

static bool s_secret_signed(const issuer_key_t *key, slice_t bytes, slice_t signature)
{
    uint8_t expected[CRYPTO_HMAC_SIZE];
    crypto_hmac(buf_slice(&key->secret), bytes, expected);
    return crypto_equal(signature, slice_new(expected, sizeof expected));
}

static bool s_key_signed(const issuer_key_t *key, slice_t algorithm, slice_t bytes,
                         slice_t signature)
{
    if (key->public == NULL)
        return slice_is(algorithm, "HS256") && s_secret_signed(key, bytes, signature);
    const char *mine = pubkey_kind(key->public) == PUBKEY_RSA ? "RS256" : "EdDSA";
    return slice_is(algorithm, mine) && pubkey_signed(key->public, bytes, signature);
}

/* Where either of the two has no id, any key may be meant. */
static bool s_is_meant(const issuer_key_t *key, slice_t kid)
{
    return kid.len == 0 || key->kid[0] == '\0' || slice_is(kid, key->kid);
}

bool issuer_keys_signed(const issuer_keys_t *keys, slice_t algorithm, slice_t kid, slice_t bytes,
                        slice_t signature)
{
    for (size_t i = 0; i < keys->count; i++)
        if (s_is_meant(&keys->items[i], kid) &&
            s_key_signed(&keys->items[i], algorithm, bytes, signature))
            return true;
    return false;
}
