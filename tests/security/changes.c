/* changes.c - what is done to a genuine text, one to three times. */
#include "tests/security/changes.h"

#include <string.h>

#include "actors/crypto.h"
#include "schema/buf.h"
#include "schema/mem.h"

static uint64_t s_state;

void change_seed(uint64_t seed)
{
    s_state = seed;
}

static uint64_t s_random(uint64_t below)
{
    uint64_t mixed = s_state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return below > 0 ? (mixed ^ mixed >> 31) % below : 0;
}

static void s_set(draft_t *draft, slice_t text)
{
    draft->len = text.len < sizeof draft->bytes ? text.len : sizeof draft->bytes;
    if (draft->len > 0)
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
    if (put.len > 0)
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
        s_set(draft, doors_sign(head, buf_slice(&claims), key));
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

void change(draft_t *draft, const kind_t *kind, slice_t token, slice_t other)
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
