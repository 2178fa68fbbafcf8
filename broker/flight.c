/* flight.c - a queue of batches, each a sequence and the replies that wait for it. */
#include "broker/flight.h"

#include <assert.h>

#include "schema/mem.h"

typedef struct batch {
    struct batch *next;
    uint64_t seq;
    bool sealed;   /* no more replies join */
    buf_t replies; /* envelopes */
} batch_t;

struct flight {
    batch_t *oldest;
    batch_t *newest;
    size_t bytes;
};

flight_t *flight_new(void)
{
    return mem_new(flight_t);
}

static void s_drop_oldest(flight_t *flight)
{
    batch_t *batch = flight->oldest;
    flight->oldest = batch->next;
    if (flight->oldest == NULL)
        flight->newest = NULL;
    flight->bytes -= batch->replies.len;
    buf_free(&batch->replies);
    mem_free(batch);
}

void flight_destroy(flight_t **flight_p)
{
    if (*flight_p == NULL)
        return;
    while (!flight_empty(*flight_p))
        s_drop_oldest(*flight_p);
    mem_free(*flight_p);
    *flight_p = NULL;
}

bool flight_empty(const flight_t *flight)
{
    return flight->oldest == NULL;
}

size_t flight_bytes(const flight_t *flight)
{
    return flight->bytes;
}

void flight_add(flight_t *flight, uint64_t seq, slice_t reply)
{
    batch_t *batch = flight->newest;
    assert(batch == NULL || seq >= batch->seq);
    if (batch == NULL || batch->sealed) {
        batch = mem_new(batch_t);
        *(flight->newest ? &flight->newest->next : &flight->oldest) = batch;
        flight->newest = batch;
    }
    batch->seq = seq;
    buf_append(&batch->replies, reply);
    flight->bytes += reply.len;
}

void flight_seal(flight_t *flight)
{
    if (flight->newest != NULL)
        flight->newest->sealed = true;
}

void flight_land(flight_t *flight, uint64_t seq, flight_leave_fn *leave, void *ctx)
{
    while (!flight_empty(flight) && flight->oldest->seq <= seq) {
        slice_t replies = buf_slice(&flight->oldest->replies);
        reply_t reply;
        while (replies.len > 0) {
            err_t err = reply_read(&replies, &reply);
            assert(err == ERR_OK); /* we wrote it */
            leave(ctx, &reply);
        }
        s_drop_oldest(flight);
    }
}
