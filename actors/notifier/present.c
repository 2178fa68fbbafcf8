#include "actors/notifier/present.h"

#include <stdlib.h>

#include "schema/codec.h"

void present_open(present_t *present)
{
    present->people = map_new();
}

void present_close(present_t *present)
{
    if (present->people != NULL)
        map_destroy(&present->people);
}

/* The person's own copy of it; those for rooms say the same. */
void present_hear(present_t *present, const record_t *record)
{
    const void *body;
    fault_t fault;
    if (record->type != EVENT_presence_changed || record->room != 0 || present->people == NULL)
        return;
    arena_t *arena = arena_new();
    if (codec_unpack(record->body, shape_presence_changed_event(), arena, &fault, &body) ==
        ERR_OK) {
        const presence_changed_event_t *event = body;
        if (event->online)
            map_put(present->people, event->account, present);
        else
            (void)map_remove(present->people, event->account);
    }
    arena_destroy(&arena);
}

bool present_has(const present_t *present, uint64_t account)
{
    return present->people != NULL && map_get(present->people, account) != NULL;
}

static int s_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

ids_t present_keep(const present_t *present, arena_t *arena)
{
    size_t all = present->people != NULL ? map_count(present->people) : 0, count = 0;
    uint64_t *accounts = arena_alloc(arena, all * sizeof *accounts + 1);
    void *unused;
    for (size_t at = 0; count < all && map_next(present->people, &at, &accounts[count], &unused);)
        count++;
    qsort(accounts, count, sizeof *accounts, s_compare);
    return (ids_t){accounts, count};
}

void present_restore(present_t *present, ids_t accounts)
{
    for (size_t i = 0; i < accounts.count; i++)
        map_put(present->people, accounts.items[i], present);
}
