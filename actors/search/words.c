/* words.c - one pass over a text, character by character.
 *
 *   sign   ends a word
 *   mark   is passed over
 *   letter goes on with a word, or begins one
 *   alone  ends a word of letters; completes the word that the character before it has
 *          begun, and begins another
 *
 * What a character is stands in letters.def; ASCII is decided without it. */
#include "actors/search/words.h"

#include <assert.h>
#include <stdlib.h>
#include <uchar.h>

#include "schema/mem.h"
#include "schema/text.h"

typedef enum class { CLASS_SIGN, CLASS_MARK, CLASS_ALONE, CLASS_LETTER } class_t;

enum { FEW = 48 /* words that are in order sooner without qsort */ };

/* What the code points of a row are, and what letters stand for. */
typedef struct range {
    char32_t first;
    char32_t last;
    class_t class;
    int32_t by;
    const char16_t *letters;
} range_t;

#define SIGNS(first, last) {first, last, CLASS_SIGN, 0, NULL},
#define MARKS(first, last) {first, last, CLASS_MARK, 0, NULL},
#define ALONE(first, last) {first, last, CLASS_ALONE, 0, NULL},
#define SHIFT(first, last, by) {first, last, CLASS_LETTER, by, NULL},
#define LETTERS(first, last, letters) {first, last, CLASS_LETTER, 0, letters},
#define PAIR(letter, one, other)
static const range_t s_ranges[] = {
#include "actors/search/letters.def"
};
#undef SIGNS
#undef MARKS
#undef ALONE
#undef SHIFT
#undef LETTERS
#undef PAIR

/* Every row has a letter for each of its code points. */
#define SIGNS(first, last)
#define MARKS(first, last)
#define ALONE(first, last)
#define SHIFT(first, last, by)
#define LETTERS(first, last, letters)                               \
    _Static_assert(sizeof(letters) / 2 - 1 == (last) - (first) + 1, \
                   "one letter a code point, in the row of " #first);
#define PAIR(letter, one, other)
#include "actors/search/letters.def"
#undef LETTERS
#undef PAIR

static const struct pair {
    char16_t letter;
    char one;
    char other;
} s_pairs[] = {
#define LETTERS(first, last, letters)
#define PAIR(letter, one, other) {letter, one, other},
#include "actors/search/letters.def"
};
#undef SIGNS
#undef MARKS
#undef ALONE
#undef SHIFT
#undef LETTERS
#undef PAIR

/* A word that was found. */
typedef struct found {
    uint64_t head;
    slice_t word;
} found_t;

/* The text being split. */
typedef struct splitter {
    found_t *items;
    size_t count;
    size_t size;
    uint8_t *end;   /* where the next byte goes */
    uint8_t *begun; /* of the word at hand; NULL: none */
    size_t chars;   /* of it */
    bool alone;     /* its only character is of a script without spaces */
} splitter_t;

/* ---- characters ---- */

static const range_t *s_find(char32_t point)
{
    size_t low = 0, high = COUNT_OF(s_ranges);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s_ranges[middle].last < point)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < COUNT_OF(s_ranges) && s_ranges[low].first <= point;
    return found ? &s_ranges[low] : NULL;
}

static class_t s_class_of_ascii(char32_t *point)
{
    if (*point >= 'A' && *point <= 'Z')
        *point += 'a' - 'A';
    bool letter = (*point >= 'a' && *point <= 'z') || (*point >= '0' && *point <= '9');
    return letter ? CLASS_LETTER : CLASS_SIGN;
}

/* What a code point is; a letter becomes the one that it stands for. */
static class_t s_class(char32_t *point)
{
    if (*point < 0x80)
        return s_class_of_ascii(point);
    const range_t *range = s_find(*point);
    if (range == NULL)
        return CLASS_LETTER;
    if (range->letters != NULL)
        *point = range->letters[*point - range->first];
    else
        *point = (char32_t)((int32_t)*point + range->by);
    return *point == '.' ? CLASS_SIGN : range->class;
}

static const struct pair *s_pair(char32_t point)
{
    for (size_t i = 0; i < COUNT_OF(s_pairs); i++)
        if (s_pairs[i].letter == point)
            return &s_pairs[i];
    return NULL;
}

static void s_encode(splitter_t *splitter, char32_t point)
{
    splitter->end += text_encode(point, splitter->end);
    splitter->chars++;
}

/* ---- words ---- */

static void s_end(splitter_t *splitter)
{
    if (splitter->begun == NULL)
        return;
    slice_t word = slice_new(splitter->begun, (size_t)(splitter->end - splitter->begun));
    splitter->items[splitter->count++] = (found_t){slice_head(word), word};
    splitter->begun = NULL;
    splitter->alone = false;
}

static void s_begin(splitter_t *splitter)
{
    splitter->begun = splitter->end;
    splitter->chars = 0;
}

