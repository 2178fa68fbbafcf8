/* desk.c - a table of slots; those in use form a queue by age, the others a stack.
 *
 *   number of a call = times the slot was taken << 32 | slot + 1
 *
 * A query that gets no answer changed nothing and is "unavailable"; a command may
 * have been done, so its outcome is "unknown". */
#include "ws-edge/desk.h"

#include <assert.h>

#include "schema/type.h"

enum { NOWHERE = -1, SLOTS_AT_FIRST = 256 };

typedef struct slot {
    waiter_t waiter;
    uint64_t due_us;
    uint32_t taken; /* how often */
    bool busy;
    int32_t before; /* in the queue */
    int32_t after;  /* in the queue, or in the stack of free ones */
} slot_t;

struct desk {
    slot_t *slots;
    size_t size;
    size_t max;
    size_t count;
    uint64_t patience_us;
    settled_fn *settled; /* may be NULL */
    void *settled_ctx;
    int32_t oldest;
    int32_t newest;
    int32_t free;
};

desk_t *desk_new(size_t max, uint64_t patience_us)
{
    desk_t *desk = mem_new(desk_t);
    desk->max = max;
    desk->patience_us = patience_us;
    desk->oldest = desk->newest = desk->free = NOWHERE;
    return desk;
}

void desk_hear(desk_t *desk, settled_fn *settled, void *ctx)
{
    desk->settled = settled;
    desk->settled_ctx = ctx;
}

void desk_destroy(desk_t **desk_p)
{
    if (*desk_p == NULL)
        return;
    assert((*desk_p)->count == 0);
    mem_free((*desk_p)->slots);
    mem_free(*desk_p);
    *desk_p = NULL;
}

size_t desk_count(const desk_t *desk)
{
    return desk->count;
}

static bool s_grow(desk_t *desk)
{
    size_t size = desk->size == 0 ? SLOTS_AT_FIRST : 2 * desk->size;
    if (size > desk->max)
        size = desk->max;
    if (size == desk->size)
        return false;
    desk->slots = mem_grow(desk->slots, size * sizeof(slot_t));
    for (size_t i = size; i-- > desk->size;) {
        desk->slots[i] = (slot_t){.after = desk->free};
        desk->free = (int32_t)i;
    }
    desk->size = size;
    return true;
}

/* Behind all others. */
static void s_queue(desk_t *desk, int32_t at)
{
    slot_t *slot = &desk->slots[at];
    slot->before = desk->newest;
    slot->after = NOWHERE;
    *(desk->newest != NOWHERE ? &desk->slots[desk->newest].after : &desk->oldest) = at;
    desk->newest = at;
}

static void s_release(desk_t *desk, int32_t at)
{
    slot_t *slot = &desk->slots[at];
    *(slot->before != NOWHERE ? &desk->slots[slot->before].after : &desk->oldest) = slot->after;
    *(slot->after != NOWHERE ? &desk->slots[slot->after].before : &desk->newest) = slot->before;
    slot->busy = false;
    slot->after = desk->free;
    desk->free = at;
    desk->count--;
}

uint64_t desk_add(desk_t *desk, const waiter_t *waiter, uint64_t now_us)
{
    if (desk->free == NOWHERE && !s_grow(desk))
        return 0;
    int32_t at = desk->free;
    slot_t *slot = &desk->slots[at];
    desk->free = slot->after;
    slot->waiter = *waiter;
    slot->due_us = now_us + desk->patience_us;
    slot->taken++;
    slot->busy = true;
    desk->count++;
    s_queue(desk, at);
    return (uint64_t)slot->taken << 32 | ((uint64_t)at + 1);
}

/* The slot is free before its waiter hears, who may ask again at once. */
static void s_settle(desk_t *desk, int32_t at, const reply_t *reply)
{
    waiter_t waiter = desk->slots[at].waiter;
    s_release(desk, at);
    if (desk->settled != NULL)
        desk->settled(desk->settled_ctx, waiter.account);
    waiter.answer(waiter.ctx, waiter.tag, reply);
}

void desk_answer(desk_t *desk, const reply_t *reply)
{
    uint64_t place = reply->corr & UINT32_MAX;
    if (place == 0 || place > desk->size)
        return;
    const slot_t *slot = &desk->slots[place - 1];
    if (slot->busy && slot->taken == reply->corr >> 32 && slot->waiter.type == reply->type)
        s_settle(desk, (int32_t)(place - 1), reply);
}

static void s_refuse(desk_t *desk, int32_t at)
{
    uint16_t type = desk->slots[at].waiter.type;
    const call_type_t *call = call_type(type);
    err_t status = call->query ? ERR_UNAVAILABLE : ERR_UNKNOWN_OUTCOME;
    s_settle(desk, at, &(reply_t){.type = type, .status = status});
}

void desk_expire(desk_t *desk, uint64_t now_us)
{
    while (desk->oldest != NOWHERE && desk->slots[desk->oldest].due_us <= now_us)
        s_refuse(desk, desk->oldest);
}

/* Who asks again meanwhile is behind and is refused too: callers are not up by then. */
void desk_fail_all(desk_t *desk)
{
    while (desk->oldest != NOWHERE)
        s_refuse(desk, desk->oldest);
}
