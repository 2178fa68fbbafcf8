/* kinds.h - the kinds of questions that are asked: who asks, and for what. */
#ifndef TESTS_BENCH_MATCHING_KINDS_H
#define TESTS_BENCH_MATCHING_KINDS_H

#include "tests/bench/matching/world.h"

typedef struct question {
    uint64_t account;
    people_recommend_call_t wish;
    int pages; /* that are turned before the answer that counts */
} question_t;

typedef struct kind {
    const char *name;
    question_t (*make)(world_t *world);
} kind_t;

extern const kind_t kinds[];
extern const size_t kind_count;

question_t kind_question(const kind_t *kind, world_t *world);

#endif
