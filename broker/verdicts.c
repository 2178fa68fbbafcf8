/* verdicts.c - a sender's commands of all rooms are one short list, in which its lines are found
 * by looking; those that are open are another list, by age, in which the deadlines are. */
#include "broker/verdicts.h"

#include <assert.h>

#include "schema/map.h"
#include "schema/mem.h"

struct verdicts {
    map_t *tickets; /* ticket → plea that is open */
    map_t *senders; /* account → its first plea */
    plea_t *oldest;
    plea_t *newest;
    uint64_t last_ticket;
    size_t count;
    size_t bytes;
};

verdicts_t *verdicts_new(void)
{
    verdicts_t *verdicts = mem_new(verdicts_t);
    verdicts->tickets = map_new();
    verdicts->senders = map_new();
    return verdicts;
}

void plea_destroy(plea_t **plea_p)
{
    plea_t *plea = *plea_p;
    if (plea == NULL)
        return;
    *plea_p = NULL;
    buf_free(&plea->call);
    buf_free(&plea->words);
    mem_free(plea);
}

static void s_free_list(plea_t *first)
{
    while (first != NULL) {
        plea_t *plea = first;
        first = plea->behind;
        plea_destroy(&plea);
    }
}

void verdicts_destroy(verdicts_t **verdicts_p)
{
    verdicts_t *verdicts = *verdicts_p;
    uint64_t sender;
    void *first;
    if (verdicts == NULL)
        return;
    *verdicts_p = NULL;
    for (size_t at = 0; map_next(verdicts->senders, &at, &sender, &first);)
        s_free_list(first);
    map_destroy(&verdicts->tickets);
    map_destroy(&verdicts->senders);
    mem_free(verdicts);
}

size_t verdicts_count(const verdicts_t *verdicts)
{
    return verdicts->count;
}

bool verdicts_hold(const verdicts_t *verdicts, uint64_t sender, uint64_t room)
{
    const plea_t *plea = map_get(verdicts->senders, sender);
    while (plea != NULL && plea->room != room)
        plea = plea->behind;
    return plea != NULL;
}

/* ---- coming ---- */

static err_t s_join(verdicts_t *verdicts, plea_t *plea)
{
    plea_t *last = map_get(verdicts->senders, plea->sender);
    if (last == NULL) {
        map_put(verdicts->senders, plea->sender, plea);
        return ERR_OK;
    }
    size_t count = 1;
    for (; last->behind != NULL; count++)
        last = last->behind;
    if (count >= LIMIT_JUDGED_SENDER)
        return ERR_TOO_MANY;
    last->behind = plea;
    return ERR_OK;
}

static void s_open(verdicts_t *verdicts, plea_t *plea)
{
    plea->ticket = ++verdicts->last_ticket;
    map_put(verdicts->tickets, plea->ticket, plea);
    plea->older = verdicts->newest;
    *(plea->older != NULL ? &plea->older->newer : &verdicts->oldest) = plea;
    verdicts->newest = plea;
    verdicts->count++;
    verdicts->bytes += plea->call.len;
}

err_t verdicts_add(verdicts_t *verdicts, const call_t *call, uint64_t room, int64_t deadline,
                   plea_t **ret_plea)
{
    if (verdicts->count >= LIMIT_JUDGED || verdicts->bytes + call->bytes.len > LIMIT_JUDGED_BYTES)
        return ERR_UNAVAILABLE;
    plea_t *plea = mem_new(plea_t);
    plea->sender = call->principal;
    plea->room = room;
    plea->deadline = deadline;
    err_t err = s_join(verdicts, plea);
    if (err != ERR_OK) {
        plea_destroy(&plea);
        return err;
    }
    buf_append(&plea->call, call->bytes);
    s_open(verdicts, plea);
    *ret_plea = plea;
    return ERR_OK;
}

/* ---- waiting ---- */

plea_t *verdicts_find(const verdicts_t *verdicts, uint64_t ticket)
{
    return map_get(verdicts->tickets, ticket);
}

plea_t *verdicts_oldest(const verdicts_t *verdicts)
{
    return verdicts->oldest;
}

plea_t *verdicts_oldest_of(const verdicts_t *verdicts, uint64_t bot)
{
    plea_t *plea = verdicts->oldest;
    while (plea != NULL && plea->asked != bot)
        plea = plea->newer;
    return plea;
}

void verdicts_rule(plea_t *plea, ruling_t ruling, uint64_t bot, slice_t words)
{
    plea->ruling = ruling;
    plea->bot = bot;
    buf_reset(&plea->words);
    buf_append(&plea->words, words);
}

void verdicts_close(verdicts_t *verdicts, plea_t *plea)
{
    assert(!plea->closed);
    plea->closed = true;
    *(plea->older != NULL ? &plea->older->newer : &verdicts->oldest) = plea->newer;
    *(plea->newer != NULL ? &plea->newer->older : &verdicts->newest) = plea->older;
    plea->older = plea->newer = NULL;
    map_remove(verdicts->tickets, plea->ticket);
}

/* ---- going ---- */

static void s_leave(verdicts_t *verdicts, plea_t *before, plea_t *plea)
{
    if (before != NULL)
        before->behind = plea->behind;
    else if (plea->behind != NULL)
        map_put(verdicts->senders, plea->sender, plea->behind);
    else
        map_remove(verdicts->senders, plea->sender);
    plea->behind = NULL;
    verdicts->count--;
    verdicts->bytes -= plea->call.len;
}

plea_t *verdicts_take(verdicts_t *verdicts, uint64_t sender, uint64_t room)
{
    plea_t *before = NULL, *plea = map_get(verdicts->senders, sender);
    for (; plea != NULL && plea->room != room; plea = plea->behind)
        before = plea;
    if (plea == NULL || !plea->closed)
        return NULL;
    s_leave(verdicts, before, plea);
    return plea;
}
