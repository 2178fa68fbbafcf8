/* slice.h - a borrowed run of bytes.
 *
 * A slice owns nothing: it is valid as long as what it points into.  An absent
 * value is the zero slice (ptr NULL); an empty one has a pointer and length 0. */
#ifndef SCHEMA_SLICE_H
#define SCHEMA_SLICE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct slice {
    const uint8_t *ptr;
    size_t len; /* bytes */
} slice_t;

/* For printf: `printf("%.*s", SLICE_ARG(s))`. */
#define SLICE_ARG(s) (int)(s).len, (s).ptr ? (const char *)(s).ptr : ""
#define SLICE_LIT(text) ((slice_t){(const uint8_t *)(text), sizeof(text) - 1})

static inline slice_t slice_new(const void *ptr, size_t len)
{
    return (slice_t){ptr, len};
}

static inline slice_t slice_of(const char *text)
{
    return (slice_t){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline bool slice_eq(slice_t a, slice_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_is(slice_t a, const char *text)
{
    return slice_eq(a, slice_of(text));
}

static inline bool slice_starts(slice_t a, slice_t prefix)
{
    return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.ptr, prefix.ptr, prefix.len) == 0);
}

/* Below 0, 0 or above: byte by byte, the shorter first where one begins the other. */
static inline int slice_compare(slice_t a, slice_t b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* The first eight bytes as a number: what differs there compares as the slices do. */
static inline uint64_t slice_head(slice_t a)
{
    uint64_t head = 0;
    if (a.len > 0)
        memcpy(&head, a.ptr, a.len < sizeof head ? a.len : sizeof head);
    return be64toh(head);
}

/* The part of `a` from `from` on; `from` may not pass the end. */
static inline slice_t slice_from(slice_t a, size_t from)
{
    return (slice_t){a.ptr + from, a.len - from};
}

#endif
