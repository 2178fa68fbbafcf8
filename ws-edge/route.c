/* route.c - patterns are walked segment by segment, side by side with the path. */
#include "ws-edge/route.h"

#include <assert.h>

/* The next segment off the front of *rest, without slashes; false at the end. */
static bool s_segment(slice_t *rest, slice_t *ret_segment)
{
    if (rest->len < 2 || rest->ptr[0] != '/') /* a slash at the end begins no segment */
        return false;
    const uint8_t *start = rest->ptr + 1;
    const uint8_t *end = memchr(start, '/', rest->len - 1);
    size_t len = end != NULL ? (size_t)(end - start) : rest->len - 1;
    *ret_segment = slice_new(start, len);
    *rest = slice_from(*rest, len + 1);
    return true;
}

bool route_matches(const route_t *route, slice_t path, slice_t params[ROUTE_PARAMS_MAX])
{
    slice_t pattern = slice_of(route->pattern);
    slice_t wanted, given;
    size_t count = 0;
    while (s_segment(&pattern, &wanted)) {
        if (!s_segment(&path, &given) || given.len == 0)
            return false;
        if (wanted.ptr[0] == ':') {
            assert(count < ROUTE_PARAMS_MAX);
            params[count++] = given;
        } else if (!slice_eq(wanted, given)) {
            return false;
        }
    }
    return path.len == 0 || slice_is(path, "/");
}

slice_t route_param_name(const route_t *route, size_t index)
{
    slice_t pattern = slice_of(route->pattern);
    slice_t segment;
    while (s_segment(&pattern, &segment))
        if (segment.ptr[0] == ':' && index-- == 0)
            return slice_from(segment, 1);
    return (slice_t){0};
}
