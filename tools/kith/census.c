/* census.c - a list that is searched from the front: some hundred numbers, looked up some
 * hundred times a second. */
#include "tools/kith/census.h"

#include <stdlib.h>

#include "schema/mem.h"

typedef struct count {
    slice_t name; /* of its family */
    slice_t labels;
    uint64_t value;
} count_t;

static const count_t *s_counts(const census_t *census, size_t *ret_count)
{
    *ret_count = census->counts.len / sizeof(count_t);
    return (const count_t *)(const void *)census->counts.data;
}

void census_take(census_t *census, list_t metrics)
{
    const metric_t *items = metrics.items;
    slice_t family = {0};
    for (size_t i = 0; i < metrics.count; i++) {
        count_t count = {family, items[i].labels, items[i].value};
        if (items[i].name.len > 0)
            family = items[i].name;
        else
            buf_append(&census->counts, slice_new(&count, sizeof count));
    }
}

void census_free(census_t *census)
{
    buf_free(&census->counts);
}

uint64_t census_value(const census_t *census, const char *name, slice_t labels)
{
    size_t count;
    const count_t *counts = s_counts(census, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_is(counts[i].name, name) && slice_eq(counts[i].labels, labels))
            return counts[i].value;
    return 0;
}

bool census_next(const census_t *census, const char *name, size_t *at, slice_t *ret_labels)
{
    size_t count;
    const count_t *counts = s_counts(census, &count);
    while (*at < count && !slice_is(counts[*at].name, name))
        ++*at;
    if (*at == count)
        return false;
    *ret_labels = counts[(*at)++].labels;
    return true;
}

slice_t census_label(slice_t labels)
{
    const uint8_t *begin = labels.len > 0 ? memchr(labels.ptr, '"', labels.len) : NULL;
    if (begin == NULL)
        return labels;
    size_t len = (size_t)(labels.ptr + labels.len - begin - 1);
    const uint8_t *end = memchr(begin + 1, '"', len);
    return slice_new(begin + 1, end != NULL ? (size_t)(end - begin - 1) : len);
}

uint64_t census_growth(const census_t *now, const census_t *before, const char *name,
                       slice_t labels)
{
    uint64_t value = census_value(now, name, labels), old = census_value(before, name, labels);
    return value >= old ? value - old : value;
}

/* The bound of a bucket's label: le="0.000512", or the last one's. */
static double s_bound(slice_t labels)
{
    char text[32] = "";
    slice_t bound = census_label(labels);
    if (bound.len < sizeof text)
        memcpy(text, bound.ptr, bound.len);
    return strtod(text, NULL);
}

double census_quantile(const census_t *now, const census_t *before, const char *name, double part)
{
    slice_t labels;
    double all = (double)census_growth(now, before, name, SLICE_LIT("count"));
    double below = 0, bound = 0;
    for (size_t at = 0; all > 0 && census_next(now, name, &at, &labels);) {
        double to = s_bound(labels), up_to = (double)census_growth(now, before, name, labels);
        if (slice_is(labels, "sum") || slice_is(labels, "le=\"+Inf\""))
            break;
        if (up_to >= part * all) /* evenly spread within the bucket, for want of more */
            return bound + (to - bound) * (part * all - below) / (up_to - below);
        below = up_to;
        bound = to;
    }
    return bound;
}
