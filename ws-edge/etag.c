#include "ws-edge/etag.h"

#include <assert.h>

#include "actors/crypto.h"

void etag_of(slice_t body, char ret_tag[ETAG_SIZE])
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    buf_t text = {0};
    crypto_blake128((slice_t){0}, body, hash);
    crypto_base64url(&text, slice_new(hash, sizeof hash));
    assert(text.len == ETAG_SIZE - 1);
    memcpy(ret_tag, text.data, text.len);
    ret_tag[text.len] = '\0';
    buf_free(&text);
}

/* Quotes on both sides, so that no part of a longer tag will do. */
static bool s_quoted(slice_t header, const uint8_t *at, size_t len)
{
    const uint8_t *end = header.ptr + header.len;
    return at > header.ptr && at[-1] == '"' && at + len < end && at[len] == '"';
}

bool etag_names(slice_t header, slice_t tag)
{
    if (slice_is(header, "*"))
        return true;
    slice_t rest = header;
    while (rest.len > tag.len) {
        const uint8_t *at = memmem(rest.ptr, rest.len, tag.ptr, tag.len);
        if (at == NULL)
            return false;
        if (s_quoted(header, at, tag.len))
            return true;
        rest = slice_from(rest, (size_t)(at - rest.ptr) + 1);
    }
    return false;
}
