/* native_msgpack_fuzz.c - any bytes, as a frame of the subprotocol kith.v1.msgpack.
 *
 * As of native_fuzz.c, and no count in a frame makes us ask for more memory than its
 * bytes can be worth. */
#include "tests/fuzz/dialect_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dialect_frame_try(&native_msgpack_dialect, slice_new(data, size));
    return 0;
}
