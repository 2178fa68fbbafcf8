/* metadata_fuzz.c - any bytes as a picture: what is left holds together, and stays as it is. */
#include <assert.h>

#include "ws-edge/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EXIF_SIZE = 36 }; /* of a segment of our own, in the place of a longer one */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    buf_t once = {0}, twice = {0};
    if (metadata_strip(slice_new(data, size), &once) == ERR_OK) {
        assert(once.len <= size + EXIF_SIZE);
        err_t err = metadata_strip(buf_slice(&once), &twice);
        assert(err == ERR_OK && slice_eq(buf_slice(&once), buf_slice(&twice)));
    } else {
        assert(once.len == 0);
    }
    buf_free(&once);
    buf_free(&twice);
    return 0;
}