static void s_letter(splitter_t *splitter, char32_t point)
{
    const struct pair *pair = point < 0x80 ? NULL : s_pair(point);
    if (splitter->alone)
        s_end(splitter);
    if (splitter->begun == NULL)
        s_begin(splitter);
    if (splitter->chars < WORD_CHARS)
        s_encode(splitter, pair != NULL ? (char32_t)pair->one : point);
    if (pair != NULL && splitter->chars < WORD_CHARS)
        s_encode(splitter, (char32_t)pair->other);
}

static void s_alone(splitter_t *splitter, char32_t point)
{
    if (splitter->alone)
        s_encode(splitter, point);
    s_end(splitter);
    if (splitter->count == splitter->size)
        return;
    s_begin(splitter);
    s_encode(splitter, point);
    splitter->alone = true;
}

static bool s_is_plain(uint8_t byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10;
}

/* A run of ASCII letters and digits, as most of all texts is, at once; false: none begins here. */
static bool s_run(splitter_t *splitter, slice_t *text)
{
    const uint8_t *at = text->ptr, *end = at + text->len;
    if (!s_is_plain(*at))
        return false;
    if (splitter->alone)
        s_end(splitter);
    if (splitter->begun == NULL)
        s_begin(splitter);
    for (; at < end && s_is_plain(*at); at++)
        if (splitter->chars < WORD_CHARS) {
            *splitter->end++ = *at | 0x20; /* digits have that bit */
            splitter->chars++;
        }
    *text = slice_new(at, (size_t)(end - at));
    return true;
}

static void s_take(splitter_t *splitter, char32_t point)
{
    switch (s_class(&point)) {
    case CLASS_SIGN:
        s_end(splitter);
        return;
    case CLASS_MARK:
        return;
    case CLASS_ALONE:
        s_alone(splitter, point);
        return;
    case CLASS_LETTER:
        s_letter(splitter, point);
        return;
    }
}

static int s_compare(const void *a, const void *b)
{
    const found_t *one = a, *other = b;
    if (one->head != other->head)
        return one->head < other->head ? -1 : 1;
    return slice_compare(one->word, other->word);
}

/* As most texts are: a few words. */
static void s_sort_few(found_t *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        found_t item = items[i];
        size_t place = i;
        for (; place > 0 && s_compare(&item, &items[place - 1]) < 0; place--)
            items[place] = items[place - 1];
        items[place] = item;
    }
}

/* Each once, in order. */
static words_t s_distinct(const splitter_t *splitter, arena_t *arena)
{
    found_t *items = splitter->items;
    slice_t *words = arena_alloc(arena, splitter->count * sizeof *words);
    size_t kept = 0;
    if (splitter->count <= FEW)
        s_sort_few(items, splitter->count);
    else
        qsort(items, splitter->count, sizeof *items, s_compare);
    for (size_t i = 0; i < splitter->count; i++)
        if (i == 0 || s_compare(&items[i], &items[i - 1]) != 0)
            words[kept++] = items[i].word;
    return (words_t){words, kept};
}

/* The next character of the text; ASCII, as nearly all is, without a call. */
static uint32_t s_next(slice_t *text)
{
    uint32_t point = text->ptr[0];
    size_t len = point < 0x80 ? 1 : text_decode(*text, &point);
    assert(len > 0);
    *text = slice_from(*text, len);
    return point;
}

/* A character takes no more bytes in a word than in the text, and is in two words at most.  A word
 * takes two bytes of the text: a letter and what ends it, or a character that is a word alone. */
words_t words_of(slice_t text, arena_t *arena)
{
    size_t size = text.len / 2 + 1 < WORDS_MAX ? text.len / 2 + 1 : WORDS_MAX;
    uint8_t *bytes = arena_alloc(arena, 2 * text.len);
    splitter_t splitter = {
        .items = arena_alloc(arena, size * sizeof(found_t)),
        .size = size,
        .end = bytes,
    };
    size_t whole = text.len;
    while (text.len > 0 && splitter.count < splitter.size)
        if (!s_run(&splitter, &text))
            s_take(&splitter, s_next(&text));
    if (splitter.count < splitter.size)
        s_end(&splitter);
    assert((size_t)(splitter.end - bytes) <= 2 * whole);
    return s_distinct(&splitter, arena);
}

words_t words_asked(slice_t text, arena_t *arena)
{
    words_t words = words_of(text, arena);
    slice_t *items = arena_alloc(arena, words.count * sizeof *items);
    size_t kept = 0;
    for (size_t i = 0; i < words.count; i++)
        if (i + 1 == words.count || !slice_starts(words.items[i + 1], words.items[i]))
            items[kept++] = words.items[i];
    return (words_t){items, kept};
}

size_t word_beginning(slice_t word, size_t chars)
{
    size_t len = 0;
    while (len < word.len && chars-- > 0)
        do
            len++;
        while (len < word.len && (word.ptr[len] & 0xc0) == 0x80);
    return len;
}
