/* stamp.h - what every payload carries: who sent it, which one it is, and when.
 *
 * Fixed-width hexadecimal behind a mark that occurs nowhere else, so that it
 * survives JSON unescaped, is patched in place and is found in any framing:
 *
 *     ~kb: ssssss nnnnnnnn tttttttttttttttt      (without the spaces)
 *          sender sequence nanoseconds */
#ifndef TOOLS_BENCH_STAMP_H
#define TOOLS_BENCH_STAMP_H

#include "schema/slice.h"

#define STAMP_MARK "~kb:"

enum {
    STAMP_MARK_BYTES = 4,
    STAMP_SENDER_DIGITS = 6,
    STAMP_SEQ_DIGITS = 8,
    STAMP_TIME_DIGITS = 16,
    STAMP_BYTES = STAMP_MARK_BYTES + STAMP_SENDER_DIGITS + STAMP_SEQ_DIGITS + STAMP_TIME_DIGITS,
};

typedef struct stamp {
    uint32_t sender; /* number of the client */
    uint32_t seq;    /* 0, 1, 2 … of this sender */
    uint64_t time_ns;
} stamp_t;

/* Write STAMP_BYTES bytes. */
void stamp_write(uint8_t *at, const stamp_t *stamp);

/* Read the stamp that `text` begins with; false if it does not. */
bool stamp_read(slice_t text, stamp_t *ret_stamp);

/* `digits` hexadecimal digits of `value`, with leading zeros. */
void stamp_hex(uint8_t *at, int digits, uint64_t value);

#endif
