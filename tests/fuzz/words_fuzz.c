/* words_fuzz.c - any text as what is searched and as a question: its words are distinct, in order,
 * bounded, and are their own words again. */
#include <assert.h>

#include "actors/search/words.h"
#include "schema/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_check(words_t words)
{
    assert(words.count <= WORDS_MAX);
    for (size_t i = 0; i < words.count; i++) {
        slice_t word = words.items[i];
        assert(word.len > 0 && word.len <= WORD_BYTES && text_valid(word));
        assert(memchr(word.ptr, '\0', word.len) == NULL);
        size_t one = word_beginning(word, 1);
        assert(one > 0 && one <= word.len);
        if (i == 0)
            continue;
        assert(slice_compare(words.items[i - 1], word) < 0);
        assert(slice_head(words.items[i - 1]) <= slice_head(word));
    }
}

static bool s_has(words_t words, slice_t wanted)
{
    for (size_t i = 0; i < words.count; i++)
        if (slice_eq(words.items[i], wanted))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t input = slice_new(data, size);
    if (!text_valid(input))
        return 0;
    arena_t *arena = arena_new();
    words_t words = words_of(input, arena), asked = words_asked(input, arena);
    s_check(words);
    s_check(asked);
    assert(asked.count <= words.count);
    for (size_t i = 0; i < asked.count && i < 64; i++)
        assert(s_has(words, asked.items[i]));
    arena_destroy(&arena);
    return 0;
}
