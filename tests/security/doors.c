/* doors.c - genuine texts, and what lets them in; ten kinds. */
#include "tests/security/doors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "actors/photo.h"
#include "actors/token.h"
#include "schema/mem.h"
#include "schema/text.h"
#include "ws-edge/issuer.h"
#include "ws-edge/portrait.h"
#include "ws-edge/pusher_sign.h"
#include "ws-edge/request.h"
#include "ws-edge/ticket.h"

static const int64_t s_now = INT64_C(1790000000) * 1000000; /* µs */
static const char s_secret[] = "a secret of more than thirty-two bytes";
static const char s_socket[] = "123.456";
static const char s_path[] = "/apps/1/events";

static struct {
    char folder[64];
    mint_t *mint;
    issuer_t *issuer;
    arena_t *arena;
    pusher_app_t app;
} s_keys;

static slice_t s_make_token(uint64_t bearer)
{
    account_t account = {.id = bearer, .login = SLICE_LIT("ann"), .email = SLICE_LIT("a@b.c")};
    signed_in_t session = {
        .session = 70 + bearer, .expires = s_now + 60000000, .account = &account};
    return token_make(s_keys.mint, &session, 0, s_now, s_keys.arena);
}

static slice_t s_make_key(uint64_t bearer)
{
    account_t account = {.id = bearer, .login = SLICE_LIT("system")};
    signed_in_t key = {.session = 70 + bearer,
                       .expires = s_now + 60000000,
                       .account = &account,
                       .scopes = SLICE_LIT("rooms tokens")};
    return token_make(s_keys.mint, &key, 0, s_now, s_keys.arena);
}

static bool s_opens_token(slice_t text)
{
    who_t who;
    const char *why;
    return token_check(s_keys.mint, text, s_now, &who, &why) == ERR_OK;
}

static slice_t s_make_link(uint64_t bearer, purpose_t purpose)
{
    account_link_t link = {bearer, purpose, SLICE_LIT("n0nce"), s_now + 60000000};
    return token_make_link(s_keys.mint, &link, s_keys.arena);
}

static bool s_opens_link(slice_t text, purpose_t purpose)
{
    account_link_t link;
    return token_check_link(s_keys.mint, text, purpose, s_now, s_keys.arena, &link) == ERR_OK;
}

#define LINK(name, purpose)                       \
    static slice_t s_make_##name(uint64_t bearer) \
    {                                             \
        return s_make_link(bearer, purpose);      \
    }                                             \
    static bool s_opens_##name(slice_t text)      \
    {                                             \
        return s_opens_link(text, purpose);       \
    }

LINK(reset, purpose_RESET)
LINK(verify, purpose_VERIFY)
LINK(unsubscribe, purpose_DIGEST)

