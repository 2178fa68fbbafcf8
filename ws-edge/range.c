/* range.c - bytes=FIRST-LAST, bytes=FIRST- or bytes=-COUNT. */
#include "ws-edge/range.h"

#include <strings.h>

/* Digits off the front; false if there are none, or too many for a size. */
static bool s_number(slice_t *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t len = 0;
    while (len < text->len && text->ptr[len] >= '0' && text->ptr[len] <= '9')
        number = number * 10 + (uint64_t)(text->ptr[len++] - '0');
    if (len == 0 || len > 18)
        return false;
    *text = slice_from(*text, len);
    *ret_number = number;
    return true;
}

static bool s_dash(slice_t *text)
{
    if (text->len == 0 || text->ptr[0] != '-')
        return false;
    *text = slice_from(*text, 1);
    return true;
}

static bool s_read(slice_t text, range_t *range)
{
    if (s_dash(&text)) {
        range->kind = RANGE_LAST;
        return s_number(&text, &range->last) && text.len == 0;
    }
    range->kind = RANGE_FROM;
    range->last = UINT64_MAX;
    if (!s_number(&text, &range->first) || !s_dash(&text))
        return false;
    bool ends = text.len == 0 || s_number(&text, &range->last);
    return ends && text.len == 0 && range->first <= range->last;
}

range_t range_read(slice_t header)
{
    static const char unit[] = "bytes=";
    size_t len = sizeof unit - 1;
    range_t range = {0};
    bool bytes = header.len > len && strncasecmp((const char *)header.ptr, unit, len) == 0;
    if (!bytes || !s_read(slice_from(header, len), &range))
        return (range_t){RANGE_ALL};
    return range;
}

bool range_fit(const range_t *range, uint64_t size, uint64_t *ret_first, uint64_t *ret_count)
{
    uint64_t first = 0, end = size;
    if (range->kind == RANGE_LAST) {
        first = range->last < size ? size - range->last : 0;
    } else if (range->kind == RANGE_FROM) {
        first = range->first;
        end = range->last < size ? range->last + 1 : size;
    }
    if (range->kind != RANGE_ALL && first >= end)
        return false;
    *ret_first = first;
    *ret_count = end - first;
    return true;
}
