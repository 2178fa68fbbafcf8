/* order.c - strands, one for each person and room, which a deed joins at the end.
 *
 * A strand knows the last deed that everything behind it waits for, its fence, and those since
 * which wait for the fence but not for each other.  Tasks are named by their numbers there, as
 * their places are used again. */
#include "tools/kith/into/order.h"

#include <assert.h>

#include "schema/map.h"
#include "schema/mem.h"

enum { AFTER_FIRST = 4, BESIDE_FIRST = 8 };

typedef struct strand {
    uint64_t fence;
    uint64_t *beside;
    size_t beside_count;
    size_t beside_size;
} strand_t;

struct order {
    task_t *tasks; /* number n is at n % size */
    size_t size;
    bool loose;
    uint64_t last; /* number */
    size_t count;  /* on the way */
    map_t *people;
    map_t *rooms;
    map_t *said; /* by room: a map of sequences to the numbers of what posts them; if loose */
    task_t *ready;
    task_t **ready_end;
};

order_t *order_new(size_t size, bool loose)
{
    order_t *order = mem_new(order_t);
    *order = (order_t){
        .tasks = mem_zeroed(size * sizeof(task_t)),
        .size = size,
        .loose = loose,
        .people = map_new(),
        .rooms = map_new(),
        .said = map_new(),
    };
    order->ready_end = &order->ready;
    return order;
}

static void s_free_strands(map_t **strands_p)
{
    uint64_t key;
    void *value;
    for (size_t at = 0; map_next(*strands_p, &at, &key, &value);) {
        mem_free(((strand_t *)value)->beside);
        mem_free(value);
    }
    map_destroy(strands_p);
}

void order_destroy(order_t **order_p)
{
    order_t *order = TAKE(*order_p);
    uint64_t key;
    void *value;
    if (order == NULL)
        return;
    for (size_t i = 0; i < order->size; i++) {
        arena_destroy(&order->tasks[i].arena);
        mem_free(order->tasks[i].after);
    }
    for (size_t at = 0; map_next(order->said, &at, &key, &value);)
        map_destroy((map_t **)&value);
    s_free_strands(&order->people);
    s_free_strands(&order->rooms);
    map_destroy(&order->said);
    mem_free(order->tasks);
    mem_free(order);
}

/* ---- who waits for whom ---- */

static task_t *s_at(const order_t *order, uint64_t number)
{
    return &order->tasks[number % order->size];
}

/* Whether it is on the way still. */
static bool s_is_open(const order_t *order, uint64_t number)
{
    return number != 0 && s_at(order, number)->number == number;
}

static void s_wait(order_t *order, task_t *task, uint64_t number)
{
    if (!s_is_open(order, number) || number == task->number)
        return;
    task_t *before = s_at(order, number);
    if (before->after_count == before->after_size) {
        before->after_size = before->after_size > 0 ? 2 * before->after_size : AFTER_FIRST;
        before->after = mem_grow(before->after, before->after_size * sizeof(task_t *));
    }
    before->after[before->after_count++] = task;
    task->waits += 1;
}

static strand_t *s_strand(map_t *strands, uint64_t key)
{
    strand_t *strand = map_get(strands, key);
    if (strand == NULL)
        map_put(strands, key, strand = mem_new(strand_t));
    return strand;
}

/* Those that are done leave before the list grows. */
static void s_put_beside(order_t *order, strand_t *strand, uint64_t number)
{
    size_t open = 0;
    if (strand->beside_count == strand->beside_size) {
        for (size_t i = 0; i < strand->beside_count; i++)
            if (s_is_open(order, strand->beside[i]))
                strand->beside[open++] = strand->beside[i];
        strand->beside_count = open;
        strand->beside_size = open > 0 ? 2 * open : BESIDE_FIRST;
        strand->beside = mem_grow(strand->beside, strand->beside_size * sizeof *strand->beside);
    }
    strand->beside[strand->beside_count++] = number;
}

