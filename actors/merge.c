/* merge.c - two sorted runs of rows, taken in turn.
 *
 *   disk      a  c  d  f          the smaller key goes first;
 *   memory       c' e  f(gone)    of equal ones memory's row is the one that counts
 *   seen      a  c' d  e
 *
 * The dirty rows are sorted once a walk.  There are few: while the disk takes nothing, the
 * journal takes nothing either. */
#include "actors/merge.h"

typedef struct row {
    slice_t key;
    slice_t value; /* the zero slice: deleted */
} row_t;

/* The dirty rows of a range, in key order. */
typedef struct run {
    slice_t from;
    slice_t to;
    row_t *rows;
    size_t count;
    size_t size;
} run_t;

typedef struct merge {
    level_range_t range;
    row_t disk;
    bool has_disk;
    run_t run;
    size_t left; /* of the run */
    bool reverse;
} merge_t;

static void s_gather(void *ctx, slice_t key, slice_t value)
{
    run_t *run = ctx;
    bool before = run->from.ptr != NULL && slice_compare(key, run->from) < 0;
    if (before || (run->to.ptr != NULL && slice_compare(key, run->to) >= 0))
        return;
    if (run->count == run->size) {
        run->size = run->size > 0 ? run->size * 2 : 64;
        run->rows = mem_grow(run->rows, run->size * sizeof *run->rows);
    }
    run->rows[run->count++] = (row_t){key, value};
}

static void s_next_disk(merge_t *merge)
{
    merge->has_disk = level_range_next(&merge->range, &merge->disk.key, &merge->disk.value);
}

/* Which comes next: below 0 the disk's row, above 0 memory's, 0 memory's for both. */
static int s_order(const merge_t *merge, const row_t *memory)
{
    if (!merge->has_disk || memory == NULL)
        return merge->has_disk ? -1 : 1;
    int order = slice_compare(merge->disk.key, memory->key);
    return merge->reverse ? -order : order;
}

static const row_t *s_next_memory(const merge_t *merge)
{
    if (merge->left == 0)
        return NULL;
    size_t place = merge->reverse ? merge->left - 1 : merge->run.count - merge->left;
    return &merge->run.rows[place];
}

static void s_walk(merge_t *merge, merge_each_fn *each, void *ctx)
{
    bool goes_on = true;
    s_next_disk(merge);
    while (goes_on && (merge->has_disk || merge->left > 0)) {
        const row_t *memory = s_next_memory(merge);
        int order = s_order(merge, memory);
        const row_t *row = order < 0 ? &merge->disk : memory;
        goes_on = row->value.ptr == NULL || each(ctx, row->key, row->value);
        if (order <= 0)
            s_next_disk(merge);
        if (order >= 0)
            merge->left--;
    }
}

err_t merge_scan(level_t *level, const overlay_t *overlay, slice_t from, slice_t to, bool reverse,
                 merge_each_fn *each, void *ctx)
{
    merge_t merge = {.run = {.from = from, .to = to}, .reverse = reverse};
    if (overlay_dirty(overlay) > 0)
        overlay_each_dirty(overlay, s_gather, &merge.run);
    merge.left = merge.run.count;
    level_range_open(level, from, to, reverse, &merge.range);
    s_walk(&merge, each, ctx);
    mem_free(merge.run.rows);
    return level_range_close(&merge.range);
}
