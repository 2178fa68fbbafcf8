/* picture.c - a data URI is held to the letter: a media type, base64, and a picture in it. */
#include "ws-edge/picture.h"

#include "actors/crypto.h"
#include "schema/limits.h"
#include "schema/mem.h"
#include "ws-edge/magic.h"

static const char s_scheme[] = "data:";
static const char s_base64[] = ";base64";
static const char s_folder[] = "/api/photos/";

enum { DIGITS_MAX = 7 }; /* of a size */

static const struct {
    const char *type;
    const char *suffix;
} s_kinds[] = {{"image/jpeg", ".jpg"}, {"image/png", ".png"}, {"image/webp", ".webp"}};

static size_t s_kind(const char *type)
{
    size_t kind = 0;
    while (kind < COUNT_OF(s_kinds) && strcmp(s_kinds[kind].type, type) != 0)
        kind++;
    return kind;
}

/* ---- in ---- */

bool picture_is_data(slice_t uri)
{
    return slice_starts(uri, slice_of(s_scheme));
}

/* What is behind the comma, if base64 is. */
static bool s_payload(slice_t uri, slice_t *ret_text)
{
    slice_t mark = slice_of(s_base64);
    const uint8_t *comma = memchr(uri.ptr, ',', uri.len);
    size_t before = comma != NULL ? (size_t)(comma - uri.ptr) : 0;
    if (before < mark.len || !slice_eq(slice_new(comma - mark.len, mark.len), mark))
        return false;
    *ret_text = slice_from(uri, before + 1);
    return true;
}

static slice_t s_with_plus(slice_t text, arena_t *arena)
{
    if (memchr(text.ptr, ' ', text.len) == NULL)
        return text; /* as most are, and they are long */
    uint8_t *copy = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.ptr[i] == ' ' ? '+' : text.ptr[i];
    return slice_new(copy, text.len);
}

static slice_t s_url(slice_t content, size_t kind, arena_t *arena)
{
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    buf_t id = {0};
    crypto_blake256(content, hash);
    crypto_base64url(&id, slice_new(hash, sizeof hash));
    slice_t url = arena_printf(arena, "%s%.*s-%zu%s", s_folder, SLICE_ARG(buf_slice(&id)),
                               content.len, s_kinds[kind].suffix);
    buf_free(&id);
    return url;
}

static err_t s_wrong(const char **ret_problem, const char *problem)
{
    *ret_problem = problem;
    return ERR_INVALID;
}

err_t picture_read(slice_t uri, arena_t *arena, picture_t *ret_picture, const char **ret_problem)
{
    slice_t text;
    buf_t bytes = {0};
    if (!s_payload(uri, &text))
        return s_wrong(ret_problem, "has a data URI without base64");
    if (text.len / 4 > PICTURE_BYTES_MAX / 3 + 1)
        return s_wrong(ret_problem, "has a picture of more than 5 MiB");
    err_t err = crypto_base64_read(s_with_plus(text, arena), &bytes);
    slice_t content = arena_copy(arena, buf_slice(&bytes));
    buf_free(&bytes);
    size_t kind = s_kind(magic_type(content, true));
    if (err != ERR_OK)
        return s_wrong(ret_problem, "has a data URI whose base64 is broken");
    if (content.len > PICTURE_BYTES_MAX)
        return s_wrong(ret_problem, "has a picture of more than 5 MiB");
    if (kind == COUNT_OF(s_kinds))
        return s_wrong(ret_problem, "has a data URI that is no JPEG, PNG or WebP");
    *ret_picture = (picture_t){content, s_url(content, kind, arena)};
    return ERR_OK;
}

/* ---- out ---- */

/* `-<digits>` off the front. */
static bool s_size(slice_t *rest, uint64_t *ret_size)
{
    size_t at = 1;
    *ret_size = 0;
    if (rest->len == 0 || rest->ptr[0] != '-')
        return false;
    for (; at < rest->len && rest->ptr[at] >= '0' && rest->ptr[at] <= '9'; at++)
        *ret_size = *ret_size * 10 + (uint64_t)(rest->ptr[at] - '0');
    *rest = slice_from(*rest, at);
    return at > 1;
}

bool picture_named(slice_t name, slice_t *ret_id, uint64_t *ret_size, const char **ret_type)
{
    if (name.len < LIMIT_FILE_ID || name.len > LIMIT_FILE_ID + 1 + DIGITS_MAX + strlen(".webp"))
        return false;
    slice_t rest = slice_from(name, LIMIT_FILE_ID);
    *ret_id = slice_new(name.ptr, LIMIT_FILE_ID);
    if (!s_size(&rest, ret_size) || *ret_size == 0 || *ret_size > PICTURE_BYTES_MAX)
        return false;
    for (size_t i = 0; i < COUNT_OF(s_kinds); i++)
        if (slice_is(rest, s_kinds[i].suffix)) {
            *ret_type = s_kinds[i].type;
            return true;
        }
    return false;
}