/* Behind all that is in the strand; or beside what is since its fence. */
static void s_join(order_t *order, strand_t *strand, task_t *task, bool beside)
{
    s_wait(order, task, strand->fence);
    if (beside) {
        s_put_beside(order, strand, task->number);
        return;
    }
    for (size_t i = 0; i < strand->beside_count; i++)
        s_wait(order, task, strand->beside[i]);
    strand->beside_count = 0;
    strand->fence = task->number;
}

/* ---- loose rooms ---- */

/* What people say beside each other, and the messages that it is about. */
static bool s_is_said(const deed_t *deed, uint64_t about[2])
{
    about[0] = about[1] = 0;
    switch ((int)deed->call) {
    case CALL_room_post:
        about[0] = ((const room_post_call_t *)deed->args)->reply_to;
        about[1] = ((const room_post_call_t *)deed->args)->thread;
        return true;
    case CALL_message_react:
    case CALL_message_unreact:
        about[0] = ((const message_react_call_t *)deed->args)->seq;
        return true;
    case CALL_room_read:
        about[0] = ((const room_read_call_t *)deed->args)->seq;
        return true;
    default:
        return false;
    }
}

static map_t *s_said_in(order_t *order, uint64_t room)
{
    map_t *said = map_get(order->said, room);
    if (said == NULL)
        map_put(order->said, room, said = map_new());
    return said;
}

static void s_join_loose(order_t *order, task_t *task)
{
    uint64_t about[2];
    const deed_t *deed = &task->deed;
    bool beside = s_is_said(deed, about);
    map_t *said = s_said_in(order, deed->room);
    for (size_t i = 0; i < COUNT_OF(about); i++)
        s_wait(order, task, (uintptr_t)map_get(said, about[i]));
    s_join(order, s_strand(order->rooms, deed->room), task, beside);
    if (deed->seq != 0)
        map_put(said, deed->seq, (void *)(uintptr_t)task->number);
}

/* ---- adding ---- */

bool order_room(const order_t *order)
{
    return s_at(order, order->last + 1)->number == 0;
}

size_t order_count(const order_t *order)
{
    return order->count;
}

static void s_make_ready(order_t *order, task_t *task)
{
    task->next = NULL;
    *order->ready_end = task;
    order->ready_end = &task->next;
}

static void s_join_strands(order_t *order, task_t *task)
{
    const deed_t *deed = &task->deed;
    if (deed->doer != 0)
        s_join(order, s_strand(order->people, deed->doer), task, false);
    if (deed->whom != 0 && deed->whom != deed->doer && deed->call != CALL_room_post)
        s_join(order, s_strand(order->people, deed->whom), task, false);
    if (deed->room != 0 && order->loose)
        s_join_loose(order, task);
    else if (deed->room != 0)
        s_join(order, s_strand(order->rooms, deed->room), task, false);
}

task_t *order_add(order_t *order, const deed_t *deed, arena_t **arena_p)
{
    assert(order_room(order));
    task_t *task = s_at(order, ++order->last);
    arena_t *spare = task->arena;
    *task = (task_t){
        .deed = *deed,
        .arena = TAKE(*arena_p),
        .number = order->last,
        .after = task->after,
        .after_size = task->after_size,
    };
    *arena_p = spare != NULL ? spare : arena_new();
    arena_reset(*arena_p);
    order->count += 1;
    s_join_strands(order, task);
    if (task->waits == 0)
        s_make_ready(order, task);
    return task;
}

/* ---- doing ---- */

task_t *order_next(order_t *order)
{
    task_t *task = order->ready;
    if (task == NULL)
        return NULL;
    order->ready = task->next;
    if (order->ready == NULL)
        order->ready_end = &order->ready;
    task->next = NULL;
    return task;
}

void order_put_back(order_t *order, task_t *task)
{
    task->next = order->ready;
    if (order->ready == NULL)
        order->ready_end = &task->next;
    order->ready = task;
}

void order_done(order_t *order, task_t *task)
{
    assert(task->number != 0);
    task->number = 0;
    order->count -= 1;
    for (size_t i = 0; i < task->after_count; i++) {
        assert(task->after[i]->waits > 0);
        if (--task->after[i]->waits == 0)
            s_make_ready(order, task->after[i]);
    }
    task->after_count = 0;
}