static slice_t s_make_ticket(uint64_t bearer)
{
    buf_t text = {0};
    ticket_t ticket = {.who = {.account = bearer, .session = 70, .expires = s_now + 60000000}};
    memset(ticket.sid, 'a' + (int)(bearer % 26), sizeof ticket.sid);
    ticket_put(&text, s_keys.mint, &ticket);
    slice_t made = arena_copy(s_keys.arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static bool s_opens_ticket(slice_t text)
{
    ticket_t ticket;
    return ticket_read(s_keys.mint, text, &ticket) == ERR_OK;
}

static slice_t s_make_photo(uint64_t bearer)
{
    photo_t photo = {
        .url = SLICE_LIT(PHOTO_FOLDER "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ-1000.png")};
    profile_t profile = {.account = bearer, .photos = {&photo, 1}};
    const call_type_t *type = call_type(CALL_profile_get);
    const profile_t *shown = portrait_answer(s_keys.mint, type, &profile, bearer + 1, s_keys.arena);
    slice_t url = ((const photo_t *)shown->photos.items)[0].url;
    const uint8_t *name = memrchr(url.ptr, '/', url.len);
    return slice_from(url, (size_t)(name - url.ptr) + 1);
}

static bool s_opens_photo(slice_t text)
{
    photo_show_call_t show = {.name = text};
    portrait_open(s_keys.mint, &show, s_keys.arena);
    return show.account != 0;
}

static pusher_claim_t s_claim(uint64_t bearer)
{
    return (pusher_claim_t){
        .socket_id = slice_of(s_socket),
        .channel = bearer == 1 ? SLICE_LIT("private-one") : SLICE_LIT("private-two"),
    };
}

static slice_t s_make_pusher(uint64_t bearer)
{
    buf_t text = {0};
    pusher_claim_t claim = s_claim(bearer);
    if (pusher_auth_put(&text, &s_keys.app, &claim) != ERR_OK)
        abort();
    slice_t made = arena_copy(s_keys.arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static bool s_opens_pusher(slice_t text)
{
    pusher_claim_t one = s_claim(1), two = s_claim(2);
    return pusher_auth_fits(&s_keys.app, &one, text) || pusher_auth_fits(&s_keys.app, &two, text);
}

/* The query of a signed request, whose body is empty. */
static slice_t s_make_request(uint64_t bearer)
{
    buf_t text = {0}, query = {0};
    buf_printf(&query, "auth_key=key&auth_timestamp=%" PRIi64 "&auth_version=1.0&info=%c",
               s_now / 1000000, (int)('a' + bearer % 26));
    buf_printf(&text, "GET\n%s\n%.*s", s_path, SLICE_ARG(buf_slice(&query)));
    buf_append_text(&query, "&auth_signature=");
    pusher_sign(&query, &s_keys.app, buf_slice(&text));
    slice_t made = arena_copy(s_keys.arena, buf_slice(&query));
    buf_free(&text);
    buf_free(&query);
    return made;
}

static bool s_opens_request(slice_t text)
{
    pusher_request_t request = {
        .method = SLICE_LIT("GET"), .path = slice_of(s_path), .query = text};
    return pusher_request_check(&s_keys.app, &request, (uint64_t)(s_now / 1000000), s_keys.arena) ==
           ERR_OK;
}

slice_t doors_sign(slice_t head, slice_t claims, slice_t secret)
{
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    buf_t text = {0};
    crypto_base64url(&text, head);
    buf_append_byte(&text, '.');
    crypto_base64url(&text, claims);
    crypto_hmac(secret, buf_slice(&text), hmac);
    buf_append_byte(&text, '.');
    crypto_base64url(&text, slice_new(hmac, sizeof hmac));
    slice_t made = arena_copy(s_keys.arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static slice_t s_make_foreign(uint64_t bearer)
{
    slice_t claims = arena_printf(
        s_keys.arena,
        "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":\"u%" PRIu64 "\",\"exp\":1790000060}", bearer);
    return doors_sign(SLICE_LIT("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), claims, slice_of(s_secret));
}

static bool s_opens_foreign(slice_t text)
{
    session_adopt_call_t adopt;
    const char *why;
    return issuer_check(s_keys.issuer, text, s_now, s_keys.arena, &adopt, &why) == ERR_OK;
}

const kind_t kinds[KIND_COUNT] = {
    {"session token", s_make_token, s_opens_token, true},
    {"API key", s_make_key, s_opens_token, true},
    {"link to reset a password", s_make_reset, s_opens_reset, true},
    {"link to prove an e-mail", s_make_verify, s_opens_verify, true},
    {"link to unsubscribe", s_make_unsubscribe, s_opens_unsubscribe, true},
    {"foreign token", s_make_foreign, s_opens_foreign, true},
    {"Socket.IO ticket", s_make_ticket, s_opens_ticket, false},
    {"photo link", s_make_photo, s_opens_photo, false},
    {"Pusher channel signature", s_make_pusher, s_opens_pusher, false},
    {"Pusher request signature", s_make_request, s_opens_request, false, .query = true},
};

/* ---- the same in other letters ---- */

static int s_compare(const void *one, const void *other)
{
    slice_t a = *(const slice_t *)one, b = *(const slice_t *)other;
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* A query as Pusher's documents have it signed: decoded, names in lower case, and sorted. */
static slice_t s_plain(slice_t query)
{
    slice_t rows[PUSHER_PARAMETERS_MAX], name, value;
    size_t count = 0;
    buf_t text = {0};
    while (count < COUNT_OF(rows) &&
           request_query_next(&query, s_keys.arena, &name, &value) == ERR_OK) {
        uint8_t *lower = arena_alloc(s_keys.arena, name.len + 1);
        text_lower(name, lower);
        rows[count++] =
            arena_printf(s_keys.arena, "%.*s=%.*s\n", (int)name.len, lower, SLICE_ARG(value));
    }
    qsort(rows, count, sizeof *rows, s_compare);
    for (size_t i = 0; i < count; i++)
        buf_append(&text, rows[i]);
    slice_t plain = arena_copy(s_keys.arena, buf_slice(&text));
    buf_free(&text);
    return plain;
}

bool doors_same(const kind_t *kind, slice_t text, slice_t genuine)
{
    return slice_eq(text, genuine) || (kind->query && slice_eq(s_plain(text), s_plain(genuine)));
}

/* ---- keys ---- */

void doors_open(void)
{
    char path[96];
    umask(077);
    log_set_level(LOG_LEVEL_ERROR);
    snprintf(s_keys.folder, sizeof s_keys.folder, "/tmp/kith-forge-XXXXXX");
    if (crypto_start() != ERR_OK || mkdtemp(s_keys.folder) == NULL ||
        mint_open(s_keys.folder, &s_keys.mint) != ERR_OK)
        exit(EXIT_FAILURE);
    snprintf(path, sizeof path, "%s/secret", s_keys.folder);
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(s_secret, file) < 0 || fclose(file) != 0)
        exit(EXIT_FAILURE);
    issuer_options_t options = {.name = "them", .audience = "us", .secret_file = path};
    if (issuer_open(&options, &s_keys.issuer) != ERR_OK)
        exit(EXIT_FAILURE);
    unlink(path);
    snprintf(path, sizeof path, "%s/token.key", s_keys.folder);
    unlink(path);
    rmdir(s_keys.folder);
    s_keys.arena = arena_new();
    s_keys.app = (pusher_app_t){SLICE_LIT("key"), SLICE_LIT("secret")};
}

void doors_forget(void)
{
    arena_reset(s_keys.arena);
}

void doors_close(void)
{
    issuer_close(&s_keys.issuer);
    mint_close(&s_keys.mint);
    arena_destroy(&s_keys.arena);
}
