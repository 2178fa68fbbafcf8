/* words.h - a text as the set of words that it can be found by.
 *
 * Words are runs of letters and digits, each letter small and without accents.  Scripts
 * that know no spaces, and pictures, give a word at every character: it and the next one.
 * Only the first WORD_CHARS characters of a word count, and the first WORDS_MAX words of
 * a text.  Pure: no locale, equal texts give equal words for ever (else raise the format
 * of the search actor's row). */
#ifndef ACTORS_SEARCH_WORDS_H
#define ACTORS_SEARCH_WORDS_H

#include <string.h>

#include "schema/arena.h"

enum { WORD_CHARS = 16, WORD_BYTES = 4 * WORD_CHARS, WORDS_MAX = 2048 };

/* Distinct words, ascending by their bytes. */
typedef struct words {
    const slice_t *items;
    size_t count;
} words_t;

/* The words of a well-formed text; their bytes lie in the arena. */
words_t words_of(slice_t text, arena_t *arena);

/* The words of a question: those that begin another one of it ask for nothing more, and
 * are left out. */
words_t words_asked(slice_t text, arena_t *arena);

/* Bytes of the first `chars` characters of a word; its length if it has no more. */
size_t word_beginning(slice_t word, size_t chars);

#endif
