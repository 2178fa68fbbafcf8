/* answer.h - a question, what it took, and what came of it, as a line of JSON for run.py.
 *
 * Times are from the call's bytes to the reply's, by the clock and of the processor.  Days,
 * minutes and tags are as the actor reckons with them (actors/matching/trial.h). */
#ifndef TESTS_BENCH_MATCHING_ANSWER_H
#define TESTS_BENCH_MATCHING_ANSWER_H

#include "tests/bench/matching/kinds.h"

/* What there is: the kinds; how long the actor took to be ready, the longest step of that, and
 * the memory that it took. */
void answer_begin(world_t *world);

/* The next question of the kind of this number. */
void answer_put(world_t *world, uint64_t number);

#endif
