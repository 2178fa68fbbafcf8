/* issuer.c - whether a token is the issuer's, and then what it says.
 *
 * The signature is looked at before any claim.  The header chooses among the issuer's
 * keys, never how a key is used.  A header with `crit` asks for what we do not know, and
 * is refused as RFC 7515 wants it. */
#include "ws-edge/issuer.h"

#include "actors/jwt.h"
#include "actors/log.h"
#include "schema/mem.h"
#include "schema/text.h"
#include "ws-edge/issuer_keys.h"

enum {
    TOKEN_SIZE_MAX_FOREIGN = 8192,
    LEEWAY_S = 60,                     /* what two clocks may differ by */
    LIFE_MAX_S = 10 * 366 * 24 * 3600, /* a session of longer life would be a leftover */
};

static const int64_t s_second = 1000 * 1000; /* µs */

struct issuer {
    char *name;
    char *audience; /* empty: a token may have none */
    issuer_keys_t *keys;
};

/* ---- from start to end ---- */

static char *s_copy(const char *text)
{
    size_t size = text != NULL ? strlen(text) + 1 : 1;
    char *copy = mem_zeroed(size);
    if (text != NULL)
        memcpy(copy, text, size);
    return copy;
}

static bool s_given(const char *text)
{
    return text != NULL && *text != '\0';
}

/* Exactly one of the three files. */
static err_t s_read_keys(const issuer_options_t *options, issuer_keys_t **ret_keys)
{
    const char *const paths[] = {
        [ISSUER_SECRET] = options->secret_file,
        [ISSUER_PEM] = options->key_file,
        [ISSUER_JWKS] = options->jwks_file,
    };
    size_t count = 0, chosen = 0;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (s_given(paths[i])) {
            chosen = i;
            count++;
        }
    if (count == 1)
        return issuer_keys_read(paths[chosen], (issuer_file_t)chosen, ret_keys);
    log_error("edge", "an issuer needs one file of keys: issuer.secret_file, issuer.key_file or "
                      "issuer.jwks_file");
    return ERR_INVALID;
}

err_t issuer_open(const issuer_options_t *options, issuer_t **ret_issuer)
{
    if (!s_given(options->name)) {
        *ret_issuer = NULL;
        return ERR_OK;
    }
    issuer_t *issuer = mem_new(issuer_t);
    issuer->name = s_copy(options->name);
    issuer->audience = s_copy(options->audience);
    err_t err = s_read_keys(options, &issuer->keys);
    if (err == ERR_OK)
        *ret_issuer = TAKE(issuer);
    issuer_close(&issuer);
    return err;
}

void issuer_close(issuer_t **issuer_p)
{
    issuer_t *issuer = *issuer_p;
    if (issuer == NULL)
        return;
    issuer_keys_destroy(&issuer->keys);
    mem_free(issuer->name);
    mem_free(issuer->audience);
    mem_free(issuer);
    *issuer_p = NULL;
}

/* ---- the signature ---- */

static const char *s_check_signature(const issuer_t *issuer, const jwt_t *jwt)
{
    slice_t algorithm, kid = {0};
    const json_node_t *named = json_member(jwt->header, "kid");
    if (!json_text(json_member(jwt->header, "alg"), &algorithm) ||
        (named != NULL && !json_text(named, &kid)) || json_member(jwt->header, "crit") != NULL)
        return "token is malformed";
    if (!issuer_keys_signed(issuer->keys, algorithm, kid, jwt->covered, buf_slice(&jwt->signature)))
        return "signature is invalid";
    return NULL;
}

/* ---- claims ---- */

/* `aud` is a text, or a list of them (RFC 7519, 4.1.3). */
static bool s_is_for_us(const issuer_t *issuer, const json_node_t *payload)
{
    const json_node_t *audience = json_member(payload, "aud");
    slice_t text;
    if (audience == NULL)
        return *issuer->audience == '\0';
    if (json_text(audience, &text))
        return *issuer->audience != '\0' && slice_is(text, issuer->audience);
    for (size_t i = 0; i < json_count(audience); i++)
        if (json_text(json_item(audience, i), &text) && *issuer->audience != '\0' &&
            slice_is(text, issuer->audience))
            return true;
    return false;
}

