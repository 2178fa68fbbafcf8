#include "ws-edge/hail.h"

static bool s_is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* How many bytes the object has that begins here; 0 if its end is not among them. */
static size_t s_object_size(slice_t input)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < input.len; i++) {
        uint8_t byte = input.ptr[i];
        if (quoted && byte == '\\')
            i++;
        else if (byte == '"')
            quoted = !quoted;
        else if (!quoted && byte == '{')
            depth++;
        else if (!quoted && byte == '}' && --depth == 0)
            return i + 1;
    }
    return 0;
}

hail_state_t hail_read(slice_t input, slice_t *ret_hail)
{
    size_t start = 0, len = input.len < HAIL_SIZE_MAX ? input.len : HAIL_SIZE_MAX;
    hail_state_t unfinished = len < HAIL_SIZE_MAX ? HAIL_PART : HAIL_BAD;
    while (start < len && s_is_space(input.ptr[start]))
        start++;
    if (start == len)
        return unfinished;
    if (input.ptr[start] != '{')
        return HAIL_BAD;
    slice_t object = slice_new(input.ptr + start, len - start);
    object.len = s_object_size(object);
    if (object.len == 0)
        return unfinished;
    *ret_hail = object;
    return HAIL_WHOLE;
}
