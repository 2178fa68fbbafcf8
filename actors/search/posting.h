/* posting.h - a set of messages of one segment.
 *
 * A segment is a run of SEGMENT consecutive message ids; a message is known in it by its
 * offset.  In memory a set is a map of bits.  As bytes it is whichever is shorter: its
 * offsets ascending, two bytes each, or the map, which is told by its length. */
#ifndef ACTORS_SEARCH_POSTING_H
#define ACTORS_SEARCH_POSTING_H

#include "schema/buf.h"

enum { SEGMENT_BITS = 11, SEGMENT = 1 << SEGMENT_BITS, POSTING_SIZE = SEGMENT / 8 };

typedef struct posting {
    uint8_t bits[POSTING_SIZE];
} posting_t;

static inline void posting_add(posting_t *posting, size_t offset)
{
    posting->bits[offset / 8] |= (uint8_t)(1u << offset % 8);
}

static inline void posting_drop(posting_t *posting, size_t offset)
{
    posting->bits[offset / 8] &= (uint8_t) ~(1u << offset % 8);
}

static inline bool posting_has(const posting_t *posting, size_t offset)
{
    return posting->bits[offset / 8] >> offset % 8 & 1;
}

/* How many are in it. */
size_t posting_count(const posting_t *posting);

/* Into the first, those of the second too; only those of both. */
void posting_join(posting_t *posting, const posting_t *other);
void posting_meet(posting_t *posting, const posting_t *other);

/* Drop all offsets from `from` on. */
void posting_cut(posting_t *posting, size_t from);

/* Append as bytes. */
void posting_put(buf_t *out, const posting_t *posting);

/* Add what the bytes hold; what makes no sense is passed over. */
void posting_read(posting_t *posting, slice_t bytes);

#endif
