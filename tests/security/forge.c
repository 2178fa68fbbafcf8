/* forge.c - so many changed tokens, links and signatures at the doors that check them: none opens.
 *
 *     kith-forge [COUNT [SEED]]     COUNT changes of each kind; 1,000,000 in all unless it is said
 *
 * A kind has two genuine texts, of two bearers, and the door that opens to them.  A change
 * flips, cuts, doubles, pads, escapes, swaps parts of the two, names another algorithm or signs
 * with another key.  Whatever comes of it and is neither of the two must not open the door, be it
 * that it says the same in other letters: two spellings of one token are two tokens to whoever
 * keeps lists of them.  Before, between and behind the changes the genuine ones open, or nothing
 * was tried at all. */
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

enum { TOTAL = 1000000, TEXT_MAX = 2048, LOOK_EVERY = 1000, SHOWN_MAX = 10 };

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
    uint64_t random;
} s_world;

/* ---- the doors ---- */

typedef struct kind {
    const char *name;
    slice_t (*make)(uint64_t bearer); /* in the arena */
    bool (*opens)(slice_t text);
    bool jwt;
    bool query; /* the protocol itself has it written in several ways */
} kind_t;

static slice_t s_make_token(uint64_t bearer)
{
    account_t account = {.id = bearer, .login = SLICE_LIT("ann"), .email = SLICE_LIT("a@b.c")};
    signed_in_t session = {
        .session = 70 + bearer, .expires = s_now + 60000000, .account = &account};
    return token_make(s_world.mint, &session, 0, s_now, s_world.arena);
}

static slice_t s_make_key(uint64_t bearer)
{
    account_t account = {.id = bearer, .login = SLICE_LIT("system")};
    signed_in_t key = {.session = 70 + bearer,
                       .expires = s_now + 60000000,
                       .account = &account,
                       .scopes = SLICE_LIT("rooms tokens")};
    return token_make(s_world.mint, &key, 0, s_now, s_world.arena);
}

static bool s_opens_token(slice_t text)
{
    who_t who;
    const char *why;
    return token_check(s_world.mint, text, s_now, &who, &why) == ERR_OK;
}

static slice_t s_make_link(uint64_t bearer, purpose_t purpose)
{
    account_link_t link = {bearer, purpose, SLICE_LIT("n0nce"), s_now + 60000000};
    return token_make_link(s_world.mint, &link, s_world.arena);
}

