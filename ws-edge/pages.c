/* pages.c - a map from numbers made of ids, and the order in which pages were asked for.
 *
 * Two ids may have one number: the later page takes the place of the earlier. */
#include "ws-edge/pages.h"

#include <stdbool.h>
#include <string.h>
#include <sys/queue.h>

#include "schema/map.h"
#include "schema/mem.h"

typedef struct entry {
    page_t page; /* first, so that who holds it holds the entry */
    page_id_t id;
    size_t holders; /* the memory is one of them */
    TAILQ_ENTRY(entry) in_order;
    uint8_t bytes[];
} entry_t;

struct pages {
    map_t *entries;
    TAILQ_HEAD(, entry) order; /* asked for the longest ago first */
    size_t bytes;
};

pages_t *pages_new(void)
{
    pages_t *pages = mem_new(pages_t);
    pages->entries = map_new();
    TAILQ_INIT(&pages->order);
    return pages;
}

static void s_release(entry_t *entry)
{
    if (--entry->holders == 0)
        mem_free(entry);
}

void page_release(const page_t **page_p)
{
    if (*page_p != NULL)
        s_release((entry_t *)(uintptr_t)*page_p);
    *page_p = NULL;
}

/* Accounts, rooms and limits are small numbers. */
static uint64_t s_number(const page_id_t *id)
{
    return (id->account * UINT64_C(0x9e3779b97f4a7c15) ^ id->room) * 1000003 + id->limit;
}

static bool s_is(const entry_t *entry, const page_id_t *id)
{
    return entry->id.dialect == id->dialect && entry->id.account == id->account &&
           entry->id.room == id->room && entry->id.limit == id->limit;
}

static size_t s_size(const entry_t *entry)
{
    return sizeof *entry + entry->page.shown.len;
}

static void s_forget(pages_t *pages, entry_t *entry)
{
    map_remove(pages->entries, s_number(&entry->id));
    TAILQ_REMOVE(&pages->order, entry, in_order);
    pages->bytes -= s_size(entry);
    s_release(entry);
}

void pages_destroy(pages_t **pages_p)
{
    pages_t *pages = *pages_p;
    if (pages == NULL)
        return;
    while (!TAILQ_EMPTY(&pages->order))
        s_forget(pages, TAILQ_FIRST(&pages->order));
    map_destroy(&pages->entries);
    mem_free(pages);
    *pages_p = NULL;
}

const page_t *pages_take(pages_t *pages, const page_id_t *id)
{
    entry_t *entry = map_get(pages->entries, s_number(id));
    if (entry == NULL || !s_is(entry, id))
        return NULL;
    TAILQ_REMOVE(&pages->order, entry, in_order);
    TAILQ_INSERT_TAIL(&pages->order, entry, in_order);
    entry->holders++;
    return &entry->page;
}

static entry_t *s_entry(const page_id_t *id, const page_t *page)
{
    entry_t *entry = mem_zeroed(sizeof *entry + page->shown.len);
    memcpy(entry->bytes, page->shown.ptr, page->shown.len);
    entry->page = *page;
    entry->page.shown.ptr = entry->bytes;
    entry->id = *id;
    entry->holders = 1;
    return entry;
}

void pages_put(pages_t *pages, const page_id_t *id, const page_t *page)
{
    entry_t *before = map_get(pages->entries, s_number(id));
    entry_t *entry = s_entry(id, page);
    if (before != NULL)
        s_forget(pages, before);
    map_put(pages->entries, s_number(id), entry);
    TAILQ_INSERT_TAIL(&pages->order, entry, in_order);
    pages->bytes += s_size(entry);
    while (pages->bytes > PAGES_BYTES_MAX)
        s_forget(pages, TAILQ_FIRST(&pages->order));
}
