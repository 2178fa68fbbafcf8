#include "ws-edge/adopted.h"

#include <sys/queue.h>

#include "schema/map.h"
#include "schema/mem.h"

typedef struct entry {
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    who_t who;
    TAILQ_ENTRY(entry) in_order;
} entry_t;

struct adopted {
    map_t *entries; /* by the first bytes of the hash */
    TAILQ_HEAD(, entry) order;
};

adopted_t *adopted_new(void)
{
    adopted_t *adopted = mem_new(adopted_t);
    adopted->entries = map_new();
    TAILQ_INIT(&adopted->order);
    return adopted;
}

static uint64_t s_key(const uint8_t hash[CRYPTO_BLAKE256_SIZE])
{
    uint64_t key;
    memcpy(&key, hash, sizeof key);
    return key;
}

static void s_forget(adopted_t *adopted, entry_t *entry)
{
    if (entry == NULL)
        return;
    map_remove(adopted->entries, s_key(entry->hash));
    TAILQ_REMOVE(&adopted->order, entry, in_order);
    mem_free(entry);
}

void adopted_destroy(adopted_t **adopted_p)
{
    adopted_t *adopted = *adopted_p;
    if (adopted == NULL)
        return;
    while (!TAILQ_EMPTY(&adopted->order))
        s_forget(adopted, TAILQ_FIRST(&adopted->order));
    map_destroy(&adopted->entries);
    mem_free(adopted);
    *adopted_p = NULL;
}

void adopted_put(adopted_t *adopted, const uint8_t hash[CRYPTO_BLAKE256_SIZE], who_t who)
{
    s_forget(adopted, map_get(adopted->entries, s_key(hash)));
    if (map_count(adopted->entries) == ADOPTED_MAX)
        s_forget(adopted, TAILQ_FIRST(&adopted->order));
    entry_t *entry = mem_new(entry_t);
    memcpy(entry->hash, hash, sizeof entry->hash);
    entry->who = who;
    map_put(adopted->entries, s_key(hash), entry);
    TAILQ_INSERT_TAIL(&adopted->order, entry, in_order);
}

bool adopted_find(const adopted_t *adopted, const uint8_t hash[CRYPTO_BLAKE256_SIZE], int64_t now,
                  who_t *ret_who)
{
    const entry_t *entry = map_get(adopted->entries, s_key(hash));
    if (entry == NULL || entry->who.expires <= now ||
        memcmp(entry->hash, hash, sizeof entry->hash) != 0)
        return false;
    *ret_who = entry->who;
    return true;
}
