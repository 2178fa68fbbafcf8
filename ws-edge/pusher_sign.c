/* pusher_sign.c - three texts are signed, each so that it can be read in one way only.
 *
 *     <socket id>:<channel>[:<channel data>]    neither id nor channel has a colon
 *     <socket id>::user::<user data>            no channel's name is empty
 *     METHOD \n path \n name=value&name=value   sorted by name, decoded, and refused if
 *                                               a part has what sets the parts apart */
#include "ws-edge/pusher_sign.h"

#include <assert.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/text.h"
#include "actors/md5.h"
#include "ws-edge/pusher.h"
#include "ws-edge/request.h"

void pusher_sign(buf_t *out, const pusher_app_t *app, slice_t text)
{
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    crypto_hmac(app->secret, text, hmac);
    crypto_hex(out, slice_new(hmac, sizeof hmac));
}

static bool s_signature_fits(const pusher_app_t *app, slice_t text, slice_t signature)
{
    buf_t expected = {0};
    pusher_sign(&expected, app, text);
    bool fits = crypto_equal(buf_slice(&expected), signature);
    buf_free(&expected);
    return fits;
}

/* ---- a connection's rights ---- */

static bool s_claim_valid(const pusher_claim_t *claim)
{
    pusher_channel_t channel;
    if (!pusher_socket_id_valid(claim->socket_id))
        return false;
    if (claim->channel.ptr == NULL)
        return claim->data.ptr != NULL;
    if (pusher_channel_read(claim->channel, &channel) != ERR_OK)
        return false;
    return pusher_kind_signed(channel.kind) &&
           (channel.kind != PUSHER_PRESENCE || claim->data.ptr != NULL);
}

static void s_claim_put(buf_t *out, const pusher_claim_t *claim)
{
    buf_append(out, claim->socket_id);
    buf_append_byte(out, ':');
    if (claim->channel.ptr == NULL)
        buf_append_text(out, ":user:");
    buf_append(out, claim->channel);
    if (claim->data.ptr != NULL)
        buf_append_byte(out, ':');
    buf_append(out, claim->data);
}

err_t pusher_auth_put(buf_t *out, const pusher_app_t *app, const pusher_claim_t *claim)
{
    buf_t text = {0};
    if (!s_claim_valid(claim))
        return ERR_INVALID;
    s_claim_put(&text, claim);
    buf_append(out, app->key);
    buf_append_byte(out, ':');
    pusher_sign(out, app, buf_slice(&text));
    buf_free(&text);
    return ERR_OK;
}

bool pusher_auth_fits(const pusher_app_t *app, const pusher_claim_t *claim, slice_t auth)
{
    buf_t expected = {0};
    err_t err = pusher_auth_put(&expected, app, claim);
    bool fits = err == ERR_OK && crypto_equal(buf_slice(&expected), auth);
    buf_free(&expected);
    return fits;
}

/* ---- a request of the server API ---- */

typedef struct parameter {
    slice_t name; /* in lower case */
    slice_t value;
} parameter_t;

typedef struct parameters {
    parameter_t items[PUSHER_PARAMETERS_MAX];
    size_t count;
} parameters_t;

static bool s_has(slice_t text, char byte)
{
    return text.len > 0 && memchr(text.ptr, byte, text.len) != NULL;
}

static slice_t s_lower(slice_t text, arena_t *arena)
{
    uint8_t *lower = arena_alloc(arena, text.len + 1);
    text_lower(text, lower);
    return slice_new(lower, text.len);
}

static int s_compare(const void *left, const void *right)
{
    slice_t a = ((const parameter_t *)left)->name, b = ((const parameter_t *)right)->name;
    return slice_compare(a, b);
}

static bool s_has_twins(const parameters_t *sorted)
{
    for (size_t i = 1; i < sorted->count; i++)
        if (slice_eq(sorted->items[i - 1].name, sorted->items[i].name))
            return true;
    return false;
}

static err_t s_parameters_read(slice_t query, arena_t *arena, parameters_t *parameters)
{
    slice_t name, value;
    err_t err;
    while ((err = request_query_next(&query, arena, &name, &value)) == ERR_OK) {
        bool ambiguous = name.len == 0 || s_has(name, '=') || s_has(name, '&') || s_has(value, '&');
        if (ambiguous || parameters->count == PUSHER_PARAMETERS_MAX)
            return ERR_MALFORMED;
        parameters->items[parameters->count++] = (parameter_t){s_lower(name, arena), value};
    }
    qsort(parameters->items, parameters->count, sizeof *parameters->items, s_compare);
    return err == ERR_NOT_FOUND && !s_has_twins(parameters) ? ERR_OK : ERR_MALFORMED;
}

/* The zero slice if there is none. */
static slice_t s_parameter(const parameters_t *parameters, const char *name)
{
    for (size_t i = 0; i < parameters->count; i++)
        if (slice_is(parameters->items[i].name, name))
            return parameters->items[i].value;
    return (slice_t){0};
}

static bool s_is_timely(slice_t text, uint64_t now_s)
{
    enum { DIGITS_MAX = 12 };
    uint64_t time_s = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i == DIGITS_MAX)
            return false;
        time_s = time_s * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    uint64_t apart_s = time_s > now_s ? time_s - now_s : now_s - time_s;
    return text.len > 0 && apart_s <= PUSHER_REQUEST_AGE_MAX_S;
}

static bool s_body_fits(slice_t body, slice_t hash)
{
    uint8_t expected[MD5_SIZE];
    buf_t hex = {0};
    if (body.len == 0 && hash.ptr == NULL)
        return true;
    if (!md5(body, expected))
        return false;
    crypto_hex(&hex, slice_new(expected, sizeof expected));
    bool fits = slice_eq(buf_slice(&hex), hash);
    buf_free(&hex);
    return fits;
}

static void s_request_put(buf_t *out, const pusher_request_t *request,
                          const parameters_t *parameters)
{
    buf_append(out, request->method);
    buf_append_byte(out, '\n');
    buf_append(out, request->path);
    const char *before = "\n";
    for (size_t i = 0; i < parameters->count; i++) {
        if (slice_is(parameters->items[i].name, "auth_signature"))
            continue;
        buf_append_text(out, before);
        buf_append(out, parameters->items[i].name);
        buf_append_byte(out, '=');
        buf_append(out, parameters->items[i].value);
        before = "&";
    }
}

static bool s_request_signed(const pusher_app_t *app, const pusher_request_t *request,
                             const parameters_t *parameters)
{
    buf_t text = {0};
    s_request_put(&text, request, parameters);
    bool fits = s_signature_fits(app, buf_slice(&text), s_parameter(parameters, "auth_signature"));
    buf_free(&text);
    return fits;
}

err_t pusher_request_check(const pusher_app_t *app, const pusher_request_t *request, uint64_t now_s,
                           arena_t *arena)
{
    assert(app->secret.len > 0);
    parameters_t parameters = {0};
    err_t err = s_parameters_read(request->query, arena, &parameters);
    if (err != ERR_OK || s_has(request->path, '\n'))
        return ERR_MALFORMED;
    bool ours = slice_eq(s_parameter(&parameters, "auth_key"), app->key) &&
                slice_is(s_parameter(&parameters, "auth_version"), "1.0") &&
                s_is_timely(s_parameter(&parameters, "auth_timestamp"), now_s);
    bool fits = ours && s_request_signed(app, request, &parameters) &&
                s_body_fits(request->body, s_parameter(&parameters, "body_md5"));
    return fits ? ERR_OK : ERR_BAD_CREDENTIALS;
}
