/* scribe_talk.c - the pair between the broker and the scribe, and the broker's end of it. */
#include <assert.h>

#include "broker/scribe_parts.h"
#include "schema/pack.h"

/* The pair's queue is bounded; the broker always reads, so waiting ends. */
void scribe_say(bus_t *bus, buf_t *message)
{
    while (bus_send(bus, message) != ERR_OK)
        bus_wait(NULL, 0, 1);
}

void scribe_say_op(bus_t *bus, op_t op)
{
    buf_t message = {0};
    buf_append_byte(&message, (uint8_t)op);
    scribe_say(bus, &message);
}

void scribe_put64(buf_t *out, uint64_t number)
{
    wide_put64(buf_reserve(out, 8), number);
    out->len += 8;
}

void scribe_take64(slice_t *in, uint64_t *ret_number)
{
    assert(in->len >= 8);
    *ret_number = wide_get64(in->ptr);
    *in = slice_from(*in, 8);
}

/* ---- the broker's side ---- */

void scribe_append(scribe_t *scribe, slice_t records)
{
    buf_t message = {0};
    buf_append_byte(&message, OP_APPEND);
    buf_append(&message, records);
    scribe_say(scribe_bus(scribe), &message);
}

void scribe_fetch(scribe_t *scribe, const page_order_t *order)
{
    buf_t message = {0};
    buf_append_byte(&message, OP_FETCH);
    scribe_put64(&message, order->ticket);
    scribe_put64(&message, order->from);
    scribe_put64(&message, order->rooms.count);
    scribe_put64(&message, order->accounts.count);
    for (size_t i = 0; i < order->rooms.count; i++)
        scribe_put64(&message, order->rooms.items[i]);
    for (size_t i = 0; i < order->accounts.count; i++)
        scribe_put64(&message, order->accounts.items[i]);
    scribe_say(scribe_bus(scribe), &message);
}

void scribe_prepare(scribe_t *scribe)
{
    scribe_say_op(scribe_bus(scribe), OP_PREPARE);
}

void scribe_keep(scribe_t *scribe, slice_t snapshot)
{
    buf_t message = {0};
    buf_append_byte(&message, OP_KEEP);
    buf_append(&message, snapshot);
    scribe_say(scribe_bus(scribe), &message);
}

static void s_deliver_kept(router_t *router, slice_t in)
{
    uint64_t status;
    scribe_take64(&in, &status);
    router_snapshot_kept(router, (err_t)status, in);
}

static void s_deliver_page(router_t *router, slice_t in)
{
    uint64_t ticket, status, next;
    scribe_take64(&in, &ticket);
    scribe_take64(&in, &status);
    scribe_take64(&in, &next);
    router_page(router, ticket, (err_t)status, next, in);
}

static void s_deliver_commit(router_t *router, slice_t in)
{
    uint64_t took_us;
    scribe_take64(&in, &took_us);
    router_timed(router, took_us);
    router_committed(router, in);
}

bool scribe_deliver(scribe_t *scribe, router_t *router)
{
    uint32_t peer;
    slice_t message;
    if (!bus_receive(scribe_bus(scribe), &peer, &message))
        return false;
    slice_t rest = slice_from(message, 1);
    switch ((op_t)message.ptr[0]) {
    case OP_COMMITTED:
        s_deliver_commit(router, rest);
        return true;
    case OP_PAGE:
        s_deliver_page(router, rest);
        return true;
    case OP_SUSPENDED:
        router_suspend(router);
        return true;
    case OP_REOPENED:
        router_reopened(router, wide_get64(rest.ptr));
        return true;
    case OP_WANTED:
        router_snapshot_begin(router);
        return true;
    case OP_KEPT:
        s_deliver_kept(router, rest);
        return true;
    case OP_CUT:
        router_cut(router, wide_get64(rest.ptr));
        return true;
    case OP_APPEND:
    case OP_FETCH:
    case OP_QUIT:
    case OP_PREPARE:
    case OP_KEEP:
        return true;
    }
    return true;
}
