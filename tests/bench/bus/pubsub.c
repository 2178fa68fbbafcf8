/* pubsub.c - plain ZeroMQ, and nothing between the two: a PUB socket, and a SUB for each.
 *
 * XPUB is the same and tells of subscriptions, so that the first message finds them all. */
#include <zmq.h>

#include "tests/bench/bus/bus.h"
#include "tools/bench/fail.h"

static void s_open(run_t *run)
{
    run->middle = bus_bound(run, ZMQ_XPUB);
}

static void *s_subscribe(run_t *run)
{
    void *socket = bus_connected(run, ZMQ_SUB);
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    return socket;
}

static void s_await(run_t *run)
{
    const int all = 1;
    char subscription[8];
    zmq_setsockopt(run->middle, ZMQ_XPUB_VERBOSE, &all, sizeof all);
    for (unsigned i = 0; i < run->subscribers; i++)
        if (zmq_recv(run->middle, subscription, sizeof subscription, 0) < 0)
            fail("a subscription: %s", zmq_strerror(zmq_errno()));
}

static void s_publish(run_t *run)
{
    for (uint64_t i = 0; i < run->messages; i++)
        bus_put(run->middle, bus_message(), MESSAGE_BYTES, 0);
}

static void s_close(run_t *run)
{
    zmq_close(run->middle);
}

const peer_t peer_pubsub = {
    .name = "pubsub",
    .doc = "ZeroMQ, PUB to SUB",
    .open = s_open,
    .subscribe = s_subscribe,
    .await = s_await,
    .take = bus_take_one,
    .publish = s_publish,
    .close = s_close,
};
