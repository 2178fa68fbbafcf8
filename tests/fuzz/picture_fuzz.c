/* picture_fuzz.c - any bytes, as a data URI and as the name of a picture.
 *
 * What is taken in can be asked for by the name that it got, in which its size stands. */
#include <assert.h>

#include "ws-edge/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_try_name(slice_t name, uint64_t expected)
{
    slice_t id;
    uint64_t bytes;
    const char *type;
    bool named = picture_named(name, &id, &bytes, &type);
    assert(named || expected == 0);
    if (named)
        assert(bytes > 0 && bytes <= PICTURE_BYTES_MAX && (expected == 0 || bytes == expected));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char folder[] = "/api/photos/";
    slice_t input = slice_new(data, size);
    picture_t picture;
    const char *problem = NULL;
    arena_t *arena = arena_new();
    s_try_name(input, 0);
    if (picture_is_data(input)) {
        err_t err = picture_read(input, arena, &picture, &problem);
        assert((err == ERR_OK) == (problem == NULL));
        if (err == ERR_OK)
            s_try_name(slice_from(picture.url, strlen(folder)), picture.content.len);
    }
    arena_destroy(&arena);
    return 0;
}
