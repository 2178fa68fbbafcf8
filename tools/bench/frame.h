/* frame.h - the little of RFC 6455 that a benchmark's client needs.
 *
 * Frames go out masked, as they must, but with the key 00 00 00 00: legal, and
 * masking costs nothing, so that templates are patched in place. */
#ifndef TOOLS_BENCH_FRAME_H
#define TOOLS_BENCH_FRAME_H

#include "schema/buf.h"

enum {
    FRAME_CONTINUATION = 0,
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_CLOSE = 8,
    FRAME_PING = 9,
    FRAME_PONG = 10,
};

typedef struct frame {
    uint8_t opcode;
    bool final;
    slice_t body; /* borrowed from what was read */
} frame_t;

/* Append one whole frame to `out`. */
void frame_write(buf_t *out, uint8_t opcode, slice_t body);

/* Read the frame that `bytes` begins with and return its length, head
 * included; 0 if it is not all there yet. */
size_t frame_read(slice_t bytes, frame_t *ret_frame);

#endif
