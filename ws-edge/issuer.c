/* issuer.c - the three parts of a token, each read strictly, and then what they say.
 *
 * The signature is looked at before any claim.  The header chooses among the issuer's
 * keys, never how a key is used.  A header with `crit` asks for what we do not know, and
 * is refused as RFC 7515 wants it. */
#include "ws-edge/issuer.h"

#include "actors/crypto.h"
#include "actors/log.h"
#include "schema/json.h"
#include "schema/mem.h"
#include "schema/text.h"
#include "ws-edge/issuer_keys.h"

enum {
    TOKEN_SIZE_MAX_FOREIGN = 8192,
    LEEWAY_S = 60,                     /* what two clocks may differ by */
    LIFE_MAX_S = 10 * 366 * 24 * 3600, /* a session of longer life would be a leftover */
    PARTS = 3,
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

/* ---- parts ---- */

/* A token taken apart; the trees are owned. */
typedef struct parts {
    slice_t texts[PARTS]; /* header, payload, signature */
    const json_node_t *header;
    const json_node_t *payload;
    buf_t signature;
} parts_t;

static bool s_split(slice_t token, slice_t texts[PARTS])
{
    for (size_t i = 0; i < PARTS; i++) {
        const uint8_t *dot = memchr(token.ptr, '.', token.len);
        bool last = i == PARTS - 1;
        if ((dot == NULL) != last)
            return false;
        texts[i] = last ? token : slice_new(token.ptr, (size_t)(dot - token.ptr));
        token = slice_from(token, last ? token.len : texts[i].len + 1);
    }
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

static void s_free_parts(parts_t *parts)
{
    json_free(&parts->header);
    json_free(&parts->payload);
    buf_free(&parts->signature);
}

static bool s_read_parts(slice_t token, parts_t *parts)
{
    return token.len <= TOKEN_SIZE_MAX_FOREIGN && s_split(token, parts->texts) &&
           s_read_object(parts->texts[0], &parts->header) &&
           s_read_object(parts->texts[1], &parts->payload) &&
           crypto_base64url_read(parts->texts[2], &parts->signature) == ERR_OK;
}

/* ---- the signature ---- */

static const char *s_check_signature(const issuer_t *issuer, const parts_t *parts)
{
    slice_t algorithm, kid = {0};
    const json_node_t *named = json_member(parts->header, "kid");
    const uint8_t *end = parts->texts[1].ptr + parts->texts[1].len;
    slice_t covered = slice_new(parts->texts[0].ptr, (size_t)(end - parts->texts[0].ptr));
    if (!json_text(json_member(parts->header, "alg"), &algorithm) ||
        (named != NULL && !json_text(named, &kid)) || json_member(parts->header, "crit") != NULL)
        return "token is malformed";
    if (!issuer_keys_signed(issuer->keys, algorithm, kid, covered, buf_slice(&parts->signature)))
        return "signature is invalid";
    return NULL;
}

/* ---- claims ---- */

static slice_t s_claim(const json_node_t *payload, const char *name)
{
    slice_t text;
    return json_text(json_member(payload, name), &text) ? text : (slice_t){0};
}

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

static const char *s_check_claims(const issuer_t *issuer, const json_node_t *payload,
                                  int64_t now_us, session_adopt_call_t *adopt)
{
    int64_t end_s;
    adopt->issuer = slice_of(issuer->name);
    adopt->subject = s_claim(payload, "sub");
    if (!slice_is(s_claim(payload, "iss"), issuer->name))
        return "token has another issuer";
    if (!s_is_for_us(issuer, payload))
        return "token is for another audience";
    if (adopt->subject.len == 0 || text_length(adopt->subject) > LIMIT_ISSUER)
        return "token has invalid claims";
    const char *why = s_check_time(payload, now_us / s_second, &end_s);
    if (why == NULL)
        adopt->expires = end_s * s_second;
    return why;
}

/* ---- the bearer ---- */

/* A claim that can be done without, if it is short enough. */
static slice_t s_short(const json_node_t *payload, const char *name, size_t max, arena_t *arena)
{
    slice_t text = s_claim(payload, name);
    return text_length(text) <= max ? arena_copy(arena, text) : (slice_t){0};
}

/* An address that the issuer itself calls unproven is none; some say so in a text. */
static bool s_email_counts(const json_node_t *payload)
{
    bool verified;
    const json_node_t *claim = json_member(payload, "email_verified");
    if (claim == NULL || slice_is(s_claim(payload, "email_verified"), "true"))
        return true;
    return json_bool(claim, &verified) && verified;
}

static void s_describe(const json_node_t *payload, arena_t *arena, session_adopt_call_t *adopt)
{
    static const char *const names[] = {"preferred_username", "username", "name"};
    adopt->subject = arena_copy(arena, adopt->subject);
    for (size_t i = 0; i < COUNT_OF(names) && adopt->username.len == 0; i++)
        adopt->username = s_short(payload, names[i], LIMIT_USERNAME, arena);
    if (s_email_counts(payload))
        adopt->email = s_short(payload, "email", LIMIT_EMAIL, arena);
}

err_t issuer_check(const issuer_t *issuer, slice_t token, int64_t now_us, arena_t *arena,
                   session_adopt_call_t *ret_adopt, const char **ret_why)
{
    parts_t parts = {0};
    session_adopt_call_t adopt = {0};
    const char *why =
        s_read_parts(token, &parts) ? s_check_signature(issuer, &parts) : "token is malformed";
    if (why == NULL)
        why = s_check_claims(issuer, parts.payload, now_us, &adopt);
    if (why == NULL) {
        s_describe(parts.payload, arena, &adopt);
        *ret_adopt = adopt;
    }
    s_free_parts(&parts);
    *ret_why = why;
    return why == NULL ? ERR_OK : ERR_UNAUTHENTICATED;
}