/* The moment from which the token counts no more. */
static const char *s_check_time(const json_node_t *payload, int64_t now_s, int64_t *ret_end_s)
{
    const json_node_t *begin = json_member(payload, "nbf");
    int64_t expires_s, begin_s;
    if (!json_i64(json_member(payload, "exp"), &expires_s) ||
        (begin != NULL && !json_i64(begin, &begin_s)))
        return "token has invalid claims";
    if (expires_s <= now_s - LEEWAY_S)
        return "token is expired";
    if (begin != NULL && begin_s > now_s + LEEWAY_S)
        return "token is not valid yet";
    if (expires_s > now_s + LIFE_MAX_S)
        return "token lives longer than ten years";
    *ret_end_s = expires_s + LEEWAY_S;
    return NULL;
}

static const char *s_check_claims(const issuer_t *issuer, const jwt_t *jwt, int64_t now_us,
                                  session_adopt_call_t *adopt)
{
    int64_t end_s;
    adopt->issuer = slice_of(issuer->name);
    adopt->subject = jwt_text(jwt, "sub");
    if (!slice_is(jwt_text(jwt, "iss"), issuer->name))
        return "token has another issuer";
    if (!s_is_for_us(issuer, jwt->payload))
        return "token is for another audience";
    if (adopt->subject.len == 0 || text_length(adopt->subject) > LIMIT_ISSUER)
        return "token has invalid claims";
    const char *why = s_check_time(jwt->payload, now_us / s_second, &end_s);
    if (why == NULL)
        adopt->expires = end_s * s_second;
    return why;
}

/* ---- the bearer ---- */

/* A claim that can be done without, if it is short enough. */
static slice_t s_short(const jwt_t *jwt, const char *name, size_t max, arena_t *arena)
{
    slice_t text = jwt_text(jwt, name);
    return text_length(text) <= max ? arena_copy(arena, text) : (slice_t){0};
}

/* An address that the issuer itself calls unproven is none; some say so in a text. */
static bool s_email_counts(const jwt_t *jwt)
{
    bool verified;
    const json_node_t *claim = json_member(jwt->payload, "email_verified");
    if (claim == NULL || slice_is(jwt_text(jwt, "email_verified"), "true"))
        return true;
    return json_bool(claim, &verified) && verified;
}

static void s_describe(const jwt_t *jwt, arena_t *arena, session_adopt_call_t *adopt)
{
    static const char *const names[] = {"preferred_username", "username", "name"};
    adopt->subject = arena_copy(arena, adopt->subject);
    for (size_t i = 0; i < COUNT_OF(names) && adopt->username.len == 0; i++)
        adopt->username = s_short(jwt, names[i], LIMIT_USERNAME, arena);
    if (s_email_counts(jwt))
        adopt->email = s_short(jwt, "email", LIMIT_EMAIL, arena);
}

err_t issuer_check(const issuer_t *issuer, slice_t token, int64_t now_us, arena_t *arena,
                   session_adopt_call_t *ret_adopt, const char **ret_why)
{
    jwt_t jwt = {0};
    session_adopt_call_t adopt = {0};
    bool read = token.len <= TOKEN_SIZE_MAX_FOREIGN && jwt_read(token, &jwt) == ERR_OK;
    const char *why = read ? s_check_signature(issuer, &jwt) : "token is malformed";
    if (why == NULL)
        why = s_check_claims(issuer, &jwt, now_us, &adopt);
    if (why == NULL) {
        s_describe(&jwt, arena, &adopt);
        *ret_adopt = adopt;
    }
    jwt_free(&jwt);
    *ret_why = why;
    return why == NULL ? ERR_OK : ERR_UNAUTHENTICATED;
}
