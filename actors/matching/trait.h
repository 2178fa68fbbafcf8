/* trait.h - genders and tags: words that people share, compared as numbers. */
#ifndef ACTORS_MATCHING_TRAIT_H
#define ACTORS_MATCHING_TRAIT_H

#include "schema/arena.h"
#include "schema/err.h"
#include "schema/type.h"

/* The word as it is kept: without spaces around it, A-Z in small letters. */
slice_t trait_word(slice_t text, arena_t *arena);

/* 32 bits of FNV-1a over a word, never 0; 0 for no word at all.  Whoever makes two words
 * meet on purpose gets what writing the same word would have got them. */
uint64_t trait_of(slice_t word);

/* The traits of tags, without those that come again; in the arena. */
ids_t traits_of(list_t tags, arena_t *arena);

/* The same of words with commas between them.  ERR_INVALID: more than LIMIT_TAGS. */
MUST_CHECK err_t traits_read(slice_t text, arena_t *arena, ids_t *ret_traits);

#endif
