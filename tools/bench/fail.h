/* fail.h - the one way in which the bench ends early.
 *
 * A measurement that something went wrong with is worth nothing, so there is
 * no error to return and nothing to recover: say what happened and exit 1, at once.
 * Who has something to put in order measures in a process of its own. */
#ifndef TOOLS_BENCH_FAIL_H
#define TOOLS_BENCH_FAIL_H

void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
