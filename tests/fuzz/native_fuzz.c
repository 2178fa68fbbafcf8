/* native_fuzz.c - any bytes, as a frame of the native WebSocket.
 *
 * Whatever comes, a frame ends in exactly one thing: a call whose arguments keep the
 * schema, a frame that can be parsed, or a close. */
#include "tests/fuzz/dialect_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dialect_frame_try(&native_dialect, slice_new(data, size));
    return 0;
}
