/* row.c - an array of links; a few of them have their segment open.
 *
 *     closed ── closed ── closed ── growing
 *     opened when read, OPEN_MOST at once in all; the least lately used goes first */
#include "broker/row.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/log.h"

enum { OPEN_MOST = 4 /* segments; each holds the indexes of its tables, and a cache */ };

/* A segment of the row; its folder exists whether or not it is open. */
typedef struct link {
    uint64_t first;
    segment_t *segment; /* NULL: closed */
    uint64_t used;      /* turn of its last use */
    uint64_t bytes;     /* of a closed one's files; 0: not looked at yet */
} link_t;

struct row {
    char *path;
    fault_t *fault; /* the journal's */
    link_t *links;
    size_t count;
    size_t size;   /* links allocated */
    uint64_t turn; /* counts uses */
};

static void s_add(row_t *row, uint64_t first)
{
    if (row->count == row->size) {
        row->size = row->size > 0 ? row->size * 2 : 8;
        row->links = mem_grow(row->links, row->size * sizeof(link_t));
    }
    row->links[row->count++] = (link_t){.first = first};
}

static int s_compare(const void *a, const void *b)
{
    const link_t *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

err_t row_open(const char *path, fault_t *fault, row_t **ret_row)
{
    DIR *folder = opendir(path);
    if (folder == NULL && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (folder == NULL) {
        log_error("journal", "%s: %s", path, strerror(errno));
        return ERR_STORAGE;
    }
    row_t *row = mem_new(row_t);
    row->path = mem_text(path);
    row->fault = fault;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (segment_named(entry->d_name) > 0)
            s_add(row, segment_named(entry->d_name));
    closedir(folder);
    if (row->count > 1)
        qsort(row->links, row->count, sizeof(link_t), s_compare);
    *ret_row = row;
    return ERR_OK;
}

void row_close(row_t **row_p)
{
    row_t *row = *row_p;
    if (row == NULL)
        return;
    for (size_t i = 0; i < row->count; i++)
        segment_close(&row->links[i].segment);
    mem_free(row->links);
    mem_free(row->path);
    mem_free(row);
    *row_p = NULL;
}

size_t row_count(const row_t *row)
{
    return row->count;
}

uint64_t row_first(const row_t *row, size_t place)
{
    assert(place < row->count);
    return row->links[place].first;
}

size_t row_place(const row_t *row, uint64_t seq)
{
    assert(row->count > 0 && row->links[0].first <= seq);
    size_t low = 0, high = row->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (row->links[middle].first <= seq)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Close the segment whose last use is longest ago, if no more may be open.  The
 * last of the row is spared: it grows. */
static void s_make_room(row_t *row)
{
    link_t *oldest = NULL;
    size_t open = 1;
    for (link_t *link = row->links; link < row->links + row->count - 1; link++) {
        if (link->segment == NULL)
            continue;
        open++;
        if (oldest == NULL || link->used < oldest->used)
            oldest = link;
    }
    if (oldest != NULL && open >= OPEN_MOST)
        segment_close(&oldest->segment);
}

err_t row_use(row_t *row, size_t place, segment_t **ret_segment)
{
    assert(place < row->count);
    link_t *link = &row->links[place];
    bool growing = place == row->count - 1;
    err_t err = ERR_OK;
    if (link->segment == NULL) {
        s_make_room(row);
        err = segment_open(row->path, link->first, growing, row->fault, &link->segment);
    }
    if (err != ERR_OK)
        return err;
    link->used = ++row->turn;
    *ret_segment = link->segment;
    return ERR_OK;
}

err_t row_extend(row_t *row, uint64_t first)
{
    err_t err = segment_create(row->path, first);
    if (err != ERR_OK)
        return err;
    if (row->count > 0) {
        segment_close(&row->links[row->count - 1].segment);
        row->links[row->count - 1].bytes = 0; /* it was growing */
    }
    s_add(row, first);
    return ERR_OK;
}

bool row_can_reopen(const row_t *row)
{
    return row->count == 0 || segment_has_room(row->path, row->links[row->count - 1].first);
}

const char row_cut_name[] = "cut";

err_t row_cut(row_t *row)
{
    assert(row->count > 1);
    segment_close(&row->links[0].segment);
    err_t err = segment_rename(row->path, row->links[0].first, row_cut_name);
    if (err != ERR_OK)
        return err;
    row->count--;
    memmove(row->links, row->links + 1, row->count * sizeof *row->links);
    return ERR_OK;
}

uint64_t row_bytes_at(row_t *row, size_t place)
{
    assert(place < row->count);
    link_t *link = &row->links[place];
    bool growing = place == row->count - 1;
    if (link->bytes == 0 || growing)
        link->bytes = segment_disk_bytes(row->path, link->first);
    return link->bytes;
}

uint64_t row_disk_bytes(row_t *row)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < row->count; i++)
        bytes += row_bytes_at(row, i);
    return bytes;
}
