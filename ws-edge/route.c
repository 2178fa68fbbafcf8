/* route.c - patterns are walked segment by segment, side by side with the path. */
#include "ws-edge/route.h"

#include <assert.h>

/* Of a print, from its lowest bit: how many segments, and hashes of the first two. */
enum { PRINT_COUNT_BITS = 8, PRINT_HASH_BITS = 28, PRINT_SEGMENTS = 2 };
#define PRINT_COUNT_MASK ((UINT64_C(1) << PRINT_COUNT_BITS) - 1)
#define PRINT_HASH_MASK ((UINT64_C(1) << PRINT_HASH_BITS) - 1)

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

/* FNV-1a, folded. */
static uint64_t s_hash(slice_t segment)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < segment.len; i++)
        hash = (hash ^ segment.ptr[i]) * 16777619u;
    return (hash ^ hash >> PRINT_HASH_BITS) & PRINT_HASH_MASK;
}

print_t route_print(slice_t path)
{
    print_t print = {.mask = PRINT_COUNT_MASK};
    slice_t segment;
    uint64_t count = 0;
    for (; s_segment(&path, &segment); count++) {
        bool told = count < PRINT_SEGMENTS && !(segment.len > 0 && segment.ptr[0] == ':');
        unsigned shift = PRINT_COUNT_BITS + (unsigned)count * PRINT_HASH_BITS;
        print.bits |= told ? s_hash(segment) << shift : 0;
        print.mask |= told ? PRINT_HASH_MASK << shift : 0;
    }
    print.bits |= count < PRINT_COUNT_MASK ? count : PRINT_COUNT_MASK;
    return print;
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
