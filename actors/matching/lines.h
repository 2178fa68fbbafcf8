/* lines.h - the tags of many people laid on their side, so that hundreds are asked at once.
 *
 * People stand in blocks of 512.  A block has 192 lines of a bit for each of them: a tag
 * is three of these lines, one of 64 by each of three parts of its hash.  So whoever has a
 * tag has their bit in all three; of those who have theirs there, few have not the tag.
 * To ask a block for a tag is to read three lines of memory, 64 bytes each. */
#ifndef ACTORS_MATCHING_LINES_H
#define ACTORS_MATCHING_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_PEOPLE = 512, LINE_WORDS = LINE_PEOPLE / 64, LINES_A_BLOCK = 3 * 64 };

typedef struct line {
    uint64_t words[LINE_WORDS];
} line_t;

/* Tags as trait.h has them. */
typedef struct tags {
    const uint32_t *items;
    size_t count; /* 15 at most, where they are counted */
} tags_t;

/* The bits of somebody, who is one of 512; all of them off before somebody else comes. */
void lines_set(line_t *block, uint32_t index, tags_t tags, bool on);

/* Who may have all of the one's tags, and at least so many of the other's. */
void lines_pick(const line_t *block, tags_t all, tags_t some, uint32_t some_min,
                line_t *ret_picked);

#endif
