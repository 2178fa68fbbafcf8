/* homes.c - sets of a few slots each, of which a new home takes the oldest. */
#include "ws-edge/homes.h"

#include <stddef.h>

#include "schema/mem.h"

enum { WAYS = 8, SETS = 4096 }; /* 512 KiB */

static const uint64_t s_kept_us = HOMES_DAYS * UINT64_C(86400) * 1000000;

typedef struct home {
    uint64_t key;
    uint64_t until_us; /* 0: a free slot */
} home_t;

struct homes {
    home_t sets[SETS][WAYS];
};

homes_t *homes_new(void)
{
    return mem_new(homes_t);
}

void homes_destroy(homes_t **homes_p)
{
    mem_free(*homes_p);
    *homes_p = NULL;
}

void homes_add(homes_t *homes, uint64_t key, uint64_t now_us)
{
    home_t *set = homes->sets[key % SETS], *oldest = &set[0];
    for (int way = 0; way < WAYS; way++) {
        if (set[way].key == key) {
            oldest = &set[way];
            break;
        }
        if (set[way].until_us < oldest->until_us)
            oldest = &set[way];
    }
    *oldest = (home_t){key, now_us + s_kept_us};
}

bool homes_has(const homes_t *homes, uint64_t key, uint64_t now_us)
{
    const home_t *set = homes->sets[key % SETS];
    for (int way = 0; way < WAYS; way++)
        if (set[way].key == key)
            return set[way].until_us > now_us;
    return false;
}
