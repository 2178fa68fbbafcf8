/* changes.h - what a forger does to a token that is somebody's. */
#ifndef TESTS_SECURITY_CHANGES_H
#define TESTS_SECURITY_CHANGES_H

#include "tests/security/doors.h"

enum { TEXT_MAX = 2048 };

/* A text in the making. */
typedef struct draft {
    uint8_t bytes[TEXT_MAX];
    size_t len;
} draft_t;

/* The same seed, the same changes. */
void change_seed(uint64_t seed);

/* Make something of a token, with another one at hand. */
void change(draft_t *draft, const kind_t *kind, slice_t token, slice_t other);

#endif
