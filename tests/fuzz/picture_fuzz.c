/* picture_fuzz.c - any bytes, as a data URI and as the address of a photo.
 *
 * What is taken in is kept under an address that says what it is. */
#include <assert.h>

#include "actors/photo.h"
#include "ws-edge/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_try_address(slice_t url)
{
    file_t photo;
    slice_t id = photo_id(url);
    assert(id.len == 0 || id.len == LIMIT_FILE_ID);
    if (photo_at(url, &photo))
        assert(slice_eq(photo.id, id) && photo.size > 0 && photo_name(photo.type) != NULL);
}

static void s_try_uri(slice_t uri)
{
    picture_t picture;
    file_t photo;
    const char *problem = NULL;
    arena_t *arena = arena_new();
    err_t err = picture_read(uri, arena, &picture, &problem);
    assert((err == ERR_OK) == (problem == NULL));
    if (err == ERR_OK)
        assert(photo_at(picture.url, &photo) && photo.size == picture.content.len);
    arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t input = slice_new(data, size);
    s_try_address(input);
    if (picture_is_data(input))
        s_try_uri(input);
    return 0;
}
