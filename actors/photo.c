/* photo.c - an address says what lies there, so a profile needs no more than that. */
#include "actors/photo.h"

#include "schema/mem.h"
#include "schema/text.h"

static const struct {
    const char *type;
    const char *name;
} s_kinds[] = {
    {"image/jpeg", "photo.jpg"},
    {"image/png", "photo.png"},
    {"image/gif", "photo.gif"},
    {"image/webp", "photo.webp"},
};

enum { STEM = sizeof "photo" - 1, SIZE_DIGITS = 7 };

const char *photo_name(slice_t type)
{
    for (size_t i = 0; i < COUNT_OF(s_kinds); i++)
        if (slice_is(type, s_kinds[i].type))
            return s_kinds[i].name;
    return NULL;
}

slice_t photo_url(const file_t *photo, arena_t *arena)
{
    return arena_printf(arena, PHOTO_FOLDER "%.*s-%llu%s", SLICE_ARG(photo->id),
                        (unsigned long long)photo->size, photo_name(photo->type) + STEM);
}

static bool s_is_id(slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i], lower = byte | 0x20;
        bool letter = lower >= 'a' && lower <= 'z';
        if (!letter && !(byte >= '0' && byte <= '9') && byte != '-' && byte != '_')
            return false;
    }
    return true;
}

slice_t photo_id(slice_t url)
{
    const slice_t folder = SLICE_LIT(PHOTO_FOLDER);
    if (!slice_starts(url, folder) || url.len <= folder.len + LIMIT_FILE_ID)
        return (slice_t){0};
    slice_t id = slice_new(url.ptr + folder.len, LIMIT_FILE_ID);
    return s_is_id(id) && id.ptr[LIMIT_FILE_ID] == '-' ? id : (slice_t){0};
}

bool photo_at(slice_t url, file_t *ret_photo)
{
    slice_t id = photo_id(url);
    if (id.len == 0)
        return false;
    slice_t rest =
        slice_new(id.ptr + id.len + 1, (size_t)(url.ptr + url.len - id.ptr) - id.len - 1);
    const uint8_t *dot = memchr(rest.ptr, '.', rest.len);
    size_t digits = dot != NULL ? (size_t)(dot - rest.ptr) : rest.len;
    *ret_photo = (file_t){.id = id};
    if (!text_number(slice_new(rest.ptr, digits), SIZE_DIGITS, &ret_photo->size))
        return false;
    for (size_t i = 0; i < COUNT_OF(s_kinds); i++)
        if (slice_is(slice_from(rest, digits), s_kinds[i].name + STEM)) {
            ret_photo->type = slice_of(s_kinds[i].type);
            ret_photo->name = slice_of(s_kinds[i].name);
            return ret_photo->size > 0;
        }
    return false;
}
