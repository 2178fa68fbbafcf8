/* docket.c - a ring without gaps: striking moves up what lies before. */
#include "broker/docket.h"

#include "schema/mem.h"

enum { SIZE_FIRST = 64 };

static errand_t *s_at(const docket_t *docket, size_t index)
{
    return &docket->items[(docket->first + index) & (docket->size - 1)];
}

static void s_grow(docket_t *docket)
{
    size_t size = docket->size > 0 ? docket->size * 2 : SIZE_FIRST;
    errand_t *items = mem_grow(NULL, size * sizeof *items);
    for (size_t i = 0; i < docket->count; i++)
        items[i] = *s_at(docket, i);
    mem_free(docket->items);
    *docket = (docket_t){items, 0, docket->count, size};
}

void docket_add(docket_t *docket, errand_t errand)
{
    if (docket->count == docket->size)
        s_grow(docket);
    *s_at(docket, docket->count++) = errand;
}

static void s_drop_first(docket_t *docket)
{
    docket->first = (docket->first + 1) & (docket->size - 1);
    docket->count--;
}

void docket_strike(docket_t *docket, uint64_t origin, uint64_t corr)
{
    size_t index = 0;
    while (index < docket->count &&
           (s_at(docket, index)->corr != corr || s_at(docket, index)->origin != origin))
        index++;
    if (index == docket->count)
        return;
    for (; index > 0; index--)
        *s_at(docket, index) = *s_at(docket, index - 1);
    s_drop_first(docket);
}

bool docket_take(docket_t *docket, errand_t *ret_errand)
{
    if (docket->count == 0)
        return false;
    *ret_errand = *s_at(docket, 0);
    s_drop_first(docket);
    return true;
}

void docket_clear(docket_t *docket)
{
    mem_free(docket->items);
    *docket = (docket_t){0};
}
