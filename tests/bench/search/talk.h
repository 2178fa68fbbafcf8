/* talk.h - what a thousand rooms say: words as often as in any language, the n-th most
 * frequent one n times as seldom as the first. */
#ifndef TESTS_BENCH_SEARCH_TALK_H
#define TESTS_BENCH_SEARCH_TALK_H

#include "schema/buf.h"

/* In every message; in the given message alone. */
#define TALK_COMMON "the"
void talk_unique(buf_t *out, unsigned message);

/* Pseudo-random numbers that are the same in every run. */
typedef struct talk {
    uint64_t state;
} talk_t;

uint64_t talk_number(talk_t *talk, uint64_t below);

/* A word of the vocabulary, frequent ones more often; with a rank of its own. */
void talk_word(talk_t *talk, buf_t *out);
void talk_rank(buf_t *out, uint64_t rank);

/* A message: 3 to 24 words. */
void talk_message(talk_t *talk, buf_t *out, unsigned message);

#endif
