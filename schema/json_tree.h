/* json_tree.h - what a JSON document is in memory, for those who make and read trees.
 *
 * A tree is a few blocks of memory: the first has the document itself, in which texts and names
 * were unescaped where they stand, and room for the nodes of a small one.  Items and members lie
 * side by side, in their order. */
#ifndef SCHEMA_JSON_TREE_H
#define SCHEMA_JSON_TREE_H

#include <endian.h>

#include "schema/json.h"

typedef enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INTEGER,
    JSON_REAL, /* has a fraction or an exponent, or is beyond 64 bits */
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT,
} json_kind_t;

struct json_node {
    const char *name; /* of a member; ends with NUL, as texts do */
    union {
        int64_t integer;
        double real;
        const char *text;
        const json_node_t *items; /* and members */
    };
    uint32_t count; /* bytes of a text, items, members */
    json_kind_t kind;
};

/* How many bytes at the start stand for themselves in a quoted text: no quote, no backslash,
 * no control.  Eight at a time, as most texts have none of these. */
static inline size_t json_ordinary(slice_t text)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t len = 0;
    for (uint64_t word; len + sizeof word <= text.len; len += sizeof word) {
        memcpy(&word, text.ptr + len, sizeof word);
        word = le64toh(word);
        uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
        uint64_t stops = (word - ones * ' ') & ~word;
        stops |= ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
        if ((stops & highs) != 0)
            return len + (size_t)__builtin_ctzll(stops & highs) / 8;
    }
    while (len < text.len && text.ptr[len] >= ' ' && text.ptr[len] != '"' && text.ptr[len] != '\\')
        len++;
    return len;
}

#endif
