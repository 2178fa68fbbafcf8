#include "schema/map.h"

#include <assert.h>
#include <stdbool.h>

#include "schema/mem.h"

enum { MAP_FIRST = 16 };

typedef struct slot {
    uint64_t key;
    void *value; /* NULL: free */
} slot_t;

struct map {
    slot_t *slots;
    size_t size; /* a power of two */
    size_t count;
};

static uint64_t s_seed;

void map_seed(uint64_t seed)
{
    s_seed = seed;
}

map_t *map_new(void)
{
    map_t *map = mem_new(map_t);
    map->size = MAP_FIRST;
    map->slots = mem_zeroed(map->size * sizeof(slot_t));
    return map;
}

void map_destroy(map_t **map_p)
{
    if (*map_p == NULL)
        return;
    mem_free((*map_p)->slots);
    mem_free(*map_p);
    *map_p = NULL;
}

/* The finaliser of SplitMix64: dense keys end up spread over the whole table.  Another seed
 * before it makes it another function in all bits. */
static size_t s_home(const map_t *map, uint64_t key)
{
    key += s_seed;
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
    key = (key ^ key >> 27) * 0x94d049bb133111ebu;
    return (size_t)(key ^ key >> 31) & (map->size - 1);
}

static slot_t *s_slot(const map_t *map, uint64_t key)
{
    size_t at = s_home(map, key);
    while (map->slots[at].value != NULL && map->slots[at].key != key)
        at = (at + 1) & (map->size - 1);
    return &map->slots[at];
}

void *map_get(const map_t *map, uint64_t key)
{
    return s_slot(map, key)->value;
}

static void s_grow(map_t *map)
{
    map_t old = *map;
    map->size *= 2;
    map->slots = mem_zeroed(map->size * sizeof(slot_t));
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].value != NULL)
            *s_slot(map, old.slots[i].key) = old.slots[i];
    mem_free(old.slots);
}

void map_put(map_t *map, uint64_t key, void *value)
{
    assert(value != NULL);
    if ((map->count + 1) * 3 > map->size * 2)
        s_grow(map);
    slot_t *slot = s_slot(map, key);
    map->count += slot->value == NULL;
    *slot = (slot_t){key, value};
}

/* Close the gap at `hole`: an entry behind it moves there if its home is not
 * between the two. */
static void s_close_gap(map_t *map, size_t hole)
{
    size_t mask = map->size - 1;
    for (size_t at = (hole + 1) & mask; map->slots[at].value != NULL; at = (at + 1) & mask) {
        size_t home = s_home(map, map->slots[at].key);
        bool stays = ((at - home) & mask) < ((at - hole) & mask);
        if (stays)
            continue;
        map->slots[hole] = map->slots[at];
        hole = at;
    }
    map->slots[hole].value = NULL;
}

void *map_remove(map_t *map, uint64_t key)
{
    slot_t *slot = s_slot(map, key);
    void *value = slot->value;
    if (value != NULL) {
        s_close_gap(map, (size_t)(slot - map->slots));
        map->count--;
    }
    return value;
}

size_t map_count(const map_t *map)
{
    return map->count;
}

_Bool map_next(const map_t *map, size_t *at, uint64_t *ret_key, void **ret_value)
{
    while (*at < map->size) {
        const slot_t *slot = &map->slots[(*at)++];
        if (slot->value == NULL)
            continue;
        *ret_key = slot->key;
        *ret_value = slot->value;
        return true;
    }
    return false;
}
