/* chatapi_fuzz.c - any bytes, as a frame of ChatAPI's WebSocket; as in native_fuzz.c. */
#include "tests/fuzz/dialect_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dialect_frame_try(&chatapi_dialect, slice_new(data, size));
    return 0;
}
