/* said.c - a queue in the order of time, and a map with the last word of each.
 *
 * All say it for equally long, so who says it later stands further back.  Who says it
 * again stands twice; the map tells which of the two counts. */
#include "actors/session/said.h"

#include "schema/mem.h"

enum { SIZE_FIRST = 64 };

static const int64_t SAID_STEP_US = INT64_C(10) * 1000 * 1000;

void said_close(said_t *said)
{
    map_destroy(&said->until);
    mem_free(said->queue);
    *said = (said_t){0};
}

static said_entry_t *s_entry(const said_t *said, size_t place)
{
    return &said->queue[(said->first + place) & (said->size - 1)];
}

static void s_grow(said_t *said)
{
    said_t old = *said;
    said->size = old.size > 0 ? old.size * 2 : SIZE_FIRST;
    said->queue = mem_zeroed(said->size * sizeof *said->queue);
    for (size_t i = 0; i < old.count; i++)
        said->queue[i] = *s_entry(&old, i);
    said->first = 0;
    mem_free(old.queue);
}

static int64_t s_until(const said_t *said, uint64_t account)
{
    return said->until != NULL ? (int64_t)(uintptr_t)map_get(said->until, account) : 0;
}

bool said_set(said_t *said, uint64_t account, int64_t until)
{
    int64_t before = s_until(said, account);
    if (until == 0)
        return before != 0 && map_remove(said->until, account) != NULL;
    if (before != 0 && until - before < SAID_STEP_US)
        return false;
    if (said->until == NULL)
        said->until = map_new();
    if (said->count == said->size)
        s_grow(said);
    map_put(said->until, account, (void *)(uintptr_t)until);
    *s_entry(said, said->count++) = (said_entry_t){account, until};
    return true;
}

uint64_t said_over(said_t *said, int64_t now)
{
    while (said->count > 0 && s_entry(said, 0)->until <= now) {
        said_entry_t over = *s_entry(said, 0);
        said->first = (said->first + 1) & (said->size - 1);
        said->count--;
        if (s_until(said, over.account) == over.until) {
            map_remove(said->until, over.account);
            return over.account;
        }
    }
    return 0;
}