static bool s_opens_link(slice_t text, purpose_t purpose)
{
    account_link_t link;
    return token_check_link(s_world.mint, text, purpose, s_now, s_world.arena, &link) == ERR_OK;
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
    ticket_put(&text, s_world.mint, &ticket);
    slice_t made = arena_copy(s_world.arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static bool s_opens_ticket(slice_t text)
{
    ticket_t ticket;
    return ticket_read(s_world.mint, text, &ticket) == ERR_OK;
}

static slice_t s_make_photo(uint64_t bearer)
{
    photo_t photo = {
        .url = SLICE_LIT(PHOTO_FOLDER "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ-1000.png")};
    profile_t profile = {.account = bearer, .photos = {&photo, 1}};
    const call_type_t *type = call_type(CALL_profile_get);
    const profile_t *shown =
        portrait_answer(s_world.mint, type, &profile, bearer + 1, s_world.arena);
    slice_t url = ((const photo_t *)shown->photos.items)[0].url;
    const uint8_t *name = memrchr(url.ptr, '/', url.len);
    return slice_from(url, (size_t)(name - url.ptr) + 1);
}

static bool s_opens_photo(slice_t text)
{
    photo_show_call_t show = {.name = text};
    portrait_open(s_world.mint, &show, s_world.arena);
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
    if (pusher_auth_put(&text, &s_world.app, &claim) != ERR_OK)
        abort();
    slice_t made = arena_copy(s_world.arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static bool s_opens_pusher(slice_t text)
{
    pusher_claim_t one = s_claim(1), two = s_claim(2);
    return pusher_auth_fits(&s_world.app, &one, text) || pusher_auth_fits(&s_world.app, &two, text);
}

/* The query of a signed request, whose body is empty. */
static slice_t s_make_request(uint64_t bearer)
{
    buf_t text = {0}, query = {0};
    buf_printf(&query, "auth_key=key&auth_timestamp=%" PRIi64 "&auth_version=1.0&info=%c",
               s_now / 1000000, (int)('a' + bearer % 26));
    buf_printf(&text, "GET\n%s\n%.*s", s_path, SLICE_ARG(buf_slice(&query)));
    buf_append_text(&query, "&auth_signature=");
    pusher_sign(&query, &s_world.app, buf_slice(&text));
    slice_t made = arena_copy(s_world.arena, buf_slice(&query));
    buf_free(&text);
    buf_free(&query);
    return made;
}

static bool s_opens_request(slice_t text)
{
    pusher_request_t request = {
        .method = SLICE_LIT("GET"), .path = slice_of(s_path), .query = text};
    return pusher_request_check(&s_world.app, &request, (uint64_t)(s_now / 1000000),
                                s_world.arena) == ERR_OK;
}

static slice_t s_sign_jwt(slice_t head, slice_t claims, slice_t secret)
{
    uint8_t hmac[CRYPTO_HMAC_SIZE];
    buf_t text = {0};
    crypto_base64url(&text, head);
    buf_append_byte(&text, '.');
    crypto_base64url(&text, claims);
    crypto_hmac(secret, buf_slice(&text), hmac);
    buf_append_byte(&text, '.');
    crypto_base64url(&text, slice_new(hmac, sizeof hmac));
    slice_t made = arena_copy(s_world.arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static slice_t s_make_foreign(uint64_t bearer)
{
    slice_t claims = arena_printf(
        s_world.arena,
        "{\"iss\":\"them\",\"aud\":\"us\",\"sub\":\"u%" PRIu64 "\",\"exp\":1790000060}", bearer);
    return s_sign_jwt(SLICE_LIT("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), claims, slice_of(s_secret));
}

static bool s_opens_foreign(slice_t text)
{
    session_adopt_call_t adopt;
    const char *why;
    return issuer_check(s_world.issuer, text, s_now, s_world.arena, &adopt, &why) == ERR_OK;
}

static const kind_t s_kinds[] = {
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
           request_query_next(&query, s_world.arena, &name, &value) == ERR_OK) {
        uint8_t *lower = arena_alloc(s_world.arena, name.len + 1);
        text_lower(name, lower);
        rows[count++] =
            arena_printf(s_world.arena, "%.*s=%.*s\n", (int)name.len, lower, SLICE_ARG(value));
    }
    qsort(rows, count, sizeof *rows, s_compare);
    for (size_t i = 0; i < count; i++)
        buf_append(&text, rows[i]);
    slice_t plain = arena_copy(s_world.arena, buf_slice(&text));
    buf_free(&text);
    return plain;
}

static bool s_same(const kind_t *kind, slice_t text, slice_t genuine)
{
    return slice_eq(text, genuine) || (kind->query && slice_eq(s_plain(text), s_plain(genuine)));
}

/* ---- changes ---- */

/* Of a text in the making. */
typedef struct draft {
    uint8_t bytes[TEXT_MAX];
    size_t len;
} draft_t;

static uint64_t s_random(uint64_t below)
{
    uint64_t mixed = s_world.random += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return (mixed ^ mixed >> 31) % below;
}

static void s_set(draft_t *draft, slice_t text)
{
    draft->len = text.len < sizeof draft->bytes ? text.len : sizeof draft->bytes;
    memcpy(draft->bytes, text.ptr, draft->len);
}

/* Put bytes in place of `cut` others at `at`. */
static void s_splice(draft_t *draft, size_t at, size_t cut, slice_t put)
{
    uint8_t whole[2 * TEXT_MAX];
    size_t tail = draft->len - at - cut;
    if (draft->len + put.len > TEXT_MAX)
        return;
    memcpy(whole, draft->bytes, at);
    memcpy(whole + at, put.ptr, put.len);
    memcpy(whole + at + put.len, draft->bytes + at + cut, tail);
    s_set(draft, slice_new(whole, at + put.len + tail));
}

static void s_flip_bit(draft_t *draft)
{
    draft->bytes[s_random(draft->len)] ^= (uint8_t)(1 << s_random(8));
}

static void s_change_letter(draft_t *draft)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.:&%";
    size_t at = s_random(8) == 0 ? draft->len - 1 : s_random(draft->len); /* often the last */
    draft->bytes[at] = (uint8_t)letters[s_random(sizeof letters - 1)];
}

static void s_insert(draft_t *draft)
{
    static const slice_t odd[] = {
        {(const uint8_t *)" ", 1},
        {(const uint8_t *)"\t", 1},
        {(const uint8_t *)"\n", 1},
        {(const uint8_t *)"\r\n", 2},
        {(const uint8_t *)"\0", 1},
        {(const uint8_t *)"=", 1},
        {(const uint8_t *)"==", 2},
        {(const uint8_t *)".", 1},
        {(const uint8_t *)"%3d", 3},
        {(const uint8_t *)"\xc2\xa0", 2},
        {(const uint8_t *)"\xe2\x80\x8b", 3},
        {(const uint8_t *)"\xef\xbb\xbf", 3},
        {(const uint8_t *)"\xef\xbc\xa1", 3},
        {(const uint8_t *)"\xcc\x81", 2},
        {(const uint8_t *)"\"", 1},
        {(const uint8_t *)"+", 1},
        {(const uint8_t *)"&a=b", 4},
        {(const uint8_t *)"A", 1},
        {(const uint8_t *)"\xff", 1},
    };
    static const size_t ends = 3;
    size_t where = s_random(ends);
    size_t at = where == 0 ? 0 : where == 1 ? draft->len : s_random(draft->len + 1);
    s_splice(draft, at, 0, odd[s_random(COUNT_OF(odd))]);
}

static void s_cut(draft_t *draft)
{
    size_t at = s_random(draft->len), most = draft->len - at;
    s_splice(draft, at, 1 + s_random(most < 8 ? most : 8), (slice_t){0});
}

static void s_shorten(draft_t *draft)
{
    draft->len = s_random(draft->len);
}

static void s_double(draft_t *draft)
{
    size_t at = s_random(draft->len), len = 1 + s_random(draft->len - at);
    uint8_t copy[TEXT_MAX];
    memcpy(copy, draft->bytes + at, len);
    s_splice(draft, s_random(draft->len + 1), 0, slice_new(copy, len));
}

static void s_change_case(draft_t *draft)
{
    size_t at = s_random(draft->len);
    draft->bytes[at] ^= 0x20;
}

/* The other alphabet of base64. */
static void s_respell(draft_t *draft)
{
    for (size_t i = 0; i < draft->len; i++)
        draft->bytes[i] = draft->bytes[i] == '-'   ? '+'
                          : draft->bytes[i] == '_' ? '/'
                                                   : draft->bytes[i];
}

static void s_swap_halves(draft_t *draft)
{
    uint8_t copy[TEXT_MAX];
    size_t at = s_random(draft->len);
    memcpy(copy, draft->bytes + at, draft->len - at);
    memcpy(copy + draft->len - at, draft->bytes, at);
    memcpy(draft->bytes, copy, draft->len);
}

typedef void change_fn(draft_t *draft);
static change_fn *const s_changes[] = {
    s_flip_bit, s_change_letter, s_insert,  s_cut,         s_shorten,
    s_double,   s_change_case,   s_respell, s_swap_halves,
};

/* A part of the other genuine text in place of as many bytes. */
static void s_mix(draft_t *draft, slice_t other)
{
    size_t most = draft->len < other.len ? draft->len : other.len;
    size_t at = s_random(most), len = 1 + s_random(most - at);
    memcpy(draft->bytes + at, other.ptr + at, len);
}

/* The part of a JWT of that number, 0 to 2. */
static slice_t s_part(slice_t token, int number)
{
    while (number-- > 0)
        token = slice_from(token,
                           (size_t)((uint8_t *)memchr(token.ptr, '.', token.len) - token.ptr) + 1);
    const uint8_t *end = memchr(token.ptr, '.', token.len);
    return end != NULL ? slice_new(token.ptr, (size_t)(end - token.ptr)) : token;
}

/* Its claims under another head: unsigned, with the signature that it had, or with one by a key
 * that is known to everybody. */
static void s_change_head(draft_t *draft, slice_t token)
{
    static const char *const heads[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"NONE\"}",
        "{\"alg\":\"\"}",
        "{\"alg\":null}",
        "{}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"ES256\"}",
        "{\"alg\":\"HS256\",\"alg\":\"none\"}",
        "{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\"}",
        "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
        "[]",
        "\"HS256\"",
        "",
    };
    static const char *const keys[] = {"", "secret", "00000000000000000000000000000000", "null"};
    buf_t text = {0}, claims = {0};
    slice_t head = slice_of(heads[s_random(COUNT_OF(heads))]);
    if (s_random(2) == 0 && crypto_base64url_read(s_part(token, 1), &claims) == ERR_OK) {
        slice_t key = slice_of(keys[s_random(COUNT_OF(keys))]);
        s_set(draft, s_sign_jwt(head, buf_slice(&claims), key));
    } else {
        crypto_base64url(&text, head);
        buf_append_byte(&text, '.');
        buf_append(&text, s_part(token, 1));
        buf_append_byte(&text, '.');
        if (s_random(2) == 0)
            buf_append(&text, s_part(token, 2));
        s_set(draft, buf_slice(&text));
    }
    buf_free(&text);
    buf_free(&claims);
}

static void s_change(draft_t *draft, const kind_t *kind, slice_t token, slice_t other)
{
    uint64_t way = s_random(8);
    s_set(draft, token);
    if (way == 0 && kind->jwt)
        s_change_head(draft, token);
    else if (way == 1)
        s_mix(draft, other);
    for (uint64_t more = way < 2 ? s_random(2) : 1 + s_random(3); more > 0 && draft->len > 0;
         more--)
        s_changes[s_random(COUNT_OF(s_changes))](draft);
}

/* ---- trying ---- */

static void s_show(const kind_t *kind, slice_t text)
{
    printf("ACCEPTED %s: ", kind->name);
    for (size_t i = 0; i < text.len; i++)
        printf(text.ptr[i] > ' ' && text.ptr[i] <= '~' ? "%c" : "\\x%02x", text.ptr[i]);
    printf("\n");
}

static void s_expect_genuine(const kind_t *kind, slice_t one, slice_t two)
{
    if (kind->opens(one) && kind->opens(two))
        return;
    printf("REFUSED a genuine %s: nothing is tried\n", kind->name);
    exit(EXIT_FAILURE);
}

/* How many were let in that should not have been. */
static uint64_t s_try(const kind_t *kind, uint64_t count)
{
    uint64_t accepted = 0;
    static draft_t draft;
    for (uint64_t i = 0; i < count; i++) {
        if (i % LOOK_EVERY == 0)
            arena_reset(s_world.arena);
        slice_t one = kind->make(1), two = kind->make(2);
        if (i % LOOK_EVERY == 0)
            s_expect_genuine(kind, one, two);
        s_change(&draft, kind, one, two);
        slice_t text = slice_new(draft.bytes, draft.len);
        if (!kind->opens(text) || s_same(kind, text, one) || s_same(kind, text, two))
            continue;
        if (accepted++ < SHOWN_MAX)
            s_show(kind, text);
    }
    return accepted;
}

static void s_open(void)
{
    char path[96];
    umask(077);
    log_set_level(LOG_LEVEL_ERROR);
    snprintf(s_world.folder, sizeof s_world.folder, "/tmp/kith-forge-XXXXXX");
    if (crypto_start() != ERR_OK || mkdtemp(s_world.folder) == NULL ||
        mint_open(s_world.folder, &s_world.mint) != ERR_OK)
        exit(EXIT_FAILURE);
    snprintf(path, sizeof path, "%s/secret", s_world.folder);
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(s_secret, file) < 0 || fclose(file) != 0)
        exit(EXIT_FAILURE);
    issuer_options_t options = {.name = "them", .audience = "us", .secret_file = path};
    if (issuer_open(&options, &s_world.issuer) != ERR_OK)
        exit(EXIT_FAILURE);
    unlink(path);
    snprintf(path, sizeof path, "%s/token.key", s_world.folder);
    unlink(path);
    rmdir(s_world.folder);
    s_world.arena = arena_new();
    s_world.app = (pusher_app_t){SLICE_LIT("key"), SLICE_LIT("secret")};
}

int main(int argc, char **argv)
{
    uint64_t each = argc > 1 ? strtoull(argv[1], NULL, 10) : TOTAL / COUNT_OF(s_kinds);
    uint64_t failed = 0;
    s_open();
    if (argc > 2)
        s_world.random = strtoull(argv[2], NULL, 10);
    else
        crypto_random((uint8_t *)&s_world.random, sizeof s_world.random);
    printf("seed %" PRIu64 "\n", s_world.random);
    for (size_t i = 0; i < COUNT_OF(s_kinds); i++) {
        uint64_t accepted = s_try(&s_kinds[i], each);
        printf("%-26s %" PRIu64 " changes, %" PRIu64 " accepted\n", s_kinds[i].name, each,
               accepted);
        failed += accepted > 0;
    }
    printf("%zu passed, %" PRIu64 " failed\n", COUNT_OF(s_kinds) - (size_t)failed, failed);
    issuer_close(&s_world.issuer);
    mint_close(&s_world.mint);
    arena_destroy(&s_world.arena);
    return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
