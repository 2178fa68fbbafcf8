/* hail_fuzz.c - any bytes, as the first word on a plain TCP connection, and what is in it.
 *
 * What is whole stays so whatever follows it, and each of its beginnings is a part: so it
 * does not matter in which pieces it arrives. */
#include <assert.h>

#include "ws-edge/dialects/chatbackend.h"
#include "ws-edge/hail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t hail = {0}, again = {0};
    chatbackend_entry_t entry;
    hail_state_t state = hail_read(slice_new(data, size), &hail);

    if (state == HAIL_PART)
        assert(size < HAIL_SIZE_MAX);
    if (state != HAIL_WHOLE)
        return 0;
    size_t end = (size_t)(hail.ptr - data) + hail.len;
    assert(hail.len >= 2 && hail.ptr[0] == '{' && hail.ptr[hail.len - 1] == '}');
    assert(end <= size && end <= HAIL_SIZE_MAX);
    assert(hail_read(slice_new(data, end), &again) == HAIL_WHOLE && slice_eq(hail, again));
    assert(hail_read(slice_new(data, end - 1), &again) == HAIL_PART);
    (void)chatbackend_read_entry(hail, &entry);
    return 0;
}
