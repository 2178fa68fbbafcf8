/* digests.c - a path that a line can hold has no control characters and no backslash, which
 * b2sum would escape. */
#include "tools/kith/digests.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/crypto.h"
#include "broker/anchor.h"
#include "schema/mem.h"

enum { HEX = 2 * HASH_SIZE, BLANKS = 2 };

const char digests_file[] = "digests";

/* Below the folder, whoever has written it. */
static bool s_good(slice_t path)
{
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] < ' ' || path.ptr[i] == 0x7f || path.ptr[i] == '\\')
            return false;
    for (size_t at = 0; at <= path.len;) {
        const uint8_t *end = at < path.len ? memchr(path.ptr + at, '/', path.len - at) : NULL;
        slice_t part =
            slice_new(path.ptr + at, end != NULL ? (size_t)(end - path.ptr) - at : path.len - at);
        if (part.len == 0 || slice_is(part, ".") || slice_is(part, ".."))
            return false;
        at += part.len + 1;
    }
    return true;
}

static void s_add(digests_t *digests, slice_t path, const uint8_t hash[HASH_SIZE])
{
    assert(path.ptr != NULL);
    if (digests->count == digests->size) {
        digests->size = digests->size > 0 ? digests->size * 2 : 64;
        digests->items = mem_grow(digests->items, digests->size * sizeof *digests->items);
    }
    digest_t *digest = &digests->items[digests->count++];
    digest->path = mem_zeroed(path.len + 1);
    memcpy(digest->path, path.ptr, path.len);
    memcpy(digest->hash, hash, HASH_SIZE);
}

bool digests_add(digests_t *digests, const char *path, const uint8_t hash[HASH_SIZE])
{
    bool good = s_good(slice_of(path));
    if (good)
        s_add(digests, slice_of(path), hash);
    return good;
}

static int s_compare(const void *a, const void *b)
{
    const digest_t *left = a, *right = b;
    return strcmp(left->path, right->path);
}

void digests_sort(digests_t *digests)
{
    if (digests->count > 1)
        qsort(digests->items, digests->count, sizeof *digests->items, s_compare);
}

const digest_t *digests_find(const digests_t *digests, const char *path)
{
    const digest_t wanted = {.path = (char *)(uintptr_t)path};
    if (digests->count == 0)
        return NULL;
    return bsearch(&wanted, digests->items, digests->count, sizeof *digests->items, s_compare);
}

void digests_put(buf_t *out, const digests_t *digests)
{
    for (size_t i = 0; i < digests->count; i++) {
        crypto_hex(out, slice_new(digests->items[i].hash, HASH_SIZE));
        buf_printf(out, "  %s\n", digests->items[i].path);
    }
}

/* One line without its end. */
static bool s_read_line(slice_t line, digests_t *digests)
{
    uint8_t hash[HASH_SIZE];
    if (line.len <= HEX + BLANKS || memcmp(line.ptr + HEX, "  ", BLANKS) != 0)
        return false;
    slice_t path = slice_from(line, HEX + BLANKS);
    if (!anchor_hash(slice_new(line.ptr, HEX), hash) || !s_good(path))
        return false;
    s_add(digests, path, hash);
    return true;
}

err_t digests_read(slice_t text, digests_t *ret_digests)
{
    digests_t digests = {0};
    bool good = true;
    while (good && text.len > 0) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        good = end != NULL && s_read_line(slice_new(text.ptr, (size_t)(end - text.ptr)), &digests);
        if (good)
            text = slice_from(text, (size_t)(end - text.ptr) + 1);
    }
    if (!good) {
        digests_free(&digests);
        return ERR_CORRUPT;
    }
    digests_sort(&digests);
    *ret_digests = digests;
    return ERR_OK;
}

void digests_free(digests_t *digests)
{
    for (size_t i = 0; i < digests->count; i++)
        mem_free(digests->items[i].path);
    mem_free(digests->items);
    *digests = (digests_t){0};
}
