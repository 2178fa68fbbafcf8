#include "actors/matching/lines.h"

enum { SETS = 3, BITS = 64, PLANES = 4 };

/* The line of a tag in one of the sets. */
static size_t s_line(uint32_t tag, uint32_t set)
{
    return set * BITS + (tag >> 6 * set) % BITS;
}

void lines_set(line_t *block, uint32_t index, tags_t tags, bool on)
{
    uint64_t bit = UINT64_C(1) << index % 64;
    for (size_t i = 0; i < tags.count; i++)
        for (uint32_t set = 0; set < SETS; set++) {
            uint64_t *word = &block[s_line(tags.items[i], set)].words[index / 64];
            *word = on ? *word | bit : *word & ~bit;
        }
}

/* Who may have a tag. */
static line_t s_having(const line_t *block, uint32_t tag)
{
    const line_t *one = &block[s_line(tag, 0)], *two = &block[s_line(tag, 1)],
                 *three = &block[s_line(tag, 2)];
    line_t having;
    for (size_t i = 0; i < LINE_WORDS; i++)
        having.words[i] = one->words[i] & two->words[i] & three->words[i];
    return having;
}

/* Planes are the digits of a number for each: one more for those who have it. */
static void s_add(line_t planes[PLANES], line_t having)
{
    for (size_t plane = 0; plane < PLANES; plane++)
        for (size_t i = 0; i < LINE_WORDS; i++) {
            uint64_t carry = planes[plane].words[i] & having.words[i];
            planes[plane].words[i] ^= having.words[i];
            having.words[i] = carry;
        }
}

/* Only those whose number is not below the least. */
static void s_keep_from(const line_t planes[PLANES], uint32_t least, line_t *picked)
{
    for (size_t i = 0; i < LINE_WORDS; i++) {
        uint64_t above = 0, equal = UINT64_MAX;
        for (size_t plane = PLANES; plane-- > 0;) {
            uint64_t digit = least >> plane & 1 ? UINT64_MAX : 0;
            above |= equal & planes[plane].words[i] & ~digit;
            equal &= ~(planes[plane].words[i] ^ digit);
        }
        picked->words[i] &= above | equal;
    }
}

static bool s_is_nobody(const line_t *line)
{
    uint64_t any = 0;
    for (size_t i = 0; i < LINE_WORDS; i++)
        any |= line->words[i];
    return any == 0;
}

void lines_pick(const line_t *block, tags_t all, tags_t some, uint32_t some_min, line_t *ret_picked)
{
    line_t planes[PLANES] = {0};
    for (size_t i = 0; i < LINE_WORDS; i++)
        ret_picked->words[i] = UINT64_MAX;
    for (size_t tag = 0; tag < all.count; tag++) {
        line_t having = s_having(block, all.items[tag]);
        for (size_t i = 0; i < LINE_WORDS; i++)
            ret_picked->words[i] &= having.words[i];
    }
    if (some_min == 0 || s_is_nobody(ret_picked))
        return;
    for (size_t tag = 0; tag < some.count; tag++)
        s_add(planes, s_having(block, some.items[tag]));
    s_keep_from(planes, some_min, ret_picked);
}
