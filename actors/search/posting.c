#include "actors/search/posting.h"

#include <endian.h>

static uint64_t s_word(const posting_t *posting, size_t at)
{
    uint64_t word;
    memcpy(&word, posting->bits + at, sizeof word);
    return word;
}

size_t posting_count(const posting_t *posting)
{
    size_t count = 0;
    for (size_t at = 0; at < POSTING_SIZE; at += sizeof(uint64_t))
        count += (size_t)__builtin_popcountll(s_word(posting, at));
    return count;
}

void posting_join(posting_t *posting, const posting_t *other)
{
    for (size_t i = 0; i < POSTING_SIZE; i++)
        posting->bits[i] |= other->bits[i];
}

void posting_meet(posting_t *posting, const posting_t *other)
{
    for (size_t i = 0; i < POSTING_SIZE; i++)
        posting->bits[i] &= other->bits[i];
}

void posting_cut(posting_t *posting, size_t from)
{
    if (from >= SEGMENT)
        return;
    posting->bits[from / 8] &= (uint8_t)((1u << from % 8) - 1);
    memset(posting->bits + from / 8 + 1, 0, POSTING_SIZE - from / 8 - 1);
}

static void s_put_offsets(buf_t *out, const posting_t *posting, size_t count)
{
    uint8_t *to = buf_reserve(out, 2 * count);
    out->len += 2 * count;
    for (size_t at = 0; at < POSTING_SIZE; at += sizeof(uint64_t))
        for (uint64_t word = le64toh(s_word(posting, at)); word != 0; word &= word - 1) {
            size_t offset = 8 * at + (size_t)__builtin_ctzll(word);
            *to++ = (uint8_t)(offset >> 8);
            *to++ = (uint8_t)offset;
        }
}

void posting_put(buf_t *out, const posting_t *posting)
{
    size_t count = posting_count(posting);
    if (count * 2 < POSTING_SIZE)
        s_put_offsets(out, posting, count);
    else
        buf_append(out, slice_new(posting->bits, POSTING_SIZE));
}

void posting_read(posting_t *posting, slice_t bytes)
{
    if (bytes.len == POSTING_SIZE) {
        for (size_t i = 0; i < POSTING_SIZE; i++)
            posting->bits[i] |= bytes.ptr[i];
        return;
    }
    for (; bytes.len >= 2; bytes = slice_from(bytes, 2))
        posting_add(posting, ((size_t)bytes.ptr[0] << 8 | bytes.ptr[1]) % SEGMENT);
}
