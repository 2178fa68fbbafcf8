/* picture.c - a data URI is held to the letter: a media type, base64, and a picture in it. */
#include "ws-edge/picture.h"

#include "actors/crypto.h"
#include "actors/photo.h"
#include "ws-edge/magic.h"
#include "ws-edge/metadata.h"

static const char s_scheme[] = "data:";
static const char s_base64[] = ";base64";
static const char s_types[] = "image/jpeg image/png image/webp"; /* as the document has it */

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

static const char *s_decode(slice_t uri, arena_t *arena, buf_t *content)
{
    slice_t text;
    if (!s_payload(uri, &text))
        return "has a data URI without base64";
    if (text.len / 4 > LIMIT_PHOTO / 3 + 1)
        return "has a picture of more than 5 MiB";
    if (crypto_base64_read(s_with_plus(text, arena), content) != ERR_OK)
        return "has a data URI whose base64 is broken";
    return content->len > LIMIT_PHOTO ? "has a picture of more than 5 MiB" : NULL;
}

static const char *s_take(slice_t content, arena_t *arena, buf_t *left, picture_t *ret_picture)
{
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    buf_t id = {0};
    slice_t type = slice_of(magic_type(content, true));
    if (!magic_listed(type, slice_of(s_types)))
        return "has a data URI that is no JPEG, PNG or WebP";
    if (metadata_strip(content, left) != ERR_OK)
        return "has a picture that is broken";
    crypto_blake256(buf_slice(left), hash);
    crypto_base64url(&id, slice_new(hash, sizeof hash));
    *ret_picture = (picture_t){
        .content = arena_copy(arena, buf_slice(left)),
        .file = {.id = arena_copy(arena, buf_slice(&id)),
                 .name = slice_of(photo_name(type)),
                 .type = type,
                 .size = left->len},
    };
    ret_picture->url = photo_url(&ret_picture->file, arena);
    buf_free(&id);
    return NULL;
}

err_t picture_read(slice_t uri, arena_t *arena, picture_t *ret_picture, const char **ret_problem)
{
    buf_t content = {0}, left = {0};
    const char *problem = s_decode(uri, arena, &content);
    if (problem == NULL)
        problem = s_take(buf_slice(&content), arena, &left, ret_picture);
    buf_free(&content);
    buf_free(&left);
    if (problem == NULL)
        return ERR_OK;
    *ret_problem = problem;
    return ERR_INVALID;
}
