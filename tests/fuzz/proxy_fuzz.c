/* proxy_fuzz.c - any bytes, read as the header of the PROXY protocol.
 *
 * What is a header stays one whatever follows it, and each of its beginnings is a part:
 * so it does not matter in which pieces it arrives. */
#include <assert.h>

#include "ws-edge/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    proxy_header_t header = {0}, again = {0};
    proxy_state_t state = proxy_read(slice_new(data, size), &header);

    if (state == PROXY_PART)
        assert(size < PROXY_SIZE_MAX);
    if (state != PROXY_WHOLE)
        return 0;
    assert(header.size > 0 && header.size <= size && header.size <= PROXY_SIZE_MAX);
    assert(proxy_read(slice_new(data, header.size), &again) == PROXY_WHOLE);
    assert(again.size == header.size && again.source.kind == header.source.kind);
    assert(proxy_read(slice_new(data, header.size - 1), &again) == PROXY_PART);
    return 0;
}
