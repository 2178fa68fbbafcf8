/* text.h - UTF-8 as RFC 3629 has it. */
#ifndef SCHEMA_TEXT_H
#define SCHEMA_TEXT_H

#include "schema/slice.h"

/* Well-formed: no overlong forms, no surrogates, nothing above U+10FFFF, no NUL. */
bool text_valid(slice_t text);

/* Bytes of the code point at the start of `text`, which has at least one; 0 if malformed. */
size_t text_decode(slice_t text, uint32_t *ret_point);

/* Write a code point, which has at most 4 bytes; how many it has. */
static inline size_t text_encode(uint32_t point, uint8_t *to)
{
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0}; /* of the first byte, by the length */
    size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, point >>= 6)
        to[i] = (uint8_t)(0x80 | (point & 0x3f));
    to[0] = (uint8_t)(marks[len] | point);
    return len;
}

/* Code points of a well-formed text. */
size_t text_length(slice_t text);

/* The first `max` code points of a well-formed text. */
slice_t text_cut(slice_t text, size_t max);

/* Fit to be shown as a name: well-formed, no controls, no bidirectional marks, nothing
 * that is not seen, none of `<>&"'`, no space but ' ' and none at either end. */
bool text_nameable(slice_t text);

/* Formed as a uuid is written here (RFC 9562, section 4): in small letters. */
bool text_is_uuid(slice_t text);

/* Lower case of A–Z; other letters are left alone.  `to` has room for text.len. */
void text_lower(slice_t text, uint8_t *to);

/* Decimal digits alone, at least one and at most `digits_max`, of which 19 always fit. */
bool text_number(slice_t text, size_t digits_max, uint64_t *ret_number);

#endif
