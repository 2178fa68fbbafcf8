/* relay.c - plain ZeroMQ with a broker: a thread with a ROUTER takes each message off a DEALER and
 * sends it on to every other one that has said it reads.
 *
 *   "r"              somebody reads from here on
 *   "m" and content  a message for all who read
 *   "e"              the end of the run */
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "tests/bench/bus/bus.h"
#include "schema/mem.h"
#include "tools/bench/fail.h"

enum { NAME_SIZE = 5 };

typedef struct relay {
    run_t *run;
    void *router;
    pthread_t thread;
    uint8_t (*readers)[NAME_SIZE];
} relay_t;

static void s_spread(relay_t *relay, zmq_msg_t *content)
{
    for (unsigned i = 0; i < relay->run->readers; i++) {
        zmq_msg_t copy;
        zmq_msg_init(&copy);
        zmq_msg_copy(&copy, content); /* shares the bytes */
        bus_put(relay->router, relay->readers[i], NAME_SIZE, ZMQ_SNDMORE);
        if (zmq_msg_send(&copy, relay->router, 0) < 0)
            fail("relaying: %s", zmq_strerror(zmq_errno()));
    }
}

static void *s_main(void *ctx)
{
    relay_t *relay = ctx;
    uint8_t name[NAME_SIZE];
    zmq_msg_t content;
    char kind = 'm';
    zmq_msg_init(&content);
    while (kind != 'e' && zmq_recv(relay->router, name, NAME_SIZE, 0) == NAME_SIZE &&
           zmq_msg_recv(&content, relay->router, 0) > 0) {
        kind = *(const char *)zmq_msg_data(&content);
        if (kind == 'm')
            s_spread(relay, &content);
        else if (kind == 'r')
            memcpy(relay->readers[relay->run->readers++], name, NAME_SIZE);
    }
    zmq_msg_close(&content);
    return NULL;
}

static void s_open(run_t *run)
{
    relay_t *relay = mem_new(relay_t);
    relay->run = run;
    relay->router = bus_bound(run, ZMQ_ROUTER);
    relay->readers = mem_zeroed(run->subscribers * sizeof *relay->readers);
    run->middle = relay;
    if (pthread_create(&relay->thread, NULL, s_main, relay) != 0)
        fail("a thread cannot be made");
}

static void *s_subscribe(run_t *run)
{
    void *socket = bus_connected(run, ZMQ_DEALER);
    bus_put(socket, "r", 1, 0);
    return socket;
}

static void s_await(run_t *run)
{
    while (run->readers < run->subscribers)
        usleep(1000);
}

static void s_publish(run_t *run)
{
    run->writer = bus_connected(run, ZMQ_DEALER);
    for (uint64_t i = 0; i < run->messages; i++)
        bus_put(run->writer, bus_message(), MESSAGE_BYTES, 0);
}

static void s_close(run_t *run)
{
    relay_t *relay = run->middle;
    bus_put(run->writer, "e", 1, 0);
    pthread_join(relay->thread, NULL);
    zmq_close(relay->router);
    mem_free(relay->readers);
    mem_free(relay);
}

const peer_t peer_relay = {
    .name = "relay",
    .doc = "ZeroMQ, DEALER to ROUTER to DEALER",
    .open = s_open,
    .subscribe = s_subscribe,
    .await = s_await,
    .take = bus_take_one,
    .publish = s_publish,
    .close = s_close,
};
